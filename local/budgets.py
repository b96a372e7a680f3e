"""What each SQL file scans on a lake, extrapolated to the growth that is expected, beside its budget."""

from collections.abc import Iterable
from pathlib import Path

from athena_queries.analyst_file import AnalystFile
from athena_queries.engines.duckdb_engine import DuckDbEngine
from athena_queries.gold_table import read_gold_tables
from athena_queries.lake_tables import SILVER
from athena_queries.lints.budget import Scan, TableSize, measured_budgets

# A shorter history is mostly footers and the days asked for: extrapolated, every file would seem too expensive.
ENOUGH_DAYS = 180
_SPAN = "select date(min(changed_at)) as first_date, date(max(changed_at)) as last_date from silver.task_changes"


def history_days(lake: Path) -> int:
    """Return how many days of changes the lake holds, from the first to the last."""
    [span] = DuckDbEngine(lake).run(_SPAN).rows.to_pylist()
    return (span["last_date"] - span["first_date"]).days + 1 if span["first_date"] else 0


def scan_budgets(lake: Path, analyst: Iterable[AnalystFile] | None = None) -> list[Scan]:
    """Return a scan for each Gold table and analyst's file, measured on the lake with the files' own examples."""
    engine, gold = DuckDbEngine(lake), read_gold_tables()
    names = [*(table.full_name for table in SILVER), *(table.full_name for table in gold)]
    return measured_budgets(engine, {name: _size(engine, name) for name in names}, gold=gold, analyst=analyst)


def _size(engine: DuckDbEngine, name: str) -> TableSize:
    snapshot = engine.table(name).current_snapshot()
    summary = snapshot.summary if snapshot else None
    rows, size = (int((summary[key] if summary else None) or 0) for key in ("total-records", "total-files-size"))
    return TableSize(rows, size)

"""What each SQL file scans on a lake, extrapolated to the growth that is expected, beside its budget."""

from collections.abc import Iterable
from pathlib import Path

from athena_queries.analyst_file import AnalystFile
from athena_queries.engines.duckdb_engine import DuckDbEngine
from athena_queries.gold_table import read_gold_tables
from athena_queries.lake_tables import SILVER
from athena_queries.lints.budget import Scan, TableSize, measured_budgets


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

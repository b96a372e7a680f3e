"""Where each record of an input lies in a lake, layer by layer, by its id."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from validation.lakes import asked
from validation.recount import Change, Record
from validation.result import Check, same_ids


@dataclass(frozen=True)
class Layers:
    """The ids of changes and log lines in Bronze and in Silver; the quarantine's are of both."""

    bronze_changes: set[str]
    bronze_lines: set[str]
    silver_changes: set[str]
    quarantine: set[str]


def layers(lake: Path) -> Layers:
    """Return the ids that the lake's layers hold."""
    return Layers(
        bronze_changes(lake),
        _bronze_ids(lake, "api_logs", "log_event_id"),
        _ids(lake, "select event_id as id from silver.task_changes"),
        _ids(lake, "select record_id as id from silver.quarantine"),
    )


def bronze_changes(lake: Path) -> set[str]:
    """Return the ids of the changes in Bronze."""
    return _bronze_ids(lake, "task_changes", "event_id")


def _bronze_ids(lake: Path, table: str, column: str) -> set[str]:
    """Return the ids in a table's objects; the lake may have none, nor any other layer yet."""
    folder = lake / "bronze" / table
    if not folder.exists():
        return set()
    objects = f"read_parquet('{folder}/**/*.parquet', hive_partitioning = false)"
    with duckdb.connect() as connection:
        return {record_id for (record_id,) in connection.execute(f"select distinct {column} from {objects}").fetchall()}


def _ids(lake: Path, sql: str) -> set[str]:
    return {row["id"] for row in asked(lake, sql)}


def accounted(found: Layers, changes: Iterable[Change], lines: Iterable[Record]) -> list[Check]:
    """Return the checks that every change and every line is in each layer, and nothing else is."""
    change_ids, line_ids = {change.event_id for change in changes}, {line["id"] for line in lines}
    return [
        same_ids("changes of the input and of Bronze", change_ids, found.bronze_changes),
        same_ids(
            "changes of the input and of Silver with its quarantine",
            change_ids,
            found.silver_changes | found.quarantine,
        ),
        same_ids("log lines of the input and of Bronze", line_ids, found.bronze_lines),
    ]

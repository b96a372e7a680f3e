"""What the subjects made of one Bronze, to be compared: a figure counts only if all made the same."""

from pathlib import Path
from typing import Any

import duckdb

from athena_queries.engines.duckdb_engine import DuckDbEngine

_COUNTS = ("created", "updated", "started", "completed", "cancelled", "reopened", "deleted", "expired")
_DAILY = ", ".join(
    [
        *(f"cast(sum(tasks_{name}) as bigint) as tasks_{name}" for name in _COUNTS),
        "round(sum(avg_completion_hours), 3) as completion_hours",
    ]
)
_QUERY = f"""
with changes as (select count(distinct event_id) as changes from silver.task_changes),
tasks as (select count(*) as tasks, count(case when status = 'completed' then 1 end) as completed from silver.tasks),
daily as (select count(*) as user_days, {_DAILY} from silver.tasks_per_user_daily)
select * from changes cross join tasks cross join daily
"""


class DifferentResultsError(Exception):
    """Two subjects made different tables of the same Bronze: their seconds do not compare."""


def of_lake(lake: Path) -> dict[str, Any]:
    """Return the row counts and sums of a lake's Silver tables."""
    row: dict[str, Any] = DuckDbEngine(lake).run(_QUERY).rows.to_pylist()[0]
    return row


def of_folder(silver: Path) -> dict[str, Any]:
    """Return the row counts and sums of tables that are folders of Parquet files."""
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA silver")
        for table in ("task_changes", "tasks", "tasks_per_user_daily"):
            files = f"read_parquet('{silver}/{table}/**/*.parquet', union_by_name = true)"
            connection.execute(f"CREATE VIEW silver.{table} AS SELECT * FROM {files}")
        row: dict[str, Any] = connection.sql(_QUERY).to_arrow_table().to_pylist()[0]
        return row


def check_same(results: dict[str, dict[str, Any]]) -> None:
    """Raise DifferentResultsError unless all are equal."""
    (first, expected), *others = results.items()
    for name, result in others:
        if differing := {key: (expected[key], result[key]) for key in expected if expected[key] != result[key]}:
            raise DifferentResultsError(f"{first} and {name} differ: {differing}")

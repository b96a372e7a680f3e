"""For random changes of Silver, late ones too: Gold made anew for the days they touched is Gold made whole."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from athena_queries.builds.build import Build, Lake, build_gold, publish_gold
from athena_queries.builds.versions import build_names
from athena_queries.engines.duckdb_engine import DuckDbEngine
from athena_queries.gold_table import GoldTable, read_gold_tables
from data_quality.gate import Verdict
from glue_jobs.schemas.silver import API_REQUESTS, TASK_CHANGES, TASKS, TASKS_PER_USER_DAILY
from glue_jobs.schemas.table import Table
from glue_jobs.storage import iceberg

SOURCES = (TASK_CHANGES, TASKS, TASKS_PER_USER_DAILY, API_REQUESTS)
DAILY = [table for table in read_gold_tables() if table.refresh]
FIRST = datetime(2025, 9, 29, tzinfo=UTC)
# Few of each, so that increments meet the same keys and days again; midnight is nobody's day but the next one's.
HOURS = st.sampled_from([0, 1, 23, 24, 24 * 6, 24 * 7, 24 * 40])
STATUSES = st.sampled_from(["pending", "in_progress", "completed", "cancelled"])


@dataclass(frozen=True)
class Event:
    """What one hour brings to every table of Silver: a change of a task, its new state and count, and a request."""

    number: int
    user: str
    task: str
    hour: int
    age_hours: int
    status: str
    category: str | None
    code: int | None

    def rows(self) -> dict[Table, dict[str, Any]]:
        """Return the row that each table gets; all but those of `task_changes` replace one that has their key."""
        at = FIRST + timedelta(hours=self.hour)
        task = {
            "user_id": self.user,
            "task_id": self.task,
            "status": self.status,
            "category": self.category,
            "created_at": at - timedelta(hours=self.age_hours),
            "completed_at": at if self.status == "completed" else None,
        }
        change = {"event_id": f"e{self.number}", "event_name": "MODIFY", "changed_at": at, "is_ttl_delete": False}
        day = {"user_id": self.user, "activity_date": at.date()}
        counts = {field.name: 0 for field in TASKS_PER_USER_DAILY.columns if field.name.startswith("tasks_")}
        request = {"route": "/tasks", "status_code": self.code, "latency_ms": self.number}
        return {
            TASK_CHANGES: {**task, **change, "new_status": self.status},
            TASKS: {**task, "is_deleted": False, "last_changed_at": at},
            TASKS_PER_USER_DAILY: {**day, **counts, "tasks_created": self.number},
            API_REQUESTS: {"request_id": self.task, "user_id": self.user, "requested_at": at, **request},
        }


INCREMENTS = st.lists(
    st.lists(
        st.builds(
            Event,
            number=st.integers(1, 10_000),
            user=st.sampled_from(["ada", "o'neil"]),
            task=st.sampled_from(["t1", "t2", "t3", "t4"]),
            hour=HOURS,
            age_hours=HOURS,
            status=STATUSES,
            category=st.sampled_from(["work", None]),
            code=st.sampled_from([200, 404, 503, None]),
        ),
        min_size=1,
        max_size=8,
        unique_by=(lambda event: event.number, lambda event: event.task, lambda event: (event.user, event.hour)),
    ),
    min_size=2,
    max_size=3,
)


@pytest.fixture
def gold(spark: SparkSession, lake: Path) -> Iterator[Lake]:
    yield Lake(spark, DuckDbEngine(lake), f"file://{lake}", "run")
    clear(spark)


def clear(spark: SparkSession) -> None:
    for table in DAILY:
        spark.sql(f"DROP VIEW IF EXISTS lake.{table.full_name}")
        for name in build_names(spark, table.name):
            spark.sql(f"DROP TABLE lake.{name} PURGE")
    for source in SOURCES:
        spark.sql(f"DROP TABLE IF EXISTS {iceberg.name(source)} PURGE")


def bring(gold: Lake, events: list[Event]) -> None:
    rows = [event.rows() for event in events]
    for source in SOURCES:
        by_key = {tuple(row[source][column] for column in source.key): row[source] for row in rows}
        whole = [{field.name: row.get(field.name) for field in source.columns} for row in by_key.values()]
        iceberg.merge(gold.spark.createDataFrame(whole, source.columns), source, "main", {})


def built(gold: Lake, table: GoldTable) -> list[dict[str, Any]]:
    build = build_gold(gold, table)
    if isinstance(build, Build):
        publish_gold(gold, build, Verdict(table.full_name))
    return rows_of(gold, f"select * from {table.full_name}", table)


def rows_of(gold: Lake, sql: str, table: GoldTable) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = gold.engine.run(sql).rows.to_pylist()
    return sorted(rows, key=lambda row: [str(row[column]) for column in table.key])


# Few examples: a build takes as long for one row as for a thousand.
@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(increments=INCREMENTS, data=st.data())
def test_days_made_anew_and_days_carried_over_are_the_table_made_whole(
    gold: Lake, lake: Path, increments: list[list[Event]], data: st.DataObject
) -> None:
    clear(gold.spark)
    for source in SOURCES:
        iceberg.create_or_evolve(gold.spark, source, f"file://{lake}")
    for events in increments:
        bring(gold, events)
        if data.draw(st.booleans(), label="compacted"):
            gold.spark.sql(
                "CALL lake.system.rewrite_data_files(table => 'silver.tasks', options => map('rewrite-all', 'true'))"
            )
        for table in DAILY:
            assert built(gold, table) == rows_of(gold, table.sql, table), table.name

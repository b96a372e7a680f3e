"""`--FROM_DATE` and `--TO_DATE`: what arrived in these days is read again, and what is known stays as it is."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from glue_jobs.jobs import silver_api, silver_tasks
from glue_jobs.schemas.silver import API_REQUESTS, TASK_CHANGES
from glue_jobs.schemas.table import Table
from glue_jobs.storage import iceberg
from local.capture import capture
from local.options import Inputs
from tests.e2e import history
from tests.e2e.task_lake import clear, daily, states
from tests.unit.glue_jobs.log_lines import access

# The generated input's own days, which are those of the virtual clock.
DAYS = ("--FROM_DATE", "2025-10-15", "--TO_DATE", "2025-10-18")
LONG_AGO = ("--FROM_DATE", "2024-01-01", "--TO_DATE", "2024-01-31")
JOBS = {"silver_tasks": (silver_tasks, TASK_CHANGES), "silver_api": (silver_api, API_REQUESTS)}


REQUESTS = ("ada", "bob", "eve")


def request(user: str) -> dict[str, Any]:
    """Return the access line of a request named as its user, of whom each has a folder."""
    line = access(request_id=user, user_id=user, requested_at_ms=history.START * 1000)
    group = "/aws/api-gateway/todo-api/access"
    return {"logGroup": group, "logStream": "s", "id": user, "timestamp": history.START * 1000, "message": line}


@pytest.fixture(autouse=True)
def empty_lake(spark: SparkSession, lake: Path) -> None:
    clear(spark, lake)
    for table in silver_api.TABLES:
        spark.sql(f"DROP TABLE IF EXISTS {iceberg.name(table)} PURGE")


@pytest.fixture
def captured(lake: Path, tmp_path: Path) -> None:
    events = history.write(tmp_path / "in.jsonl", history.records())
    logs = history.write(tmp_path / "logs.jsonl", [*map(request, REQUESTS)])
    capture(Inputs(events, logs), lake, lambda *_: None)


@pytest.fixture
def lost(lake: Path, tmp_path: Path, captured: None) -> Callable[[], None]:
    """One object of each Bronze table holds no row when it is first read; the function puts what it held back."""
    kept: dict[Path, Path] = {}
    for table in ("task_changes", "api_logs"):
        path = sorted((lake / "bronze" / table).rglob("*.parquet"))[0]
        kept[path] = tmp_path / f"{table}.parquet"
        shutil.copy(path, kept[path])
        pq.write_table(pq.read_table(path).slice(0, 0), path)

    def put_back() -> None:
        for path, held in kept.items():
            shutil.copy(held, path)

    return put_back


def run(job: str, lake: Path, run_id: str, *options: str) -> None:
    given = ["--JOB_NAME", job, "--JOB_RUN_ID", run_id, "--LAKE", f"file://{lake}", *options]
    JOBS[job][0].main([job, *given], lambda _: None)


def rows_of(spark: SparkSession, table: Table) -> list[str]:
    rows = spark.table(iceberg.name(table)).select(table.key[0]).collect()
    return sorted(row[0] for row in rows)


def position(spark: SparkSession, table: Table) -> str | None:
    head = iceberg.head(spark, table)
    return head.read_through if head else None


@pytest.mark.parametrize("job", JOBS)
def test_what_was_read_without_its_rows_comes_in_once_when_its_day_is_read_again(
    job: str, spark: SparkSession, lake: Path, lost: Callable[[], None]
) -> None:
    lead = JOBS[job][1]
    run(job, lake, "r1")
    before, read_through = rows_of(spark, lead), position(spark, lead)
    lost()
    run(job, lake, "r2", *LONG_AGO)
    assert rows_of(spark, lead) == before, "nothing but its day brings it in"
    run(job, lake, "r3", *DAYS)
    once = rows_of(spark, lead)
    assert set(once) > set(before)
    run(job, lake, "r4", *DAYS)
    assert rows_of(spark, lead) == once
    assert position(spark, lead) == read_through, "what is read again moves no position"
    if job == "silver_tasks":
        assert daily(spark) == history.daily()
        assert states(spark) == history.states()
    else:
        assert set(once) == set(REQUESTS)


def test_what_is_new_is_read_beside_the_days_and_only_once(
    spark: SparkSession, lake: Path, tmp_path: Path, captured: None
) -> None:
    run("silver_tasks", lake, "r1")
    newer = history.records([("bob", "new", 4 * history.DAY, "pending")])
    newer[0]["eventID"] = "newer"
    capture(Inputs(history.write(tmp_path / "newer.jsonl", newer)), lake, lambda *_: None)
    before = position(spark, TASK_CHANGES)
    run("silver_tasks", lake, "r2", *DAYS)
    assert spark.table("lake.silver.task_changes").count() == len(history.STEPS) + 1
    assert position(spark, TASK_CHANGES) != before

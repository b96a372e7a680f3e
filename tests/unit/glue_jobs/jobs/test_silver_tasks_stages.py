from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from glue_jobs.jobs import silver_tasks
from glue_jobs.jobs.silver_tasks_batch import Batch
from glue_jobs.jobs.silver_tasks_stages import _tasks_within, stage_faulty, stage_task_changes, stage_tasks
from glue_jobs.jobs.write_audit_publish import Run
from glue_jobs.schemas.silver import QUARANTINE, TASK_CHANGES, TASKS
from glue_jobs.storage import iceberg, publishing
from glue_jobs.storage.days import covering_ranges

NOON = datetime(2025, 10, 15, 12, tzinfo=UTC)
IMAGE = {"status": {"S": "pending"}, "created_at": {"N": "1760529600"}}
Changes = Callable[..., Batch]


@pytest.fixture
def lake_of_tasks(spark: SparkSession, lake: Path) -> str:
    """Give a lake whose task tables are empty."""
    for table in silver_tasks.TABLES:
        spark.sql(f"DROP TABLE IF EXISTS {iceberg.name(table)} PURGE")
        iceberg.create_or_evolve(spark, table, f"file://{lake}")
    return f"file://{lake}"


def run_of(spark: SparkSession, lake: str, number: int) -> Run:
    run = Run("silver_tasks", spark, lake, str(number), silver_tasks.TABLES)
    run.begin()
    return run


@pytest.fixture
def batch(bronze_rows: Callable[..., DataFrame]) -> Changes:
    def made(*given: dict[str, Any]) -> Batch:
        rows = bronze_rows(*({"new_image": IMAGE, "changed_at": NOON, **row} for row in given))
        days = covering_ranges(row["changed_at"].date() for row in given if row.get("changed_at"))
        ranges = days or covering_ranges([NOON.date()])
        return Batch(rows, len(given), 1, ranges, [], NOON, '{"newest":"x","recent":[]}')

    return made


def test_a_change_that_comes_again_is_added_once_and_one_that_cannot_be_typed_is_not(
    spark: SparkSession, lake_of_tasks: str, batch: Changes
) -> None:
    first = run_of(spark, lake_of_tasks, 1)
    staged = stage_task_changes(first, batch({"event_id": "a"}, {"event_id": "a"}, {"event_id": "b"}))
    assert (staged.rows_in, staged.rows_out, staged.rejected, staged.deduplicated) == (3, 2, 0, 1)
    publishing.publish(spark, first.tables, first.branch)
    second = run_of(spark, lake_of_tasks, 2)
    broken = {"event_id": "broken", "new_image": {"status": {"N": "5"}}}
    arrived = batch({"event_id": "b"}, {"event_id": "c"}, broken)
    staged = stage_task_changes(second, arrived)
    assert (staged.rows_in, staged.rows_out, staged.rejected, staged.deduplicated) == (3, 1, 1, 1)
    assert sorted(row.event_id for row in second.staged(TASK_CHANGES).collect()) == ["a", "b", "c"]
    assert stage_faulty(second, arrived, staged.rejected).rows_out == 1
    assert [row.record_id for row in second.staged(QUARANTINE).collect()] == ["broken"]


@pytest.mark.parametrize("lacking", ["changed_at", "user_id", "task_id", "event_id", "event_name", "sequence_number"])
def test_a_change_that_lacks_what_tells_it_is_quarantined(
    spark: SparkSession, lake_of_tasks: str, batch: Changes, lacking: str
) -> None:
    run = run_of(spark, lake_of_tasks, 1)
    arrived = batch({"event_id": "whole"}, {"event_id": "e2", lacking: None})
    staged = stage_task_changes(run, arrived)
    stage_faulty(run, arrived, staged.rejected)
    assert [row.event_id for row in run.staged(TASK_CHANGES).collect()] == ["whole"]
    [row] = run.staged(QUARANTINE).collect()
    assert row.reason == f"{lacking} is missing"
    assert (row.record_id == "e2") == (lacking != "event_id")


def test_a_change_that_is_there_is_not_quarantined_when_it_comes_again(
    spark: SparkSession, lake_of_tasks: str, batch: Changes
) -> None:
    first = run_of(spark, lake_of_tasks, 1)
    stage_task_changes(first, batch({"event_id": "a"}))
    publishing.publish(spark, first.tables, first.branch)
    second, broken = run_of(spark, lake_of_tasks, 2), {"new_image": {"status": {"N": "5"}}}
    arrived = batch({"event_id": "a", **broken}, {"event_id": "b", **broken})
    assert stage_task_changes(second, arrived).rejected == 1
    stage_faulty(second, arrived, 1)
    assert [row.record_id for row in second.staged(QUARANTINE).collect()] == ["b"]


def test_the_latest_state_follows_the_changes_that_were_staged(
    spark: SparkSession, lake_of_tasks: str, batch: Changes
) -> None:
    run = run_of(spark, lake_of_tasks, 1)
    done = {"status": {"S": "completed"}}
    later = {
        "event_id": "b",
        "event_name": "MODIFY",
        "sequence_number": "2" * 21,
        "new_image": done,
        "old_image": IMAGE,
    }
    stage_task_changes(run, batch({"event_id": "a"}, later, {"event_id": "c", "user_id": "d'arc"}))
    assert stage_tasks(run).rows_out == 2
    found = {(row.user_id, row.status, row.last_event_id) for row in run.staged(TASKS).collect()}
    assert found == {("ada", "completed", "b"), ("d'arc", "pending", "c")}
    assert spark.table(iceberg.name(TASKS)).count() == 0


def test_few_tasks_are_a_condition_that_finds_them_whatever_their_names(spark: SparkSession) -> None:
    names = ["d'arc", "back\\slash", "\\'", 'say "x"', "line\nbreak", "🧺", "", "%_", "${x}"]
    tasks = spark.createDataFrame([(name, name) for name in names], "user_id string, task_id string")
    others = spark.createDataFrame([("other", "t"), ("arc", "arc"), ("", "t")], tasks.schema)
    target = tasks.union(others).withColumn("target", F.struct("user_id", "task_id"))
    assert sorted(row.task_id for row in target.where(_tasks_within(tasks, len(names))).collect()) == sorted(names)


@pytest.mark.parametrize(
    ("tasks", "names_users", "names_tasks"), [(200, True, True), (10_000, False, True), (10_001, False, False)]
)
def test_of_too_many_tasks_or_users_the_condition_says_less(
    spark: SparkSession, tasks: int, names_users: bool, names_tasks: bool
) -> None:
    changes = spark.range(tasks).selectExpr("concat('u', id) AS user_id", "'t' AS task_id")
    condition = _tasks_within(changes, tasks)
    assert ("target.user_id IN ('u0'" in condition, "xxhash64(target.user_id, target.task_id) IN (" in condition) == (
        names_users,
        names_tasks,
    )
    target = changes.withColumn("target", F.struct("user_id", "task_id"))
    assert target.where(condition).count() == tasks
    assert _tasks_within(changes.limit(0), 0) == "false AND false"


def test_changes_are_known_however_late_they_come_again(
    spark: SparkSession, lake_of_tasks: str, batch: Changes
) -> None:
    old = {"event_id": "old", "changed_at": NOON - timedelta(days=400)}
    first = run_of(spark, lake_of_tasks, 1)
    stage_task_changes(first, batch(old, {"event_id": "new", "changed_at": NOON}))
    publishing.publish(spark, first.tables, first.branch)
    second = run_of(spark, lake_of_tasks, 2)
    assert stage_task_changes(second, batch(old)).rows_out == 0

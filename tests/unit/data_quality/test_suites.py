"""Each suite passes rows that are right; on rows that are wrong in every way, each of its expectations fires."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from great_expectations.expectations.expectation import Expectation
from pyspark.sql import DataFrame, SparkSession

from data_quality.gate import Gate, Verdict
from data_quality.suites import quarantine, task_changes, task_throughput_daily, tasks, tasks_per_user_daily
from glue_jobs.schemas.silver import QUARANTINE, TASK_CHANGES, TASKS, TASKS_PER_USER_DAILY
from glue_jobs.schemas.table import Table

NOON = datetime(2025, 10, 15, 12, tzinfo=UTC)
DAY = date(2025, 10, 15)

CHANGE = {
    "event_id": "e1",
    "event_name": "INSERT",
    "sequence_number": "1" * 21,
    "changed_at": NOON,
    "user_id": "ada",
    "task_id": "t1",
    "is_ttl_delete": False,
    "status": "pending",
    "priority": "high",
    "created_at": NOON,
}
TASK = {
    "user_id": "ada",
    "task_id": "t1",
    "status": "pending",
    "is_deleted": False,
    "last_event_id": "e1",
    "last_sequence_number": "1" * 21,
}
COUNTS = {name: 0 for name in TASKS_PER_USER_DAILY.columns.names if name.startswith("tasks_")}
DAILY = {"activity_date": DAY, "user_id": "ada", **COUNTS, "tasks_created": 1}
BAD_ROW = {
    "event_id": "e1",
    "source": "s",
    "reason": "r",
    "raw": "{}",
    "bronze_object": "b",
    "quarantined_at": NOON,
}


def rows(spark: SparkSession, table: Table, *given: dict[str, Any]) -> DataFrame:
    empty = dict.fromkeys(table.columns.names)
    return spark.createDataFrame([{**empty, **row} for row in given], table.columns)


def verdict(tmp_path: Path, frame: DataFrame, expectations: Sequence[Expectation]) -> Verdict:
    return Gate(f"file://{tmp_path}", "run").audit("t", frame, expectations)


def all_fire(found: Verdict, expectations: Sequence[Expectation]) -> bool:
    return len(found.failures) == len(expectations) and not any("exception" in str(each) for each in found.failures)


def test_task_changes_that_are_right_pass(spark: SparkSession, tmp_path: Path) -> None:
    table = rows(spark, TASK_CHANGES, CHANGE, {**CHANGE, "event_id": "e2"})
    assert verdict(tmp_path, task_changes.audited(table, table), task_changes.expectations()).word == "pass"


def test_each_expectation_of_task_changes_fires(spark: SparkSession, tmp_path: Path) -> None:
    wrong = {"event_name": "UPSERT", "status": "archived", "priority": "asap"}
    nothing = dict.fromkeys(("user_id", "task_id", "changed_at", "created_at"))
    bad = rows(spark, TASK_CHANGES, {**CHANGE, **wrong, **nothing}, CHANGE, {**CHANGE, "event_id": None})
    assert all_fire(verdict(tmp_path, bad, task_changes.expectations()), task_changes.expectations())


def test_a_change_published_before_and_added_again_is_audited_beside_its_twin(spark: SparkSession) -> None:
    twice = rows(spark, TASK_CHANGES, CHANGE, CHANGE, {**CHANGE, "event_id": "untouched"})
    assert task_changes.audited(rows(spark, TASK_CHANGES, CHANGE), twice).count() == 2


def test_tasks_that_are_right_pass(spark: SparkSession, tmp_path: Path) -> None:
    audited = tasks.audited(rows(spark, TASK_CHANGES, CHANGE), rows(spark, TASKS, TASK))
    assert verdict(tmp_path, audited, tasks.expectations()).word == "pass"


def test_each_expectation_of_tasks_fires(spark: SparkSession, tmp_path: Path) -> None:
    newer = {**CHANGE, "event_id": "e2", "sequence_number": "1" + "0" * 21}
    missing = {**CHANGE, "task_id": "t2"}
    stale = {**TASK, "status": "archived"}
    audited = tasks.audited(rows(spark, TASK_CHANGES, newer, missing), rows(spark, TASKS, stale, stale))
    assert all_fire(verdict(tmp_path, audited, tasks.expectations()), tasks.expectations())


def test_daily_counts_that_add_up_pass(spark: SparkSession, tmp_path: Path) -> None:
    audited = tasks_per_user_daily.audited(rows(spark, TASK_CHANGES, CHANGE), rows(spark, TASKS_PER_USER_DAILY, DAILY))
    assert verdict(tmp_path, audited, tasks_per_user_daily.expectations()).word == "pass"


def test_each_expectation_of_tasks_per_user_daily_fires(spark: SparkSession, tmp_path: Path) -> None:
    too_many = {
        **DAILY,
        "tasks_completed": 2,
        "tasks_reopened": 2,
        "tasks_updated": 1,
        "avg_completion_hours": -1.0,
    }
    changes = rows(spark, TASK_CHANGES, CHANGE, {**CHANGE, "user_id": "missing"})
    audited = tasks_per_user_daily.audited(changes, rows(spark, TASKS_PER_USER_DAILY, too_many, too_many))
    found = verdict(tmp_path, audited, tasks_per_user_daily.expectations())
    assert all_fire(found, tasks_per_user_daily.expectations())


def test_a_few_quarantined_rows_pass(spark: SparkSession, tmp_path: Path) -> None:
    audited = quarantine.audited(rows(spark, QUARANTINE, BAD_ROW), rejected=1, rows_read=1000)
    assert verdict(tmp_path, audited, quarantine.expectations()).word == "pass"


def test_each_expectation_of_quarantine_fires(spark: SparkSession, tmp_path: Path) -> None:
    empty = {**BAD_ROW, **dict.fromkeys(("reason", "raw", "bronze_object"))}
    audited = quarantine.audited(rows(spark, QUARANTINE, BAD_ROW, empty), rejected=2, rows_read=10)
    assert all_fire(verdict(tmp_path, audited, quarantine.expectations()), quarantine.expectations())


def throughput(spark: SparkSession, *days: dict[str, Any]) -> DataFrame:
    columns = ["active_users", *COUNTS]
    schema = "activity_date date, " + ", ".join(f"{name} long" for name in columns) + ", avg_completion_hours double"
    empty = {**dict.fromkeys(columns, 0), "avg_completion_hours": None}
    return spark.createDataFrame([{**empty, **day} for day in days], schema)


def test_throughput_that_equals_silver_passes(spark: SparkSession, tmp_path: Path) -> None:
    daily = rows(spark, TASKS_PER_USER_DAILY, DAILY, {**DAILY, "user_id": "bob"})
    gold = throughput(spark, {"activity_date": DAY, "active_users": 2, "tasks_created": 2})
    audited = task_throughput_daily.audited(gold, lambda _: daily)
    assert verdict(tmp_path, audited, task_throughput_daily.expectations()).word == "pass"


def test_each_expectation_of_task_throughput_daily_fires(spark: SparkSession, tmp_path: Path) -> None:
    off = {"activity_date": DAY, "active_users": 9, **dict.fromkeys(COUNTS, 9), "avg_completion_hours": -1.0}
    gold = throughput(spark, off, off, {"activity_date": None})
    audited = task_throughput_daily.audited(gold, lambda _: rows(spark, TASKS_PER_USER_DAILY, DAILY))
    found = verdict(tmp_path, audited, task_throughput_daily.expectations())
    assert all_fire(found, task_throughput_daily.expectations())


def test_a_day_that_gold_forgot_fails(spark: SparkSession, tmp_path: Path) -> None:
    audited = task_throughput_daily.audited(throughput(spark), lambda _: rows(spark, TASKS_PER_USER_DAILY, DAILY))
    assert verdict(tmp_path, audited, task_throughput_daily.expectations()).word == "fail"

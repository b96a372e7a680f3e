from datetime import date
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from data_quality.gate import Verdict
from data_quality.suites.task_throughput_daily import evidence, expectations
from glue_jobs.schemas.silver import TASKS_PER_USER_DAILY
from tests.unit.data_quality.judged import failed, gold, reader, rows, verdict

DAY = date(2025, 10, 15)
COUNTS = {name: 0 for name in TASKS_PER_USER_DAILY.columns.names if name.startswith("tasks_")}
DAILY = {"activity_date": DAY, "user_id": "ada", **COUNTS, "tasks_created": 1}


def throughput(spark: SparkSession, *days: dict[str, Any]) -> DataFrame:
    empty = {"activity_date": DAY, "active_users": 0, **COUNTS}
    return gold(spark, "task_throughput_daily", *({**empty, **day} for day in days))


def judged(folder: Path, table: DataFrame, *daily: dict[str, Any]) -> Verdict:
    silver = rows(table.sparkSession, TASKS_PER_USER_DAILY, *daily)
    return verdict(folder, evidence(table, reader(tasks_per_user_daily=silver)), expectations())


def test_throughput_that_equals_silver_passes(spark: SparkSession, tmp_path: Path) -> None:
    bob = {**DAILY, "user_id": "bob", "tasks_completed": 2, "avg_completion_hours": 1.0}
    eve = {**DAILY, "user_id": "eve", "tasks_completed": 1, "avg_completion_hours": 2.0}
    untimed = {**DAILY, "tasks_completed": 5}
    day = {"active_users": 3, "tasks_created": 3, "tasks_completed": 8, "avg_completion_hours": 1.333333}
    assert judged(tmp_path, throughput(spark, day), untimed, bob, eve).word == "pass"


def test_no_days_of_an_empty_lake_pass(spark: SparkSession, tmp_path: Path) -> None:
    assert judged(tmp_path, throughput(spark)).word == "pass"


def test_each_expectation_of_task_throughput_daily_fires(spark: SparkSession, tmp_path: Path) -> None:
    off = {"active_users": 9, **dict.fromkeys(COUNTS, 9), "avg_completion_hours": -1.0}
    found = judged(tmp_path, throughput(spark, off, off, {"activity_date": None}), DAILY)
    assert len(found.failures) == len(expectations())
    assert failed(found) == {
        "copies": 2,
        "activity_date": 1,
        **dict.fromkeys([f"{count}_too_many" for count in ("active_users", *COUNTS)], 2),
        "avg_completion_hours_apart": 2,
        "avg_completion_hours": 2,
    }
    assert [failure.columns for failure in found.failures if not failure.stops] == ["avg_completion_hours"]


def test_a_day_that_gold_forgot_or_made_up_fails(spark: SparkSession, tmp_path: Path) -> None:
    assert failed(judged(tmp_path, throughput(spark), DAILY))["copies"] == 1
    assert failed(judged(tmp_path, throughput(spark, {"active_users": 1})))["active_users_too_many"] == 1


def test_a_count_that_is_not_there_fails_where_silver_has_none(spark: SparkSession, tmp_path: Path) -> None:
    day = {"active_users": 1, "tasks_created": 1, "tasks_cancelled": None}
    assert failed(judged(tmp_path, throughput(spark, day), DAILY)) == {"tasks_cancelled_too_many": 1}

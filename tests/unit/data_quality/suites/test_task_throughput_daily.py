from datetime import date
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from data_quality.gate import Verdict
from data_quality.suites.task_throughput_daily import evidence, expectations
from glue_jobs.schemas.silver import TASKS_PER_USER_DAILY
from tests.unit.data_quality.judged import failed, rows, verdict

DAY = date(2025, 10, 15)
COUNTS = {name: 0 for name in TASKS_PER_USER_DAILY.columns.names if name.startswith("tasks_")}
DAILY = {"activity_date": DAY, "user_id": "ada", **COUNTS, "tasks_created": 1}


def throughput(spark: SparkSession, *days: dict[str, Any]) -> DataFrame:
    columns = ["active_users", *COUNTS]
    schema = "activity_date date, " + ", ".join(f"{name} long" for name in columns) + ", avg_completion_hours double"
    empty = {**dict.fromkeys(columns, 0), "avg_completion_hours": None}
    return spark.createDataFrame([{**empty, **day} for day in days], schema)


def judged(folder: Path, gold: DataFrame, *daily: dict[str, Any]) -> Verdict:
    silver = rows(gold.sparkSession, TASKS_PER_USER_DAILY, *daily)
    return verdict(folder, evidence(gold, lambda _: silver), expectations())


def test_throughput_that_equals_silver_passes(spark: SparkSession, tmp_path: Path) -> None:
    gold = throughput(spark, {"activity_date": DAY, "active_users": 2, "tasks_created": 2})
    assert judged(tmp_path, gold, DAILY, {**DAILY, "user_id": "bob"}).word == "pass"


def test_each_expectation_of_task_throughput_daily_fires(spark: SparkSession, tmp_path: Path) -> None:
    off = {"activity_date": DAY, "active_users": 9, **dict.fromkeys(COUNTS, 9), "avg_completion_hours": -1.0}
    found = judged(tmp_path, throughput(spark, off, off, {"activity_date": None}), DAILY)
    assert len(found.failures) == len(expectations())
    assert failed(found)["active_users, silver_active_users"] == 3
    assert failed(found)["avg_completion_hours"] == 2
    assert [failure.columns for failure in found.failures if not failure.stops] == ["avg_completion_hours"]


def test_a_day_that_gold_forgot_fails(spark: SparkSession, tmp_path: Path) -> None:
    assert judged(tmp_path, throughput(spark), DAILY).word == "fail"

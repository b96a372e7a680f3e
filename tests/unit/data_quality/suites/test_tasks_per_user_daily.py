from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from data_quality.gate import Verdict
from data_quality.suites.tasks_per_user_daily import evidence, expectations
from glue_jobs.schemas.silver import TASK_CHANGES, TASKS_PER_USER_DAILY
from tests.unit.data_quality.judged import failed, rows, verdict

COUNTS = {name: 0 for name in TASKS_PER_USER_DAILY.columns.names if name.startswith("tasks_")}
DAILY = {"activity_date": date(2025, 10, 15), "user_id": "ada", **COUNTS, "tasks_created": 1}
CHANGE = {"changed_at": datetime(2025, 10, 15, 23, 59, tzinfo=UTC), "user_id": "ada"}


def changes(spark: SparkSession, *given: dict[str, Any]) -> DataFrame:
    return rows(spark, TASK_CHANGES, *({**CHANGE, **row} for row in given))


def daily(spark: SparkSession, *given: dict[str, Any]) -> DataFrame:
    return rows(spark, TASKS_PER_USER_DAILY, *({**DAILY, **row} for row in given))


def judged(folder: Path, touched: DataFrame, table: DataFrame) -> Verdict:
    return verdict(folder, evidence(touched, table), expectations())


def test_counts_that_add_up_pass_and_those_that_are_alike_are_one_row(spark: SparkSession, tmp_path: Path) -> None:
    busy = {"user_id": "bob", "tasks_updated": 2, "tasks_completed": 2, "tasks_reopened": 1}
    table = daily(spark, {}, {"user_id": "eve"}, {**busy, "avg_completion_hours": 1.5}, {"user_id": "untouched"})
    touched = changes(spark, {}, {"user_id": "eve"}, *[{"user_id": "bob"}] * 3)
    assert judged(tmp_path, touched, table).word == "pass"
    assert sorted(row.rows for row in evidence(touched, table).collect()) == [1, 2]


WRONG: dict[str, dict[str, Any]] = {
    "counted_changes, changes": {"tasks_updated": 1},
    "changes, transitions": {"tasks_started": 1, "tasks_completed": 1},
    "changes, tasks_reopened": {"tasks_reopened": 2},
    "avg_completion_hours": {"avg_completion_hours": -0.5},
}


def test_each_expectation_of_tasks_per_user_daily_fires_and_counts_rows(spark: SparkSession, tmp_path: Path) -> None:
    keys = [(name, f"{name}{n}") for name in WRONG for n in (1, 2)]
    table = daily(spark, {}, {}, *({**WRONG[name], "user_id": user} for name, user in keys))
    found = judged(tmp_path, changes(spark, {}, *({"user_id": user} for _, user in keys)), table)
    assert list(failed(found)) == ["copies", *WRONG]
    assert {columns: count for columns, count in failed(found).items() if columns != "copies"} == dict.fromkeys(
        WRONG, 2
    )
    assert len(found.failures) == len(expectations())
    assert [failure.columns for failure in found.failures if not failure.stops] == ["avg_completion_hours"]


def test_a_day_and_user_that_is_there_twice_fails_for_that_alone(spark: SparkSession, tmp_path: Path) -> None:
    assert list(failed(judged(tmp_path, changes(spark, {}), daily(spark, {}, {})))) == ["copies"]


def test_a_day_and_user_that_is_not_there_fails(spark: SparkSession, tmp_path: Path) -> None:
    found = judged(tmp_path, changes(spark, {}, {"user_id": "missing"}), daily(spark, {}))
    assert found.word == "fail"
    assert failed(found)["copies"] == 1

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from data_quality.gate import Verdict
from data_quality.suites.user_productivity import evidence, expectations
from glue_jobs.schemas.silver import TASKS
from tests.unit.data_quality.judged import failed, gold, reader, rows, verdict

NOON = datetime(2025, 10, 15, 12, tzinfo=UTC)
# Three tasks, two of them completed: after 2 and after 10 hours.
USER = {
    "tasks_created": 3,
    "tasks_completed": 2,
    "completion_rate": 0.666667,
    "median_completion_hours": 2.0,
    "p95_completion_hours": 10.0,
    "active_days": 2,
    "first_active_date": date(2025, 10, 15),
    "last_active_date": date(2025, 10, 16),
}


def users(spark: SparkSession, *given: dict[str, Any]) -> DataFrame:
    return gold(spark, "user_productivity", *({**USER, **row} for row in given))


def completed(user: str, hours: float | None) -> dict[str, Any]:
    completed_at = None if hours is None else NOON + timedelta(hours=hours)
    return {"user_id": user, "status": "completed", "created_at": NOON, "completed_at": completed_at}


def of(user: str) -> list[dict[str, Any]]:
    # One that was reopened still has a time of completion.
    return [completed(user, 10), {**completed(user, 1), "status": "pending"}, completed(user, 2)]


def judged(folder: Path, table: DataFrame, *tasks: dict[str, Any]) -> Verdict:
    silver = rows(table.sparkSession, TASKS, *tasks)
    return verdict(folder, evidence(table, reader(tasks=silver)), expectations())


def test_users_that_equal_their_tasks_pass_and_those_that_are_alike_are_one_row(
    spark: SparkSession, tmp_path: Path
) -> None:
    no_hours = dict.fromkeys(("median_completion_hours", "p95_completion_hours"))
    no_days = {"active_days": 0, "first_active_date": None, "last_active_date": None}
    untimed = {"tasks_created": 1, "tasks_completed": 1, "completion_rate": 1.0, **no_hours, **no_days}
    table = users(spark, {"user_id": "ada"}, {"user_id": "bob"}, {"user_id": "eve", **untimed})
    tasks = [*of("ada"), *of("bob"), completed("eve", None)]
    assert judged(tmp_path, table, *tasks).word == "pass"
    assert evidence(table, reader(tasks=rows(spark, TASKS, *tasks))).count() == 1


def test_no_users_of_no_tasks_pass(spark: SparkSession, tmp_path: Path) -> None:
    assert judged(tmp_path, users(spark)).word == "pass"


WRONG: dict[str, dict[str, Any]] = {
    "tasks_created_too_many": {"tasks_created": 4},
    "tasks_completed_too_many": {"tasks_completed": None},
    "completion_rate_apart": {"completion_rate": float("nan")},
    "median_completion_hours_apart": {"median_completion_hours": None},
    "p95_completion_hours_apart": {"p95_completion_hours": 9.9},
}
UNFIT: dict[str, dict[str, Any]] = {
    "more than fit": {"active_days": 3},
    "none in between": {"active_days": 0},
    "of no dates": {"first_active_date": None, "last_active_date": None},
    "not known": {"active_days": None},
}


def test_each_expectation_of_user_productivity_fires_and_counts_users(spark: SparkSession, tmp_path: Path) -> None:
    table = users(
        spark,
        {"user_id": "twice"},
        {"user_id": "twice"},
        {"user_id": "clock", "median_completion_hours": -1.0, "p95_completion_hours": 2.0},
        *({"user_id": name, **wrong} for name, wrong in {**WRONG, **UNFIT}.items()),
    )
    tasks = [task for name in ("twice", *WRONG, *UNFIT) for task in of(name)]
    clock = [completed("clock", -1), {"user_id": "clock", "status": "pending"}, completed("clock", 2)]
    found = judged(tmp_path, table, *tasks, *clock)
    fired = {"copies": 2, **dict.fromkeys(WRONG, 1), "active_days_fit": len(UNFIT), "median_completion_hours": 1}
    assert failed(found) == fired
    assert len(found.failures) == len(expectations()) - 1
    assert [failure.columns for failure in found.failures if not failure.stops] == ["median_completion_hours"]


def test_a_user_without_a_name_fails(spark: SparkSession, tmp_path: Path) -> None:
    assert failed(judged(tmp_path, users(spark, {"user_id": None}), *of("ada")))["user_id"] == 1


def test_a_user_that_gold_forgot_or_made_up_fails(spark: SparkSession, tmp_path: Path) -> None:
    assert failed(judged(tmp_path, users(spark), *of("ada")))["copies"] == 1
    assert failed(judged(tmp_path, users(spark, {"user_id": "ada"})))["tasks_created_too_many"] == 1

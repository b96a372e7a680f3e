from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from data_quality.gate import Verdict
from data_quality.suites.category_trends_weekly import evidence, expectations
from glue_jobs.schemas.silver import TASK_CHANGES
from tests.unit.data_quality.judged import failed, gold, reader, rows, verdict

MONDAY = date(2025, 10, 13)
SUNDAYS_LAST_SECOND = datetime(2025, 10, 19, 23, 59, 59, tzinfo=UTC)
WEEK = {
    "week_start_date": MONDAY,
    "tasks_created": 1,
    "tasks_completed": 2,
    "tasks_deleted": 1,
    "active_users": 2,
    "avg_completion_hours": 1.5,
}


def trends(spark: SparkSession, *given: dict[str, Any]) -> DataFrame:
    return gold(spark, "category_trends_weekly", *({**WEEK, **row} for row in given))


def change(category: str | None, event_name: str, **given: Any) -> dict[str, Any]:
    usual = {"changed_at": SUNDAYS_LAST_SECOND, "user_id": "ada", "is_ttl_delete": False}
    return {**usual, "category": category, "event_name": event_name, **given}


def completion(category: str | None, hours: float, event_name: str = "MODIFY", **given: Any) -> dict[str, Any]:
    times = {"created_at": SUNDAYS_LAST_SECOND, "completed_at": SUNDAYS_LAST_SECOND + timedelta(hours=hours)}
    return change(category, event_name, new_status="completed", **times, **given)


def of(category: str | None, hours: float = 1) -> list[dict[str, Any]]:
    """Return a category's changes: of two users, and one by TTL, which is nobody's."""
    return [
        completion(category, hours, "INSERT"),
        completion(category, hours + 1, old_status="pending"),
        completion(category, 99, old_status="completed"),
        change(category, "REMOVE", old_status="completed", user_id="bob"),
        change(category, "REMOVE", is_ttl_delete=True, user_id="eve"),
    ]


def judged(folder: Path, table: DataFrame, *changes: dict[str, Any]) -> Verdict:
    silver = rows(table.sparkSession, TASK_CHANGES, *changes)
    return verdict(folder, evidence(table, reader(task_changes=silver)), expectations())


def test_weeks_that_equal_their_changes_pass(spark: SparkSession, tmp_path: Path) -> None:
    counts = dict.fromkeys(("tasks_created", "tasks_completed", "tasks_deleted", "active_users"), 0)
    expired: dict[str, Any] = {"category": "old", **counts, "avg_completion_hours": None}
    table = trends(spark, {"category": "home"}, {"category": "none"}, expired)
    changes = [*of("home"), *of(None), change("old", "REMOVE", is_ttl_delete=True)]
    assert judged(tmp_path, table, *changes).word == "pass"


def test_no_weeks_of_no_changes_pass(spark: SparkSession, tmp_path: Path) -> None:
    assert judged(tmp_path, trends(spark)).word == "pass"


WRONG: dict[str, dict[str, Any]] = {
    "tasks_created_too_many": {"tasks_created": 2},
    "tasks_completed_too_many": {"tasks_completed": None},
    "tasks_deleted_too_many": {"tasks_deleted": 2},
    "avg_completion_hours_apart": {"avg_completion_hours": 1.4},
}
# None, though there are changes; more than there are changes.
UNFIT: dict[str, dict[str, Any]] = {
    "nobody": {"active_users": 0},
    "crowd": {"active_users": 5},
    "unknown": {"active_users": None},
}


def test_each_expectation_of_category_trends_weekly_fires_and_counts_rows(spark: SparkSession, tmp_path: Path) -> None:
    table = trends(
        spark,
        {"category": "twice"},
        {"category": "twice"},
        {"category": "clock", "avg_completion_hours": -1.5},
        *({"category": name, **wrong} for name, wrong in {**WRONG, **UNFIT}.items()),
    )
    changes = [row for name in ("twice", *WRONG, *UNFIT) for row in of(name)]
    found = judged(tmp_path, table, *changes, *of("clock", hours=-2))
    fired = {"copies": 2, **dict.fromkeys(WRONG, 1), "active_users_fit": 3, "avg_completion_hours": 1}
    assert failed(found) == fired
    assert len(found.failures) == len(expectations()) - 2
    assert [failure.columns for failure in found.failures if not failure.stops] == ["avg_completion_hours"]


def test_a_week_without_a_date_or_a_category_fails(spark: SparkSession, tmp_path: Path) -> None:
    found = failed(judged(tmp_path, trends(spark, {"week_start_date": None, "category": "home"}, {}), *of("home")))
    assert (found["week_start_date"], found["category"]) == (1, 1)


def test_a_category_that_gold_forgot_or_has_in_another_week_fails(spark: SparkSession, tmp_path: Path) -> None:
    assert failed(judged(tmp_path, trends(spark), *of("home")))["copies"] == 1
    late = trends(spark, {"category": "home", "week_start_date": MONDAY + timedelta(7)})
    found = judged(tmp_path, late, *of("home"))
    assert (failed(found)["copies"], failed(found)["tasks_created_too_many"]) == (1, 2)

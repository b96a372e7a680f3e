from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from data_quality.gate import Verdict
from data_quality.suites.task_status_current import evidence, expectations
from glue_jobs.schemas.silver import TASKS
from tests.unit.data_quality.judged import failed, gold, reader, rows, verdict

MIDNIGHT = datetime(2025, 10, 15, tzinfo=UTC)
KEY = {"status": "pending", "priority": "high", "age": "0-1 days"}
ROW = {**KEY, "tasks": 1, "overdue_tasks": 0, "oldest_created_at": MIDNIGHT, "as_of_date": MIDNIGHT.date()}
TASK = {"status": "pending", "priority": "high", "is_deleted": False, "last_changed_at": MIDNIGHT}
AGES = {"0-1 days": 1, "2-7 days": 2, "8-30 days": 30, "over 30 days": 31}


def status_current(spark: SparkSession, *given: dict[str, Any]) -> DataFrame:
    return gold(spark, "task_status_current", *({**ROW, **row} for row in given))


def judged(folder: Path, table: DataFrame, *tasks: dict[str, Any]) -> Verdict:
    silver = rows(table.sparkSession, TASKS, *({**TASK, **task} for task in tasks))
    return verdict(folder, evidence(table, reader(tasks=silver)), expectations())


def test_open_tasks_of_every_age_pass(spark: SparkSession, tmp_path: Path) -> None:
    aged = [
        {"category": "home", "age": age, "oldest_created_at": MIDNIGHT - timedelta(days), "overdue_tasks": 1}
        for age, days in AGES.items()
    ]
    unaged = {"category": "none", "priority": "none", "age": "unknown", "oldest_created_at": None, "tasks": 2}
    nobodys: dict[str, Any] = {"category": None, "priority": None}
    closed: list[dict[str, Any]] = [
        {"is_deleted": True},
        {"status": "completed", "last_changed_at": MIDNIGHT - timedelta(1)},
    ]
    tasks: list[dict[str, Any]] = [{"category": "home"}] * len(aged)
    assert judged(tmp_path, status_current(spark, *aged, unaged), *tasks, nobodys, nobodys, *closed).word == "pass"


def test_no_rows_of_no_open_task_pass(spark: SparkSession, tmp_path: Path) -> None:
    assert judged(tmp_path, status_current(spark), {"status": "completed"}).word == "pass"
    assert judged(tmp_path, status_current(spark)).word == "pass"


WRONG: dict[str, dict[str, Any]] = {
    "tasks_of_group_too_many": {"tasks": 2},
    "status_value": {"status": "cancelled"},
    "age_value": {"age": "old"},
    "counts_fit": {"overdue_tasks": 2},
    "age_fits": {"oldest_created_at": MIDNIGHT - timedelta(2)},
    "as_of_date_is_newest": {"as_of_date": date(2025, 10, 14)},
    "priority_value": {"priority": "asap"},
}


def test_each_expectation_of_task_status_current_fires_and_counts_rows(spark: SparkSession, tmp_path: Path) -> None:
    table = status_current(
        spark, {"category": "twice"}, {"category": "twice"}, *({"category": name, **row} for name, row in WRONG.items())
    )
    tasks = [{"category": name, "priority": row.get("priority", "high")} for name, row in WRONG.items()]
    found = judged(tmp_path, table, *tasks, *[{"category": "twice"}] * 2)
    assert failed(found) == {
        # A cancelled task is of another group than the open one, which Gold then lacks: it is there in no age.
        "copies": 3,
        "age": 1,
        **dict.fromkeys(WRONG, 1),
        "tasks_of_group_too_many": 3,
        "counts_fit": 2,
        "age_fits": 3,
        "as_of_date_is_newest": 3,
    }
    assert len(found.failures) == len(expectations()) - 3
    assert [failure.columns for failure in found.failures if not failure.stops] == ["priority_value"]


def test_a_row_that_does_not_say_what_it_is_of_fails(spark: SparkSession, tmp_path: Path) -> None:
    nothing = dict.fromkeys(("status", "priority", "category", "age"))
    assert set(nothing) < set(failed(judged(tmp_path, status_current(spark, nothing))))


def test_a_group_that_gold_forgot_or_an_age_of_it_fails(spark: SparkSession, tmp_path: Path) -> None:
    task = {"category": "home"}
    assert failed(judged(tmp_path, status_current(spark), task))["copies"] == 1
    assert failed(judged(tmp_path, status_current(spark, task), task, task)) == {"tasks_of_group_too_many": 1}

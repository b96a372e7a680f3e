from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from data_quality.gate import Verdict
from data_quality.suites.task_cohort_completion import evidence, expectations
from glue_jobs.schemas.silver import TASKS
from tests.unit.data_quality.judged import failed, gold, reader, rows, verdict

DAY = date(2025, 10, 15)
LAST_SECOND = datetime(2025, 10, 15, 23, 59, 59, tzinfo=UTC)
COHORT = {
    "created_date": DAY,
    "tasks_created": 7,
    "completed_within_1_day": 1,
    "completed_within_3_days": 2,
    "completed_within_7_days": 3,
    "completed_within_30_days": 4,
    "completion_rate_30_days": 0.571429,
}


def cohorts(spark: SparkSession, *given: dict[str, Any]) -> DataFrame:
    return gold(spark, "task_cohort_completion", *({**COHORT, **row} for row in given))


def created(day: date) -> list[dict[str, Any]]:
    """Return a day's tasks: completed after each limit to the second, one second too late, reopened, and undone."""
    created_at = LAST_SECOND + (day - DAY)
    took = [*map(timedelta, (1, 3, 7, 30)), timedelta(30, seconds=1)]
    done = [{"status": "completed", "created_at": created_at, "completed_at": created_at + each} for each in took]
    return [*done, {**done[0], "status": "pending"}, {"status": "completed", "created_at": created_at}]


def judged(folder: Path, table: DataFrame, *tasks: dict[str, Any]) -> Verdict:
    silver = rows(table.sparkSession, TASKS, *tasks)
    return verdict(folder, evidence(table, reader(tasks=silver)), expectations())


def test_days_that_equal_their_tasks_pass(spark: SparkSession, tmp_path: Path) -> None:
    assert judged(tmp_path, cohorts(spark, {}), *created(DAY), {"status": "pending"}).word == "pass"


def test_no_days_of_no_tasks_pass(spark: SparkSession, tmp_path: Path) -> None:
    assert judged(tmp_path, cohorts(spark)).word == "pass"


WRONG: dict[str, dict[str, Any]] = {
    "tasks_created_too_many": {"tasks_created": 8},
    "completed_within_1_day_too_many": {"completed_within_1_day": None},
    "completed_within_3_days_too_many": {"completed_within_3_days": 1},
    "completed_within_7_days_too_many": {"completed_within_7_days": 4},
    "completed_within_30_days_too_many": {"completed_within_30_days": 3},
    "completion_rate_30_days_apart": {"completion_rate_30_days": None},
}


def test_each_expectation_of_task_cohort_completion_fires_and_counts_days(spark: SparkSession, tmp_path: Path) -> None:
    days = {name: DAY + timedelta(n) for n, name in enumerate(WRONG, start=1)}
    table = cohorts(spark, {}, {}, *({"created_date": days[name], **wrong} for name, wrong in WRONG.items()))
    found = judged(tmp_path, table, *(task for day in (DAY, *days.values()) for task in created(day)))
    assert failed(found) == {"copies": 2, **dict.fromkeys(WRONG, 1)}
    assert len(found.failures) == len(expectations()) - 1
    assert all(failure.stops for failure in found.failures)


def test_a_day_without_a_date_fails(spark: SparkSession, tmp_path: Path) -> None:
    assert failed(judged(tmp_path, cohorts(spark, {"created_date": None})))["created_date"] == 1


def test_a_day_that_gold_forgot_or_made_up_fails(spark: SparkSession, tmp_path: Path) -> None:
    assert failed(judged(tmp_path, cohorts(spark), *created(DAY)))["copies"] == 1
    assert failed(judged(tmp_path, cohorts(spark, {})))["tasks_created_too_many"] == 1

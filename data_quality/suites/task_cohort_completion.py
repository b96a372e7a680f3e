"""What must hold of ``gold.task_cohort_completion``."""

from collections.abc import Callable

from great_expectations.expectations.expectation import Expectation
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from data_quality.same_as_silver import SameAsSilver

_WITHIN = {
    "completed_within_1_day": 1,
    "completed_within_3_days": 3,
    "completed_within_7_days": 7,
    "completed_within_30_days": 30,
}
_SAME = SameAsSilver(("created_date",), ("tasks_created", *_WITHIN), ("completion_rate_30_days",))


def evidence(cohorts: DataFrame, read: Callable[[str], DataFrame]) -> DataFrame:
    """Return one row per kind of day: alike in how far it is from the tasks created on it."""
    tasks = read("silver.tasks").where("created_at IS NOT NULL")
    days = tasks.selectExpr(
        "TO_DATE(created_at) AS created_date",
        "IF(status = 'completed', UNIX_MICROS(completed_at) - UNIX_MICROS(created_at), NULL) / 86400e6 AS days",
    )
    within = {name: F.count_if(F.col("days") <= limit) for name, limit in _WITHIN.items()}
    silver = days.groupBy("created_date").agg(
        F.count("*").alias("tasks_created"),
        *(count.alias(name) for name, count in within.items()),
        (within["completed_within_30_days"] / F.count("*")).alias("completion_rate_30_days"),
    )
    return _SAME.evidence(cohorts, silver)


def expectations() -> list[Expectation]:
    """Return the suite: each day on which tasks were created once, with its tasks' counts and their rate."""
    return _SAME.expectations()

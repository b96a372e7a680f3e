"""What must hold of ``gold.user_productivity``."""

from collections.abc import Callable

import great_expectations.expectations as gxe
from great_expectations.expectations.expectation import Expectation
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from data_quality.same_as_silver import SameAsSilver

_SAME = SameAsSilver(
    key=("user_id",),
    counts=("tasks_created", "tasks_completed"),
    quantities=("completion_rate", "median_completion_hours", "p95_completion_hours"),
)
# First to last active day: both of them, or neither where there is no active day.
_DAYS_FIT = """
    COALESCE(
        active_days BETWEEN 1 AND DATEDIFF(last_active_date, first_active_date) + 1
        OR (active_days = 0 AND first_active_date IS NULL AND last_active_date IS NULL),
        false
    ) AS active_days_fit
"""


def evidence(users: DataFrame, read: Callable[[str], DataFrame]) -> DataFrame:
    """Return one row per kind of user: alike in how far they are from their tasks."""
    tasks = read("silver.tasks").selectExpr(
        "user_id",
        "status = 'completed' AS is_completed",
        "IF(status = 'completed', UNIX_MICROS(completed_at) - UNIX_MICROS(created_at), NULL) / 3600e6 AS hours",
    )
    silver = tasks.groupBy("user_id").agg(
        F.count("*").alias("tasks_created"),
        F.count_if("is_completed").alias("tasks_completed"),
        (F.count_if("is_completed") / F.count("*")).alias("completion_rate"),
        F.expr("PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY hours) AS median_completion_hours"),
        F.expr("PERCENTILE_DISC(0.95) WITHIN GROUP (ORDER BY hours) AS p95_completion_hours"),
    )
    # Of hours only their sign is looked at: kinds that differ in nothing else are one.
    sign = F.expr("LEAST(median_completion_hours, 0) AS median_completion_hours")
    return _SAME.evidence(users, silver, F.expr(_DAYS_FIT), sign)


def expectations() -> list[Expectation]:
    """Return the suite: each of Silver's users once, with their tasks' counts and hours, and days that fit."""
    return [
        *_SAME.expectations(),
        gxe.ExpectColumnValuesToBeInSet(column="active_days_fit", value_set=[True]),
        gxe.ExpectColumnValuesToBeBetween(column="median_completion_hours", min_value=0, severity="warning"),
    ]

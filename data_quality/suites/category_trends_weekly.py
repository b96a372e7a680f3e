"""What must hold of ``gold.category_trends_weekly``."""

from collections.abc import Callable

import great_expectations.expectations as gxe
from great_expectations.expectations.expectation import Expectation
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from data_quality.same_as_silver import SameAsSilver

_SAME = SameAsSilver(
    key=("week_start_date", "category"),
    counts=("tasks_created", "tasks_completed", "tasks_deleted"),
    quantities=("avg_completion_hours",),
)
_IS_COMPLETION = "new_status = 'completed' AND NOT old_status <=> 'completed'"
# Counting users exactly takes Spark as long again as all the rest: they are as many as their changes at most.
_USERS_FIT = """
    COALESCE(active_users BETWEEN LEAST(silver_users_changes, 1) AND silver_users_changes, false) AS active_users_fit
"""


def evidence(trends: DataFrame, read: Callable[[str], DataFrame]) -> DataFrame:
    """Return one row per kind of week and category: alike in how far it is from its changes."""
    changes = read("silver.task_changes").selectExpr(
        "TO_DATE(DATE_TRUNC('WEEK', changed_at)) AS week_start_date",
        "COALESCE(category, 'none') AS category",
        "event_name",
        "event_name = 'REMOVE' AND is_ttl_delete AS is_expired",
        f"{_IS_COMPLETION} AS is_completion",
        f"IF({_IS_COMPLETION}, UNIX_MICROS(completed_at) - UNIX_MICROS(created_at), NULL) / 3600e6 AS hours",
    )
    silver = changes.groupBy("week_start_date", "category").agg(
        F.expr("COUNT_IF(event_name = 'INSERT') AS tasks_created"),
        F.expr("COUNT_IF(is_completion) AS tasks_completed"),
        F.expr("COUNT_IF(event_name = 'REMOVE' AND NOT is_expired) AS tasks_deleted"),
        F.expr("COUNT_IF(NOT is_expired) AS users_changes"),
        F.expr("AVG(hours) AS avg_completion_hours"),
    )
    # Of hours only their sign is looked at: kinds that differ in nothing else are one.
    sign = F.expr("LEAST(avg_completion_hours, 0) AS avg_completion_hours")
    return _SAME.evidence(trends, silver, F.expr(_USERS_FIT), sign)


def expectations() -> list[Expectation]:
    """Return the suite: each of Silver's weeks and categories once, with its counts and hours, and users that fit."""
    return [
        *_SAME.expectations(),
        gxe.ExpectColumnValuesToBeInSet(column="active_users_fit", value_set=[True]),
        gxe.ExpectColumnValuesToBeBetween(column="avg_completion_hours", min_value=0, severity="warning"),
    ]

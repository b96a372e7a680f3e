"""What must hold of ``gold.task_throughput_daily``."""

from collections.abc import Callable

import great_expectations.expectations as gxe
from great_expectations.expectations.expectation import Expectation
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from data_quality.same_as_silver import SameAsSilver
from glue_jobs.schemas.silver import TASKS_PER_USER_DAILY

_COUNTS = tuple(name for name in TASKS_PER_USER_DAILY.columns.names if name.startswith("tasks_"))
_SAME = SameAsSilver(("activity_date",), ("active_users", *_COUNTS), ("avg_completion_hours",))


def evidence(throughput: DataFrame, read: Callable[[str], DataFrame]) -> DataFrame:
    """Return one row per kind of day: alike in how far it is from the sum of its users' days."""
    timed = "IF(avg_completion_hours IS NULL, NULL, tasks_completed)"
    silver = (
        read("silver.tasks_per_user_daily")
        .groupBy("activity_date")
        .agg(
            # One row is one user: so says the suite of that table.
            F.count("user_id").alias("active_users"),
            *(F.sum(count).alias(count) for count in _COUNTS),
            F.expr(f"SUM(avg_completion_hours * tasks_completed) / SUM({timed}) AS avg_completion_hours"),
        )
    )
    # Of hours only their sign is looked at: kinds that differ in nothing else are one.
    return _SAME.evidence(throughput, silver, F.expr("LEAST(avg_completion_hours, 0) AS avg_completion_hours"))


def expectations() -> list[Expectation]:
    """Return the suite: each of Silver's days once, with its counts and hours; hours are seldom less than none."""
    return [
        *_SAME.expectations(),
        gxe.ExpectColumnValuesToBeBetween(column="avg_completion_hours", min_value=0, severity="warning"),
    ]

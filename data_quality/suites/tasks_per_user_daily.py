"""What must hold of ``silver.tasks_per_user_daily``."""

import great_expectations.expectations as gxe
from great_expectations.expectations.expectation import Expectation
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from data_quality.evidence import kinds_of
from glue_jobs.schemas.silver import TASKS_PER_USER_DAILY
from glue_jobs.transforms.tasks_per_user_daily import with_activity_date

_KEY = list(TASKS_PER_USER_DAILY.key)


def evidence(touched_changes: DataFrame, daily: DataFrame) -> DataFrame:
    """Return one row per kind of (day, user) that changed: its counts, beside those that ``task_changes`` gives it."""
    changes = with_activity_date(touched_changes).groupBy(*_KEY).agg(F.count("*").alias("changes"))
    per_key = changes.join(daily, _KEY, "left").groupBy(*_KEY, "changes")
    counted = per_key.agg(
        F.count("tasks_created").alias("copies"),
        F.max(F.expr("tasks_created + tasks_updated + tasks_deleted + tasks_expired")).alias("counted_changes"),
        F.max(F.expr("tasks_started + tasks_completed + tasks_cancelled")).alias("transitions"),
        F.max("tasks_reopened").alias("tasks_reopened"),
        # Of hours only their sign is looked at: kinds that differ in nothing else are one.
        F.min(F.least("avg_completion_hours", F.lit(0.0))).alias("avg_completion_hours"),
    )
    return kinds_of(counted.drop(*_KEY))


def expectations() -> list[Expectation]:
    """Return the suite: one row a day and user, whose counts add up to its changes."""
    at_most_changes = {"column_A": "changes", "or_equal": True}
    return [
        gxe.ExpectColumnValuesToBeBetween(column="copies", min_value=1, max_value=1),
        gxe.ExpectColumnPairValuesToBeEqual(column_A="counted_changes", column_B="changes"),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(column_B="transitions", **at_most_changes),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(column_B="tasks_reopened", **at_most_changes),
        gxe.ExpectColumnValuesToBeBetween(column="avg_completion_hours", min_value=0, severity="warning"),
    ]

"""What must hold of ``silver.tasks_per_user_daily``."""

import great_expectations.expectations as gxe
from great_expectations.expectations.expectation import Expectation
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from glue_jobs.schemas.silver import TASKS_PER_USER_DAILY
from glue_jobs.transforms.tasks_per_user_daily import with_activity_date


def audited(touched_changes: DataFrame, daily: DataFrame) -> DataFrame:
    """Return one row per (day, user) that changed: its counts, and the changes that ``task_changes`` has for it."""
    changes = with_activity_date(touched_changes).groupBy("activity_date", "user_id").agg(F.count("*").alias("changes"))
    counted = changes.join(daily, list(TASKS_PER_USER_DAILY.key), "left")
    return counted.withColumns(
        {
            "counted_changes": F.expr("tasks_created + tasks_updated + tasks_deleted + tasks_expired"),
            "transitions": F.expr("tasks_started + tasks_completed + tasks_cancelled"),
        }
    )


def expectations() -> list[Expectation]:
    """Return the suite: one row a day and user, whose counts add up to its changes."""
    at_most_changes = {"column_A": "changes", "or_equal": True}
    return [
        gxe.ExpectCompoundColumnsToBeUnique(column_list=list(TASKS_PER_USER_DAILY.key)),
        gxe.ExpectColumnValuesToNotBeNull(column="tasks_created"),
        gxe.ExpectColumnPairValuesToBeEqual(column_A="counted_changes", column_B="changes"),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(column_B="transitions", **at_most_changes),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(column_B="tasks_reopened", **at_most_changes),
        gxe.ExpectColumnValuesToBeBetween(column="avg_completion_hours", min_value=0, severity="warning"),
    ]

"""The typed history becomes what each user did each day."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from glue_jobs.schemas.silver import TASKS_PER_USER_DAILY
from glue_jobs.schemas.task import CLOSED_STATUSES, OPEN_STATUSES


def with_activity_date(changes: DataFrame) -> DataFrame:
    """Return the changes with ``activity_date``: the UTC date on which each happened."""
    return changes.withColumn("activity_date", F.to_date("changed_at"))


def to_tasks_per_user_daily(changes: DataFrame) -> DataFrame:
    """Return one row per ``(activity_date, user_id)`` in the schema of ``silver.tasks_per_user_daily``.

    A change counts on the day it happened, however late it arrives. It enters a status when the status after it
    differs from the one before; a task that is created completed is created and completed.
    """
    is_completed = _enters("completed")
    # Whole seconds: their sum is exact, so the average does not depend on the order in which rows are added.
    seconds = F.unix_timestamp("completed_at") - F.unix_timestamp("created_at")
    daily = with_activity_date(changes).groupBy("activity_date", "user_id")
    return daily.agg(
        F.count_if(F.col("event_name") == "INSERT").alias("tasks_created"),
        F.count_if(F.col("event_name") == "MODIFY").alias("tasks_updated"),
        F.count_if(_enters("in_progress")).alias("tasks_started"),
        F.count_if(is_completed).alias("tasks_completed"),
        F.count_if(_enters("cancelled")).alias("tasks_cancelled"),
        F.count_if(_is_reopened()).alias("tasks_reopened"),
        F.count_if(_is_removed() & ~F.col("is_ttl_delete")).alias("tasks_deleted"),
        F.count_if(_is_removed() & F.col("is_ttl_delete")).alias("tasks_expired"),
        (F.avg(F.when(is_completed, seconds)) / 3600).alias("avg_completion_hours"),
    ).select(TASKS_PER_USER_DAILY.columns.names)


def _enters(status: str) -> Column:
    was_elsewhere = F.col("old_status").isNull() | (F.col("old_status") != status)
    return (F.col("new_status") == status) & was_elsewhere


def _is_reopened() -> Column:
    return F.col("old_status").isin(*CLOSED_STATUSES) & F.col("new_status").isin(*OPEN_STATUSES)


def _is_removed() -> Column:
    return F.col("event_name") == "REMOVE"

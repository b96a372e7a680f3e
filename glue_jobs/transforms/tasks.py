"""The typed history becomes the latest state of every task."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from glue_jobs.schemas.silver import TASK_CHANGES, TASKS

# SQL, because MERGE compares in SQL what the transforms compare in DataFrames.
SEQUENCE = "lpad({}, 40, '0')"


def sequence(number: str) -> Column:
    """Return a sequence number as text that sorts as the number does.

    It has 21 to 40 digits and Spark decimals stop at 38, hence the padding.
    """
    return F.expr(SEQUENCE.format(number))


def keep_latest_change(changes: DataFrame) -> DataFrame:
    """Return one row per ``(user_id, task_id)``: the change that happened last.

    Delivery is at least once and out of order, so ``sequence_number`` decides, never arrival and never
    ``changed_at``, which is whole seconds. A deletion that wins is kept: dropping it would revive the task.
    """
    columns = TASK_CHANGES.columns.names
    latest = F.max_by(F.struct(*columns), sequence("sequence_number")).alias("latest")
    return changes.groupBy("user_id", "task_id").agg(latest).select("latest.*")


def to_tasks(latest_changes: DataFrame) -> DataFrame:
    """Return one row per ``(user_id, task_id)`` in the schema of ``silver.tasks``.

    A deleted task keeps the attributes it had last.
    """
    is_deleted = F.col("event_name") == "REMOVE"
    return latest_changes.select(
        "*",
        is_deleted.alias("is_deleted"),
        (is_deleted & F.col("is_ttl_delete")).alias("deleted_by_ttl"),
        F.col("event_id").alias("last_event_id"),
        F.col("sequence_number").alias("last_sequence_number"),
        F.col("changed_at").alias("last_changed_at"),
    ).select(TASKS.columns.names)

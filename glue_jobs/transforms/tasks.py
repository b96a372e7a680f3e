"""The typed history becomes the latest state of every task."""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from glue_jobs.schemas.silver import TASK_CHANGES, TASKS

# SQL, because MERGE compares in SQL what the transforms compare in DataFrames.
SEQUENCE = "lpad({}, 40, '0')"
TASK_HASH = "xxhash64({0}user_id, {0}task_id)"


def sequence(number: str) -> Column:
    """Return a sequence number as text that sorts as the number does.

    It has 21 to 40 digits and Spark decimals stop at 38, hence the padding.
    """
    return F.expr(SEQUENCE.format(number))


def keep_latest_change(changes: DataFrame) -> DataFrame:
    """Return one row per ``(user_id, task_id)``: the change that happened last.

    Delivery is at least once and out of order, so ``sequence_number`` decides, never arrival and never
    ``changed_at``, which is whole seconds; of equal numbers, which no stream gives, the ``event_id`` does. A deletion
    that wins is kept: dropping it would revive the task.
    """
    changes = by_task(changes)
    newest = sequence("sequence_number").desc(), F.col("event_id").desc()
    newest_first = Window.partitionBy("task_hash", "user_id", "task_id").orderBy(*newest)
    ranked = changes.withColumn("rank", F.row_number().over(newest_first))
    return ranked.where(F.col("rank") == 1).select(TASK_CHANGES.columns.names)


def by_task(changes: DataFrame) -> DataFrame:
    """Return the changes with ``task_hash``, all of a task in one partition.

    Spark sorts by the first eight bytes of a key and compares the rest only where they are equal: ids often begin
    alike, hashes do not.
    """
    return changes.withColumn("task_hash", F.expr(TASK_HASH.format(""))).repartition("task_hash")


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

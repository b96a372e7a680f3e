"""What must hold of ``silver.tasks``."""

import great_expectations.expectations as gxe
from great_expectations.expectations.expectation import Expectation
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from data_quality.evidence import kinds_of, presence
from glue_jobs.schemas.silver import TASKS
from glue_jobs.schemas.task import STATUSES
from glue_jobs.transforms.tasks import by_task, sequence


def evidence(added_changes: DataFrame, tasks: DataFrame) -> DataFrame:
    """Return one row per kind of task among those that changed: how many rows it has, and how many changes it lacks.

    A task that is missing from the table has no copy, and nulls.
    """
    looked_at = ("last_event_id", "is_deleted")
    changed_tasks = by_task(added_changes).groupBy("task_hash", *TASKS.key)
    newest = changed_tasks.agg(F.max(sequence("sequence_number")).alias("newest"))
    rows = newest.join(tasks.select(*TASKS.key, "status", *looked_at, "last_sequence_number"), list(TASKS.key), "left")
    is_older = (sequence("last_sequence_number") < F.col("newest")).cast("int")
    copies = F.count("last_event_id").over(Window.partitionBy(*TASKS.key))
    return kinds_of(
        rows.select("status", *map(presence, looked_at), is_older.alias("changes_missed"), copies.alias("copies"))
    )


def expectations() -> list[Expectation]:
    """Return the suite: every changed task is there once, no older than its newest change."""
    return [
        gxe.ExpectColumnValuesToBeBetween(column="copies", max_value=1),
        gxe.ExpectColumnValuesToNotBeNull(column="last_event_id"),
        gxe.ExpectColumnValuesToNotBeNull(column="is_deleted"),
        gxe.ExpectColumnValuesToBeInSet(column="status", value_set=list(STATUSES)),
        gxe.ExpectColumnValuesToBeBetween(column="changes_missed", max_value=0),
    ]

"""What must hold of ``silver.tasks``."""

import great_expectations.expectations as gxe
from great_expectations.expectations.expectation import Expectation
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from glue_jobs.schemas.silver import TASKS
from glue_jobs.schemas.task import STATUSES
from glue_jobs.transforms.tasks import sequence


def audited(added_changes: DataFrame, tasks: DataFrame) -> DataFrame:
    """Return one row per task that changed, with the newest sequence number this run saw of it.

    A task that is missing from the table comes as a row of nulls.
    """
    newest = added_changes.groupBy("user_id", "task_id").agg(F.max(sequence("sequence_number")).alias("newest"))
    last = sequence("last_sequence_number").alias("last")
    return newest.join(tasks.select(*TASKS.columns.names, last), list(TASKS.key), "left")


def expectations() -> list[Expectation]:
    """Return the suite: every changed task is there once, no older than its newest change."""
    return [
        gxe.ExpectCompoundColumnsToBeUnique(column_list=list(TASKS.key)),
        gxe.ExpectColumnValuesToNotBeNull(column="last_event_id"),
        gxe.ExpectColumnValuesToNotBeNull(column="is_deleted"),
        gxe.ExpectColumnValuesToBeInSet(column="status", value_set=list(STATUSES)),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(column_A="last", column_B="newest", or_equal=True),
    ]

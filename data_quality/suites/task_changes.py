"""What must hold of ``silver.task_changes``."""

import great_expectations.expectations as gxe
from great_expectations.expectations.expectation import Expectation
from pyspark.sql import DataFrame

from glue_jobs.schemas.task import EVENT_NAMES, PRIORITIES, STATUSES


def audited(added: DataFrame, table: DataFrame) -> DataFrame:
    """Return every row of the table that shares its ``event_id`` with an added one: one each, if all is well."""
    return table.join(added.select("event_id").distinct(), "event_id", "left_semi")


def expectations() -> list[Expectation]:
    """Return the suite: a change is there once, says what it is, and has a status we know."""
    return [
        gxe.ExpectColumnValuesToBeUnique(column="event_id"),
        gxe.ExpectColumnValuesToNotBeNull(column="event_id"),
        gxe.ExpectColumnValuesToNotBeNull(column="user_id"),
        gxe.ExpectColumnValuesToNotBeNull(column="task_id"),
        gxe.ExpectColumnValuesToNotBeNull(column="changed_at"),
        gxe.ExpectColumnValuesToBeInSet(column="event_name", value_set=list(EVENT_NAMES)),
        gxe.ExpectColumnValuesToBeInSet(column="status", value_set=list(STATUSES)),
        gxe.ExpectColumnValuesToBeInSet(column="priority", value_set=list(PRIORITIES), severity="warning"),
        gxe.ExpectColumnValuesToNotBeNull(column="created_at", severity="warning"),
    ]

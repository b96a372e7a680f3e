"""What must hold of ``silver.task_changes``."""

import great_expectations.expectations as gxe
from great_expectations.expectations.expectation import Expectation
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from data_quality.evidence import PRESENT, copies_of, kinds_of, presence
from glue_jobs.schemas.task import EVENT_NAMES, PRIORITIES, STATUSES

_MUST_BE_THERE = ("event_id", "user_id", "task_id", "changed_at", "created_at")


def evidence(changes: DataFrame) -> DataFrame:
    """Return one row per kind of change among those of the days a run touched, and one per id that is there twice."""
    looked_at = changes.select("event_name", "status", "priority", *map(presence, _MUST_BE_THERE))
    kinds = kinds_of(looked_at).withColumn("copies", F.lit(1))
    others = {name: F.lit(PRESENT) for name in _MUST_BE_THERE if name != "event_id"}
    copies = copies_of(changes.where("event_id IS NOT NULL"), ["event_id"]).withColumns(others)
    return kinds.unionByName(copies, allowMissingColumns=True)


def expectations() -> list[Expectation]:
    """Return the suite: a change is there once, says what it is, and has a status we know."""
    return [
        gxe.ExpectColumnValuesToBeBetween(column="copies", max_value=1),
        *(gxe.ExpectColumnValuesToNotBeNull(column=name) for name in ("event_id", "user_id", "task_id", "changed_at")),
        gxe.ExpectColumnValuesToBeInSet(column="event_name", value_set=list(EVENT_NAMES)),
        gxe.ExpectColumnValuesToBeInSet(column="status", value_set=list(STATUSES)),
        gxe.ExpectColumnValuesToBeInSet(column="priority", value_set=list(PRIORITIES), severity="warning"),
        gxe.ExpectColumnValuesToNotBeNull(column="created_at", severity="warning"),
    ]

"""What must hold of ``silver.quarantine``."""

import great_expectations.expectations as gxe
from great_expectations.expectations.expectation import Expectation
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from data_quality.evidence import PRESENT, copies_of, kinds_of, presence

# A broken item says nothing about the others; where half of what arrives is broken, the source has changed.
NOTABLE_SHARE, MOST_QUARANTINED_SHARE = 0.05, 0.5
# Of fewer rows a share says little: one of two would be half.
_FEWEST_ROWS = 100

_MUST_BE_THERE = ("record_id", "source", "reason", "raw", "bronze_object")


def evidence(quarantined: DataFrame, rejected: int, rows_read: int) -> DataFrame:
    """Return one row per kind of row this run adds, each with the share of the rows read that was rejected."""
    kinds = kinds_of(quarantined.select(*map(presence, _MUST_BE_THERE))).withColumn("copies", F.lit(1))
    others = {name: F.lit(PRESENT) for name in _MUST_BE_THERE if name != "record_id"}
    copies = copies_of(quarantined.where("record_id IS NOT NULL"), ["record_id"]).withColumns(others)
    share = F.lit(rejected / max(rows_read, _FEWEST_ROWS))
    return kinds.unionByName(copies, allowMissingColumns=True).withColumn("quarantined_share", share)


def expectations() -> list[Expectation]:
    """Return the suite: every row is there once, says why, and can be sent through again; they are few."""
    return [
        gxe.ExpectColumnValuesToBeBetween(column="copies", max_value=1),
        *(gxe.ExpectColumnValuesToNotBeNull(column=name) for name in _MUST_BE_THERE),
        gxe.ExpectColumnValuesToBeBetween(column="quarantined_share", max_value=NOTABLE_SHARE, severity="warning"),
        gxe.ExpectColumnValuesToBeBetween(column="quarantined_share", max_value=MOST_QUARANTINED_SHARE),
    ]

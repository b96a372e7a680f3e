"""What must hold of ``silver.quarantine``."""

import great_expectations.expectations as gxe
from great_expectations.expectations.expectation import Expectation
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

MOST_QUARANTINED_SHARE = 0.05


def audited(quarantined: DataFrame, rejected: int, rows_read: int) -> DataFrame:
    """Return this run's quarantined rows, each with the share of the rows read that was rejected."""
    return quarantined.withColumn("quarantined_share", F.lit(rejected / rows_read))


def expectations() -> list[Expectation]:
    """Return the suite: every row says why it is here and can be sent through again; they are few."""
    return [
        gxe.ExpectColumnValuesToBeUnique(column="event_id"),
        gxe.ExpectColumnValuesToNotBeNull(column="reason"),
        gxe.ExpectColumnValuesToNotBeNull(column="raw"),
        gxe.ExpectColumnValuesToNotBeNull(column="bronze_object"),
        gxe.ExpectColumnValuesToBeBetween(
            column="quarantined_share", max_value=MOST_QUARANTINED_SHARE, severity="warning"
        ),
    ]

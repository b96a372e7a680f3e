"""What must hold of ``gold.lake_freshness``."""

from collections.abc import Callable
from functools import reduce

import great_expectations.expectations as gxe
from great_expectations.expectations.expectation import Expectation
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from data_quality.same_as_silver import SameAsSilver

_SAME = SameAsSilver(("table_name",), ("row_count",), ("lag_hours",))
# Each of Silver's tables, and what of a row is the time of its change. A row of the quarantine has only a run's.
NEWEST = {
    "silver.task_changes": "MAX(changed_at)",
    "silver.tasks": "MAX(last_changed_at)",
    "silver.tasks_per_user_daily": "CAST(MAX(activity_date) AS TIMESTAMP)",
    "silver.api_requests": "MAX(requested_at)",
    "silver.api_usage_daily": "CAST(MAX(activity_date) AS TIMESTAMP)",
    "silver.quarantine": "CAST(NULL AS TIMESTAMP)",
}


def evidence(freshness: DataFrame, read: Callable[[str], DataFrame]) -> DataFrame:
    """Return one row per kind of table: alike in how far its row is from what Silver holds of it."""
    tables = [
        read(table).selectExpr(f"'{table}' AS table_name", "COUNT(*) AS row_count", f"{newest} AS newest_change_at")
        for table, newest in NEWEST.items()
    ]
    in_lake = F.max("newest_change_at").over(Window.partitionBy(F.lit(0)))
    lag_hours = (F.unix_micros(in_lake) - F.unix_micros("newest_change_at")) / 3600e6
    silver = reduce(DataFrame.unionByName, tables).withColumn("lag_hours", lag_hours)
    is_newest = F.expr("newest_change_at <=> silver_newest_change_at AS newest_change_at_is_newest")
    return _SAME.evidence(freshness, silver, is_newest)


def expectations() -> list[Expectation]:
    """Return the suite: each of Silver's tables once, with its rows and its newest change, and how far it is behind."""
    return [
        *_SAME.expectations(),
        gxe.ExpectColumnValuesToBeInSet(column="newest_change_at_is_newest", value_set=[True]),
    ]

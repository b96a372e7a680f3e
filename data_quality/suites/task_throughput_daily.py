"""What must hold of ``gold.task_throughput_daily``."""

from collections.abc import Callable

import great_expectations.expectations as gxe
from great_expectations.expectations.expectation import Expectation
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

_COUNTS = ("tasks_created", "tasks_updated", "tasks_completed", "tasks_deleted", "tasks_expired")


def evidence(throughput: DataFrame, read: Callable[[str], DataFrame]) -> DataFrame:
    """Return one row per day of Gold or Silver, with Silver's own totals as ``silver_…`` beside Gold's."""
    totals = [F.sum(count).alias(f"silver_{count}") for count in _COUNTS]
    daily = read("silver.tasks_per_user_daily")
    silver = daily.groupBy("activity_date").agg(F.countDistinct("user_id").alias("silver_active_users"), *totals)
    return throughput.join(silver, "activity_date", "full").withColumn("rows", F.lit(1))


def expectations() -> list[Expectation]:
    """Return the suite: each day once, and every count equal to Silver's."""
    equal = [
        gxe.ExpectColumnPairValuesToBeEqual(column_A=count, column_B=f"silver_{count}", ignore_row_if="neither")
        for count in ("active_users", *_COUNTS)
    ]
    return [
        gxe.ExpectColumnValuesToBeUnique(column="activity_date"),
        gxe.ExpectColumnValuesToNotBeNull(column="activity_date"),
        *equal,
        gxe.ExpectColumnValuesToBeBetween(column="avg_completion_hours", min_value=0, severity="warning"),
    ]

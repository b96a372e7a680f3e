"""What must hold of ``silver.api_usage_daily``."""

import great_expectations.expectations as gxe
from great_expectations.expectations.expectation import Expectation
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from data_quality.evidence import kinds_of
from glue_jobs.schemas.silver import API_USAGE_DAILY
from glue_jobs.transforms.api_usage_daily import with_usage_key

_KEY = list(API_USAGE_DAILY.key)


def evidence(touched: DataFrame, requests: DataFrame, usage: DataFrame) -> DataFrame:
    """Return one row per kind of touched (day, user, route): alike in how far it is from the requests it counts.

    ``touched`` has the keys, ``requests`` and ``usage`` what the two tables have of those days.
    """
    counted = with_usage_key(requests).groupBy(*_KEY).agg(F.count("*").alias("counted"))
    both = touched.distinct().join(counted, _KEY, "left").join(usage.withColumn("row", F.lit(1)), _KEY, "left")
    copies = F.count("row").over(Window.partitionBy(*_KEY))
    differences = {
        "rows_too_many": copies - F.col("counted").isNotNull().cast("int"),
        "requests_too_many": F.coalesce("requests", F.lit(0)) - F.coalesce("counted", F.lit(0)),
        "errors_too_many": F.expr("greatest(errors_4xx + errors_5xx - requests, 0)"),
        "percentiles_are_ordered": F.expr("coalesce(p50_ms <= p95_ms AND p95_ms <= p99_ms, true)"),
    }
    return kinds_of(both.withColumns(differences).select(*differences))


def expectations() -> list[Expectation]:
    """Return the suite: each day, user and route is there once if it has requests, and counts just those."""
    none = {"min_value": 0, "max_value": 0}
    return [
        gxe.ExpectColumnValuesToBeBetween(column="rows_too_many", **none),
        gxe.ExpectColumnValuesToBeBetween(column="requests_too_many", **none),
        gxe.ExpectColumnValuesToBeBetween(column="errors_too_many", **none),
        gxe.ExpectColumnValuesToBeInSet(column="percentiles_are_ordered", value_set=[True]),
    ]

"""What must hold of ``gold.api_health_daily``."""

from collections.abc import Callable

import great_expectations.expectations as gxe
from great_expectations.expectations.expectation import Expectation
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from data_quality.same_as_silver import SameAsSilver

_SAME = SameAsSilver(
    key=("activity_date", "route"), counts=("requests", "errors_4xx", "errors_5xx"), quantities=("error_rate",)
)
# Exact percentiles take Spark ten times as long as all the rest: they lie between the fastest answer and the slowest.
_PERCENTILES_FIT = """
    COALESCE(
        silver_fastest_ms <= p50_ms AND p50_ms <= p95_ms AND p95_ms <= p99_ms AND p99_ms <= silver_slowest_ms,
        COALESCE(silver_slowest_ms, p50_ms, p95_ms, p99_ms) IS NULL
    ) AS percentiles_fit
"""


def evidence(health: DataFrame, read: Callable[[str], DataFrame]) -> DataFrame:
    """Return one row per kind of day and route: alike in how far it is from its requests."""
    requests = read("silver.api_requests").where("status_code IS NOT NULL")
    routes = requests.groupBy(
        F.to_date("requested_at").alias("activity_date"), F.expr("COALESCE(route, 'unknown') AS route")
    )
    errors_5xx = F.count_if(F.col("status_code").between(500, 599))
    silver = routes.agg(
        F.count("*").alias("requests"),
        F.count_if(F.col("status_code").between(400, 499)).alias("errors_4xx"),
        errors_5xx.alias("errors_5xx"),
        (errors_5xx / F.count("*")).alias("error_rate"),
        F.min("latency_ms").alias("fastest_ms"),
        F.max("latency_ms").alias("slowest_ms"),
    )
    # Of a time only its sign is looked at: kinds that differ in nothing else are one.
    return _SAME.evidence(health, silver, F.expr(_PERCENTILES_FIT), F.expr("LEAST(p50_ms, 0) AS p50_ms"))


def expectations() -> list[Expectation]:
    """Return the suite: each of Silver's days and routes once, with its counts and rate, and percentiles that fit."""
    return [
        *_SAME.expectations(),
        gxe.ExpectColumnValuesToBeInSet(column="percentiles_fit", value_set=[True]),
        gxe.ExpectColumnValuesToBeBetween(column="p50_ms", min_value=0, severity="warning"),
    ]

"""Requests become what each user asked of each route each day."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from glue_jobs.schemas.silver import API_USAGE_DAILY

# A key is never null. API Gateway names no route where none matches.
UNKNOWN_ROUTE = "unknown"
_PERCENTILES = {"p50_ms": 0.5, "p95_ms": 0.95, "p99_ms": 0.99}


def with_usage_key(requests: DataFrame) -> DataFrame:
    """Return the requests that API Gateway has told of, each with the day, user and route it counts for."""
    answered = requests.where(F.col("status_code").isNotNull())
    return answered.withColumns(
        {"activity_date": F.to_date("requested_at"), "route": F.coalesce("route", F.lit(UNKNOWN_ROUTE))}
    )


def to_api_usage_daily(requests: DataFrame) -> DataFrame:
    """Return one row per ``(activity_date, user_id, route)`` in the schema of ``silver.api_usage_daily``.

    The percentiles are exact and interpolated, over the requests that have a latency.
    """
    status_code = F.col("status_code")
    usage = with_usage_key(requests).groupBy(*API_USAGE_DAILY.key)
    return usage.agg(
        F.count("*").alias("requests"),
        F.count_if(status_code.between(400, 499)).alias("errors_4xx"),
        F.count_if(status_code.between(500, 599)).alias("errors_5xx"),
        *(F.round(F.percentile("latency_ms", share), 3).alias(name) for name, share in _PERCENTILES.items()),
    ).select(API_USAGE_DAILY.columns.names)

from datetime import UTC, datetime
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from glue_jobs.schemas.silver import API_REQUESTS, API_USAGE_DAILY
from glue_jobs.transforms.api_usage_daily import to_api_usage_daily

NOON = datetime(2025, 10, 15, 12, tzinfo=UTC)


def requests(spark: SparkSession, *given: dict[str, Any]) -> DataFrame:
    usual = {"user_id": "ada", "requested_at": NOON, "route": "/tasks", "status_code": 200, "latency_ms": 10}
    empty = dict.fromkeys(API_REQUESTS.columns.names)
    return spark.createDataFrame([{**empty, **usual, **row} for row in given], API_REQUESTS.columns)


def test_errors_are_counted_by_whose_fault_they_are(spark: SparkSession) -> None:
    codes = [200, 304, 400, 499, 500, 599, 599]
    [row] = to_api_usage_daily(requests(spark, *({"status_code": code} for code in codes))).collect()
    assert (row.requests, row.errors_4xx, row.errors_5xx) == (7, 2, 3)


def test_percentiles_are_exact_and_pass_over_what_has_no_latency(spark: SparkSession) -> None:
    latencies = [*range(1, 102), None]
    [row] = to_api_usage_daily(requests(spark, *({"latency_ms": ms} for ms in latencies))).collect()
    assert (row.requests, row.p50_ms, row.p95_ms, row.p99_ms) == (102, 51.0, 96.0, 100.0)
    [row] = to_api_usage_daily(requests(spark, {"latency_ms": 1}, {"latency_ms": 2})).collect()
    assert (row.p50_ms, row.p95_ms, row.p99_ms) == (1.5, 1.95, 1.99)
    [row] = to_api_usage_daily(requests(spark, {"latency_ms": None})).collect()
    assert (row.requests, row.p50_ms) == (1, None)


def test_a_request_counts_on_its_utc_day_for_its_user_and_route(spark: SparkSession) -> None:
    before, after = datetime(2025, 10, 15, 23, 59, 59, tzinfo=UTC), datetime(2025, 10, 16, tzinfo=UTC)
    usage = to_api_usage_daily(
        requests(
            spark,
            {"requested_at": before},
            {"requested_at": after},
            {"user_id": "bob"},
            {"route": "/tasks/{taskId}"},
            {"route": None, "status_code": 403},
            {"status_code": None},
        )
    )
    assert sorted((str(row.activity_date), row.user_id, row.route, row.requests) for row in usage.collect()) == [
        ("2025-10-15", "ada", "/tasks", 1),
        ("2025-10-15", "ada", "/tasks/{taskId}", 1),
        ("2025-10-15", "ada", "unknown", 1),
        ("2025-10-15", "bob", "/tasks", 1),
        ("2025-10-16", "ada", "/tasks", 1),
    ]


def test_the_rows_have_the_columns_of_their_table(spark: SparkSession) -> None:
    usage = to_api_usage_daily(requests(spark, {}))
    assert [(f.name, f.dataType) for f in usage.schema] == [(f.name, f.dataType) for f in API_USAGE_DAILY.columns]

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from data_quality.gate import Gate, Verdict
from data_quality.suites.api_usage_daily import evidence, expectations
from glue_jobs.schemas.silver import API_REQUESTS, API_USAGE_DAILY

NOON = datetime(2025, 10, 15, 12, tzinfo=UTC)
KEY = {"activity_date": date(2025, 10, 15), "user_id": "ada", "route": "/tasks"}
USAGE = {**KEY, "requests": 2, "errors_4xx": 1, "errors_5xx": 1, "p50_ms": 1.0, "p95_ms": 2.0, "p99_ms": 2.0}


def verdict(spark: SparkSession, tmp_path: Path, asked: int, *given: dict[str, Any]) -> Verdict:
    """Return the verdict on usage rows beside so many requests of their day, user and route."""
    touched = spark.createDataFrame([KEY], "activity_date date, user_id string, route string")
    usage = spark.createDataFrame([{**USAGE, **row} for row in given], API_USAGE_DAILY.columns)
    found = evidence(touched, requests(spark, asked), usage)
    return Gate(f"file://{tmp_path}", "run").audit("t", found, expectations())


def requests(spark: SparkSession, count: int) -> DataFrame:
    usual = {"user_id": "ada", "requested_at": NOON, "route": "/tasks", "status_code": 404}
    rows = [{**dict.fromkeys(API_REQUESTS.columns.names), **usual, "request_id": f"r{n}"} for n in range(count)]
    return spark.createDataFrame(rows, API_REQUESTS.columns)


def test_usage_that_counts_its_requests_passes(spark: SparkSession, tmp_path: Path) -> None:
    assert verdict(spark, tmp_path, 2, {}).word == "pass"
    no_latency = dict.fromkeys(("p50_ms", "p95_ms", "p99_ms"))
    assert verdict(spark, tmp_path, 2, no_latency).word == "pass"
    assert verdict(spark, tmp_path, 0).word == "pass"


WRONG: dict[str, tuple[int, list[dict[str, Any]]]] = {
    "rows_too_many": (2, [{}, {}]),
    "requests_too_many": (3, [{}]),
    "errors_too_many": (2, [{"errors_5xx": 2}]),
    "percentiles_are_ordered": (2, [{"p99_ms": 0.5}]),
}


@pytest.mark.parametrize("column", WRONG)
def test_each_expectation_of_api_usage_daily_fires(column: str, spark: SparkSession, tmp_path: Path) -> None:
    asked, given = WRONG[column]
    found = verdict(spark, tmp_path, asked, *given)
    assert [failure.columns for failure in found.failures if failure.stops] == [column]
    assert len(WRONG) == len(expectations())


@pytest.mark.parametrize(("asked", "given"), [(2, []), (0, [{}])])
def test_a_row_that_is_missing_or_left_behind_fails(
    asked: int, given: list[dict[str, Any]], spark: SparkSession, tmp_path: Path
) -> None:
    assert "rows_too_many" in {failure.columns for failure in verdict(spark, tmp_path, asked, *given).failures}

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from data_quality.gate import Gate, Verdict
from data_quality.suites.api_requests import evidence, expectations
from glue_jobs.schemas.silver import API_REQUESTS

REQUEST: dict[str, Any] = {
    "request_id": "r1",
    "user_id": "ada",
    "requested_at": datetime(2025, 10, 15, 12, tzinfo=UTC),
    "status_code": 200,
    "latency_ms": 24,
    "lambda_duration_ms": 21.0,
}


def requests(spark: SparkSession, *given: dict[str, Any]) -> DataFrame:
    empty = dict.fromkeys(API_REQUESTS.columns.names)
    return spark.createDataFrame([{**empty, **REQUEST, **row} for row in given], API_REQUESTS.columns)


def verdict(tmp_path: Path, seen: DataFrame, table: DataFrame) -> Verdict:
    return Gate(f"file://{tmp_path}", "run").audit("t", evidence(seen, table), expectations())


def test_requests_that_are_right_pass_and_those_that_are_alike_are_one_row(spark: SparkSession, tmp_path: Path) -> None:
    waiting = dict.fromkeys(("status_code", "latency_ms"))
    table = requests(spark, {}, {"request_id": "r2", "latency_ms": 30}, {"request_id": "r3", **waiting})
    assert verdict(tmp_path, table.union(table), table).word == "pass"
    assert sorted(row.rows for row in evidence(table, table).collect()) == [1, 2]


WRONG: dict[str, dict[str, Any]] = {
    "copies": {"request_id": "r1"},
    "user_id": {"request_id": "r2", "user_id": None},
    "requested_at": {"request_id": "r3", "requested_at": None},
    "status_code": {"request_id": "r4", "status_code": 600},
    "latency_ms": {"request_id": "r5", "latency_ms": -1},
    "lambda_duration_ms": {"request_id": "r6", "lambda_duration_ms": -0.5},
}


def test_each_expectation_of_api_requests_fires(spark: SparkSession, tmp_path: Path) -> None:
    table = requests(spark, {}, *WRONG.values())
    found = verdict(tmp_path, table, table)
    assert {failure.columns: failure.unexpected for failure in found.failures} == {
        **dict.fromkeys(WRONG, 1),
        "copies": 2,
    }
    assert len(found.failures) == len(expectations())


def test_rows_of_one_id_are_copies_where_they_are_no_more_than_seven_days_apart(
    spark: SparkSession, tmp_path: Path
) -> None:
    first = REQUEST["requested_at"] + timedelta(microseconds=999_999)
    moments = first, first + timedelta(7), first + timedelta(7, microseconds=1)
    first, within, apart = ({"requested_at": moment} for moment in moments)
    assert verdict(tmp_path, requests(spark, {}), requests(spark, first, apart)).word == "pass"
    [failure] = verdict(tmp_path, requests(spark, {}), requests(spark, first, within, apart)).failures
    assert (failure.columns, failure.unexpected) == ("copies", 3)


def test_a_request_that_the_table_lacks_fails(spark: SparkSession, tmp_path: Path) -> None:
    found = verdict(tmp_path, requests(spark, {}, {"request_id": "r2"}), requests(spark, {}))
    assert [failure.columns for failure in found.failures if failure.stops] == ["copies", "user_id", "requested_at"]

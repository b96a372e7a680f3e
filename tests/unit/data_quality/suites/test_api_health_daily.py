from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from data_quality.gate import Verdict
from data_quality.suites.api_health_daily import evidence, expectations
from glue_jobs.schemas.silver import API_REQUESTS
from tests.unit.data_quality.judged import failed, gold, reader, rows, verdict

LAST_SECOND = datetime(2025, 10, 15, 23, 59, 59, tzinfo=UTC)
HEALTH = {
    "activity_date": date(2025, 10, 15),
    "requests": 3,
    "errors_4xx": 1,
    "errors_5xx": 1,
    "error_rate": 0.333333,
    "p50_ms": 20,
    "p95_ms": 30,
    "p99_ms": 30,
}
NO_LATENCY = dict.fromkeys(("p50_ms", "p95_ms", "p99_ms"))


def health(spark: SparkSession, *given: dict[str, Any]) -> DataFrame:
    return gold(spark, "api_health_daily", *({**HEALTH, **row} for row in given))


def asked(route: str | None, *latencies: int | None) -> list[dict[str, Any]]:
    """Return three answered requests of a route, and one that has no answer yet."""
    answers = zip((200, 499, 500), latencies or (10, 20, 30), strict=True)
    requests = [{"status_code": status, "latency_ms": latency} for status, latency in answers]
    return [{"requested_at": LAST_SECOND, "route": route, **request} for request in (*requests, {})]


def judged(folder: Path, table: DataFrame, *requests: dict[str, Any]) -> Verdict:
    silver = rows(table.sparkSession, API_REQUESTS, *requests)
    return verdict(folder, evidence(table, reader(api_requests=silver)), expectations())


def test_routes_that_equal_their_requests_pass(spark: SparkSession, tmp_path: Path) -> None:
    table = health(spark, {"route": "/tasks"}, {"route": "unknown", **NO_LATENCY})
    assert judged(tmp_path, table, *asked("/tasks"), *asked(None, None, None, None)).word == "pass"


def test_no_routes_of_no_requests_pass(spark: SparkSession, tmp_path: Path) -> None:
    assert judged(tmp_path, health(spark)).word == "pass"


WRONG: dict[str, dict[str, Any]] = {
    "requests_too_many": {"requests": 4},
    "errors_4xx_too_many": {"errors_4xx": 2},
    "errors_5xx_too_many": {"errors_5xx": None},
    "error_rate_apart": {"error_rate": 0.5},
}
UNFIT: dict[str, dict[str, Any]] = {
    "falling": {"p50_ms": 30, "p95_ms": 20},
    "faster than the fastest": {"p50_ms": 9},
    "slower than the slowest": {"p99_ms": 31},
    "not there": NO_LATENCY,
    "not all there": {"p95_ms": None},
}


def test_each_expectation_of_api_health_daily_fires_and_counts_rows(spark: SparkSession, tmp_path: Path) -> None:
    table = health(
        spark,
        {"route": "twice"},
        {"route": "twice"},
        {"route": "clock", "p50_ms": -1},
        *({"route": name, **wrong} for name, wrong in {**WRONG, **UNFIT}.items()),
    )
    requests = [request for name in ("twice", *WRONG, *UNFIT) for request in asked(name)]
    found = judged(tmp_path, table, *requests, *asked("clock", -1, -1, 30))
    assert failed(found) == {"copies": 2, **dict.fromkeys(WRONG, 1), "percentiles_fit": len(UNFIT), "p50_ms": 1}
    assert len(found.failures) == len(expectations()) - 2
    assert [failure.columns for failure in found.failures if not failure.stops] == ["p50_ms"]


def test_percentiles_of_requests_without_a_latency_fail(spark: SparkSession, tmp_path: Path) -> None:
    made_up = health(spark, {"route": "/tasks"})
    assert failed(judged(tmp_path, made_up, *asked("/tasks", None, None, None))) == {"percentiles_fit": 1}


def test_a_row_without_a_day_or_a_route_fails(spark: SparkSession, tmp_path: Path) -> None:
    found = failed(judged(tmp_path, health(spark, {"activity_date": None, "route": "/tasks"}, {}), *asked("/tasks")))
    assert (found["activity_date"], found["route"]) == (1, 1)


def test_a_route_that_gold_forgot_or_made_up_fails(spark: SparkSession, tmp_path: Path) -> None:
    assert failed(judged(tmp_path, health(spark), *asked("/tasks")))["copies"] == 1
    assert failed(judged(tmp_path, health(spark, {"route": "/tasks"})))["requests_too_many"] == 1

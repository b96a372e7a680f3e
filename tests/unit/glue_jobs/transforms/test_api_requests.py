from datetime import UTC, timedelta
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from glue_jobs.schemas.silver import API_REQUESTS
from glue_jobs.transforms.api_logs import keep_halves, parse_api_logs
from glue_jobs.transforms.api_requests import HALF, to_api_requests
from tests.unit.glue_jobs.log_lines import NOON, access, application, bronze_logs, failed

NAMES = ("user_id", "method", "route", "status_code", "latency_ms", "lambda_duration_ms", "error")


def halves(spark: SparkSession, *lines: str) -> DataFrame:
    return keep_halves(parse_api_logs(bronze_logs(spark, *lines)))


def request(spark: SparkSession, *lines: str) -> Any:
    [row] = to_api_requests(halves(spark, *lines)).withColumn("second", F.second("requested_at")).collect()
    return row


def values(row: Any) -> list[Any]:
    return [row[name] for name in NAMES]


def test_both_halves_make_one_request(spark: SparkSession) -> None:
    row = request(spark, application(), access())
    assert values(row) == ["ada", "POST", "/tasks", 201, 24, 21.0, None]


def test_a_half_waits_for_the_other(spark: SparkSession) -> None:
    assert values(request(spark, application())) == ["ada", None, None, None, None, 21.0, None]
    assert values(request(spark, access())) == ["ada", "POST", "/tasks", 201, 24, None, None]


def test_a_row_of_the_table_is_a_half_too(spark: SparkSession) -> None:
    lines = [failed("first"), application(duration_ms=99), access(user_id="-"), access(status_code=500), failed("then")]
    stored = to_api_requests(halves(spark, *lines[:2])).select(*HALF)
    later = keep_halves(parse_api_logs(bronze_logs(spark, *lines))).where("access is not null")
    assert to_api_requests(stored.unionByName(later)).collect() == to_api_requests(halves(spark, *lines)).collect()


def test_the_first_access_line_tells_of_the_request_whole(spark: SparkSession) -> None:
    row = request(spark, access(status_code=200, latency_ms=None), access(status_code=500, latency_ms=9))
    assert (row.status_code, row.latency_ms) == (200, None)


def test_the_longest_duration_and_the_first_error_are_the_applications(spark: SparkSession) -> None:
    row = request(spark, application(duration_ms=5), failed("first", duration_ms=9), failed("second", duration_ms=7))
    assert (row.lambda_duration_ms, row.error) == (9.0, "first")


def test_the_error_is_the_applications_else_the_integrations(spark: SparkSession) -> None:
    told = access(status_code=502, integration_error="The Lambda function returned an error")
    assert request(spark, told).error == "The Lambda function returned an error"
    assert request(spark, told, failed("KeyError: 'due_date'")).error == "KeyError: 'due_date'"


def test_the_user_is_the_access_lines_else_the_applications_else_anonymous(spark: SparkSession) -> None:
    assert request(spark, application(user_id="bob"), access()).user_id == "ada"
    nobody = access(user_id="-", status_code=401)
    assert request(spark, nobody, application(user_id=None), application(user_id="bob")).user_id == "bob"
    assert request(spark, nobody).user_id == "anonymous"


def test_the_time_is_the_access_lines_else_the_applications_first(spark: SparkSession) -> None:
    lines = ["START", application(), application()]
    assert request(spark, *lines).second == 1
    assert request(spark, *lines, access()).second == 0


def test_lines_of_one_id_more_than_seven_days_apart_are_of_two_requests(spark: SparkSession) -> None:
    logged_at = [NOON + timedelta(days=days, seconds=seconds) for days, seconds in ((0, 0), (7, 0), (14, 1))]
    lines = [{"logged_at": at, "message": application(duration_ms=at.second)} for at in logged_at]
    rows = to_api_requests(keep_halves(parse_api_logs(bronze_logs(spark, *lines)))).orderBy("requested_at")
    found = [(row.requested_at.astimezone(UTC), row.lambda_duration_ms) for row in rows.collect()]
    assert found == [(logged_at[0], 0.0), (logged_at[2], 1.0)]


def test_the_rows_have_the_columns_of_their_table(spark: SparkSession) -> None:
    rows = to_api_requests(halves(spark, access()))
    assert [(f.name, f.dataType) for f in rows.schema] == [(f.name, f.dataType) for f in API_REQUESTS.columns]

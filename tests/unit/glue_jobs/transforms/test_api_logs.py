from datetime import timedelta
from typing import Any

from pyspark.sql import SparkSession

from glue_jobs.schemas.bronze import CLAIMED_MESSAGE
from glue_jobs.transforms.api_logs import keep_halves, parse_api_logs, with_claimed_messages
from tests.unit.glue_jobs.log_lines import BARE, NOON, NOON_MS, access, application, bronze_logs, failed

DAY_MS = 86_400_000

OF_NO_REQUEST = [
    "START RequestId: 0a1b2c3d-0000-4000-8000-000000000001 Version: $LATEST\n",
    "REPORT RequestId: 0a1b2c3d-0000-4000-8000-000000000001\tDuration: 36.00 ms\tBilled Duration: 36 ms\t\n",
    '[ERROR] KeyError: "log":"access"\nTraceback (most recent call last):\n  File "/var/task/x.py", line 1\n',
    application(request_id=None),
    application(request_id="-"),
    "{'request_id': 'r1'}",
    '["request_id", "r1"]',
    "null",
    "",
    '{"request_id": "r1", "user_i',
]

FAULTY = [
    (access(request_id="-"), "request_id is missing"),
    (access(requested_at_ms=None), "requested_at_ms is missing"),
    (access(requested_at_ms="noon"), "requested_at_ms is not a time in Unix milliseconds"),
    (access(requested_at_ms=-1), "requested_at_ms is not a time in Unix milliseconds"),
    (access(requested_at_ms=NOON_MS // 1000), "requested_at_ms is more than 7 days from the line's own time"),
    (access(requested_at_ms=NOON_MS + 8 * DAY_MS), "requested_at_ms is more than 7 days from the line's own time"),
    (access(status_code="ok"), "status_code is not an HTTP status"),
    (access(status_code=99), "status_code is not an HTTP status"),
    (access(latency_ms=True), "latency_ms is not a whole number"),
    (access(request_id=["r1"]), "request_id is not text"),
    (access(user_id={"sub": "ada"}), "user_id is not text"),
    ('{"log":"access","request_id":"r1","requested_at_ms":', "the access line is not JSON"),
    ('{"log":"access","request_id":"r1","integration_error":"it said "no""}', "the access line is not JSON"),
    (access(request_id=None, latency_ms="x"), "request_id is missing; latency_ms is not a whole number"),
]


def parsed(spark: SparkSession, *lines: str | dict[str, Any]) -> list[Any]:
    return parse_api_logs(bronze_logs(spark, *lines)).orderBy("log_event_id").collect()


def test_an_access_line_gives_what_api_gateway_knows_of_the_request(spark: SparkSession) -> None:
    [row] = parsed(spark, access(requested_at_ms=1_760_529_600_123, status_code=502, integration_error="timed out"))
    assert row.half.access.asDict() == {
        "logged_at": row.logged_at,
        "log_event_id": "log-0",
        "user_id": "ada",
        "requested_at": row.logged_at + timedelta(milliseconds=123),
        "method": "POST",
        "route": "/tasks",
        "status_code": 502,
        "latency_ms": 24,
        "integration_error": "timed out",
    }
    assert (row.half.request_id, row.half.application_logged_at, row.half.lambda_duration_ms) == ("r1", None, None)


def test_an_applications_line_gives_its_time_its_user_and_how_long_it_took(spark: SparkSession) -> None:
    [row] = parsed(spark, application(duration_ms=21.25))
    assert (row.half.access, row.half.application_error, row.reason) == (None, None, None)
    assert (row.half.application_logged_at, row.half.lambda_duration_ms) == (row.logged_at, 21.25)
    assert row.half.application_user == (row.logged_at, "log-0", "ada")


def test_a_line_of_an_error_gives_its_message(spark: SparkSession) -> None:
    [row] = parsed(spark, failed("KeyError: 'due_date'"))
    assert row.half.application_error == (row.logged_at, "log-0", "KeyError: 'due_date'")


def test_a_dash_is_an_absent_value_and_as_a_number_it_does_not_break_the_line(spark: SparkSession) -> None:
    line = access(user_id="-", route="-", integration_error="a:-,b", latency_ms=BARE)
    assert '"latency_ms":-,' in line
    [row] = parsed(spark, line)
    found = row.half.access
    assert (found.user_id, found.route, found.latency_ms, found.integration_error) == (None, None, None, "a:-,b")
    [last] = parsed(spark, '{"log":"access","request_id":"r1","requested_at_ms":1760529600000,"status_code": - }')
    assert (last.reason, last.half.access.status_code) == (None, None)


def test_numbers_in_quotes_are_numbers(spark: SparkSession) -> None:
    [row] = parsed(spark, access(status_code="200", latency_ms="24"))
    assert (row.half.access.status_code, row.half.access.latency_ms) == (200, 24)


def test_what_an_application_writes_in_its_own_way_gives_what_it_has(spark: SparkSession) -> None:
    [row] = parsed(spark, '{"request_id": "r1", "duration_ms": "soon", "status": "error", "user_id": "-"}')
    assert (row.reason, row.half.request_id, row.half.application_logged_at) == (None, "r1", row.logged_at)
    assert (row.half.lambda_duration_ms, row.half.application_user, row.half.application_error) == (None, None, None)


def test_lines_of_no_request_are_passed_over(spark: SparkSession) -> None:
    rows = parsed(spark, *OF_NO_REQUEST)
    assert [(row.half, row.reason) for row in rows] == [(None, None)] * len(OF_NO_REQUEST)


def test_a_faulty_access_line_says_why(spark: SparkSession) -> None:
    rows = parse_api_logs(bronze_logs(spark, *(line for line, _ in FAULTY))).orderBy("logged_at").collect()
    assert [(row.half, row.reason) for row in rows] == [(None, reason) for _, reason in FAULTY]


def test_a_request_may_be_seven_days_from_its_line_in_either_direction(spark: SparkSession) -> None:
    message = [access(requested_at_ms=NOON_MS + days * DAY_MS) for days in (-7, 7)]
    rows = parsed(spark, *({"logged_at": NOON, "message": text} for text in message))
    assert [row.reason for row in rows] == [None, None]


def test_a_claim_checked_line_is_put_back_and_a_missing_one_says_so(spark: SparkSession) -> None:
    claim = {"message_object": "claim_checks/api_logs/2025/10/15/ada/log-0.json"}
    logs = bronze_logs(spark, claim, claim, application())
    claimed = spark.createDataFrame([("log-0", access()), ("log-0", access())], CLAIMED_MESSAGE)
    rows = parse_api_logs(with_claimed_messages(logs, claimed)).orderBy("log_event_id").collect()
    assert [row.half and row.half.request_id for row in rows] == ["r1", None, "r1"]
    assert rows[1].reason == "the message is missing, or the object that holds it"


def test_only_lines_that_say_something_of_a_request_are_kept(spark: SparkSession) -> None:
    halves = keep_halves(parse_api_logs(bronze_logs(spark, access(), "START", access(request_id=None), application())))
    assert [half.access is None for half in halves.collect()] == [False, True]

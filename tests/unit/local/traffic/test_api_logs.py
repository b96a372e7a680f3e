import json
from collections import Counter
from typing import Any

import pytest

from local.traffic.api_logs import ACCESS_GROUP, FUNCTION_GROUP
from local.traffic.day import MIDNIGHT, day, day_logs
from local.traffic.requests import ANONYMOUS
from local.traffic.todo_tasks import DAY

Line = dict[str, Any]


@pytest.fixture(scope="module")
def logs() -> list[Line]:
    return day_logs(day())


@pytest.fixture(scope="module")
def access(logs: list[Line]) -> list[Line]:
    return [json.loads(line["message"]) for line in logs if line["logGroup"] == ACCESS_GROUP]


@pytest.fixture(scope="module")
def application(logs: list[Line]) -> list[Line]:
    return [json.loads(line["message"]) for line in logs if line["message"].startswith("{") and _of_function(line)]


def _of_function(line: Line) -> bool:
    return bool(line["logGroup"] == FUNCTION_GROUP)


def test_each_task_change_by_a_user_has_its_request_in_the_same_second(access: list[Line]) -> None:
    codes = {("POST", 201): "INSERT", ("PUT", 200): "MODIFY", ("DELETE", 204): "REMOVE"}
    writes = Counter(
        (codes[line["method"], line["status_code"]], line["user_id"], line["requested_at_ms"] // 1000)
        for line in access
        if (line["method"], line["status_code"]) in codes
    )
    changes = Counter(
        (
            record["eventName"],
            record["dynamodb"]["Keys"]["PK"]["S"].removeprefix("TASK#"),
            int(record["dynamodb"]["ApproximateCreationDateTime"]),
        )
        for record in day()
        if record["dynamodb"]["Keys"]["PK"]["S"].startswith("TASK#") and "userIdentity" not in record
    )
    assert writes == changes


def test_reads_refusals_errors_and_lapsed_sessions_are_mixed_in(access: list[Line]) -> None:
    assert 3_800 <= len(access) <= 4_200
    assert Counter(line["method"] for line in access)["GET"] > 500
    assert {400, 401, 404, 409, 502} <= {line["status_code"] for line in access}
    assert {line["user_id"] for line in access if line["status_code"] == 401} == {ANONYMOUS}
    assert {line["integration_error"] == "-" for line in access if line["status_code"] == 502} == {False}


def test_the_application_says_the_same_user_and_request_and_anonymous_requests_never_reach_it(
    access: list[Line], application: list[Line]
) -> None:
    def requests(lines: list[Line]) -> list[tuple[str, str]]:
        return sorted((line["request_id"], line["user_id"]) for line in lines)

    assert requests(application) == requests([line for line in access if line["user_id"] != ANONYMOUS])
    latency_ms = {line["request_id"]: line["latency_ms"] for line in access}
    assert all(0 < line["duration_ms"] < latency_ms[line["request_id"]] for line in application)
    assert {line["level"] for line in application if line["status"] == "success"} == {"INFO"}


def test_each_invocation_has_its_start_end_and_report_under_lambdas_own_id(
    logs: list[Line], application: list[Line]
) -> None:
    marks = Counter(line["message"].split()[0] for line in logs if _of_function(line))
    assert marks["START"] == marks["END"] == marks["REPORT"] == len(application)
    ids = {line["message"].split()[2] for line in logs if line["message"].startswith(("START", "END", "REPORT"))}
    assert len(ids) == len(application)
    assert ids.isdisjoint(line["request_id"] for line in application)


def test_an_error_of_the_application_leaves_its_traceback_as_one_event(logs: list[Line], access: list[Line]) -> None:
    tracebacks = [line for line in logs if line["message"].startswith("[ERROR]")]
    assert len(tracebacks) == sum(line["status_code"] == 502 for line in access) > 0
    assert all("\nTraceback (most recent call last):\n" in line["message"] for line in tracebacks)


def test_events_are_of_the_day_in_order_with_ids_of_their_own(logs: list[Line]) -> None:
    moments = [line["timestamp"] for line in logs]
    assert moments == sorted(moments)
    assert MIDNIGHT * 1000 <= moments[0] <= moments[-1] < (MIDNIGHT + DAY) * 1000
    assert len({line["id"] for line in logs}) == len(logs)

import base64
import gzip
import json
import logging
from typing import Any

import pytest

from cdc_lambda.circuit_breaker import CircuitBreaker
from cdc_lambda.claim_check import MAX_RECORD_BYTES
from cdc_lambda.log_forwarder import UndecodablePayloadError, UndeliveredError, make_forwarder
from tests.unit.cdc_lambda.conftest import LoadEvent, pack
from tests.unit.cdc_lambda.fakes import FakeContext, FakeFirehose, FakeS3, claim_check_in, delivery_to


def forward(
    event: dict[str, Any], firehose: FakeFirehose, s3: FakeS3 | None = None, breaker: CircuitBreaker | None = None
) -> None:
    delivery, claim_check = delivery_to(firehose, breaker), claim_check_in(s3 or FakeS3())
    make_forwarder(delivery, claim_check, "LogForwarderFunction", now=lambda: 1760518870.0)(event, FakeContext())


def log_line(caplog: pytest.LogCaptureFixture) -> dict[str, Any]:
    (record,) = caplog.records
    line: dict[str, Any] = json.loads(record.message)
    return line


def test_a_payload_of_many_users_is_split_into_rows(load_event: LoadEvent, load_log_event: LoadEvent) -> None:
    firehose = FakeFirehose()
    forward(load_log_event("logs_data"), firehose)
    log_events = load_event("logs_data")["logEvents"]
    assert [row["log_event_id"] for row in firehose.rows] == [log_event["id"] for log_event in log_events]
    assert [row["message"] for row in firehose.rows] == [log_event["message"] for log_event in log_events]
    assert {row["user_id"] for row in firehose.rows} == {"alice", "josé/maría", "anonymous"}
    assert {row["log_group"] for row in firehose.rows} == {"/aws/lambda/todo-api"}


def test_a_control_message_is_dropped(load_log_event: LoadEvent, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "cdc_lambda")
    firehose = FakeFirehose()
    forward(load_log_event("control_message"), firehose)
    assert firehose.calls == []
    line = log_line(caplog)
    assert (line["status"], line["Received"], line["Skipped"], line["Failed"]) == ("success", 1, 1, 0)


@pytest.mark.parametrize(
    "event",
    [
        pytest.param({}, id="no awslogs"),
        pytest.param({"awslogs": None}, id="nothing"),
        pytest.param({"awslogs": {"data": 7}}, id="a number"),
        pytest.param({"awslogs": {"data": "not base64!"}}, id="no base64"),
        pytest.param({"awslogs": {"data": "é"}}, id="no ASCII"),
        pytest.param({"awslogs": {"data": base64.b64encode(gzip.compress(b"{}")[:-9]).decode()}}, id="cut gzip"),
        pytest.param({"awslogs": {"data": base64.b64encode(gzip.compress(b"{")).decode()}}, id="no JSON"),
        pytest.param(pack([]), id="no object"),
        pytest.param(pack({"messageType": "DATA_MESSAGE"}), id="no log events"),
        pytest.param(pack({"messageType": "OTHER", "logEvents": []}), id="another message"),
        pytest.param(pack({"messageType": "DATA_MESSAGE", "logEvents": [], "logStream": "s"}), id="no log group"),
    ],
)
def test_what_is_no_payload_of_cloudwatch_raises_so_that_lambda_keeps_it(
    event: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(UndecodablePayloadError):
        forward(event, FakeFirehose())
    assert (log_line(caplog)["Received"], log_line(caplog)["Failed"]) == (1, 1)


def test_what_is_not_gzip_raises(load_event: LoadEvent) -> None:
    with pytest.raises(UndecodablePayloadError, match="BadGzipFile"):
        forward(load_event("not_gzip"), FakeFirehose())


def test_one_log_event_that_cannot_be_a_row_raises_before_anything_is_sent(load_event: LoadEvent) -> None:
    payload = load_event("logs_data")
    del payload["logEvents"][4]["id"]
    firehose = FakeFirehose()
    with pytest.raises(UndecodablePayloadError, match=r"^id is missing or is no text$"):
        forward(pack(payload), firehose)
    assert firehose.calls == []


def test_what_firehose_does_not_take_raises_with_counts_and_the_rest_is_delivered(load_log_event: LoadEvent) -> None:
    firehose = FakeFirehose(lambda _call, payload: "InternalFailure" if b"Traceback" in payload else None)
    with pytest.raises(UndeliveredError, match=r"^1 of 10 log events were not delivered$"):
        forward(load_log_event("logs_data"), firehose)
    assert len(firehose.accepted) == 9


def test_an_open_circuit_raises_at_once(load_log_event: LoadEvent) -> None:
    breaker = CircuitBreaker(failure_threshold=1)
    breaker.failed()
    firehose = FakeFirehose()
    with pytest.raises(UndeliveredError, match=r"^10 of 10 "):
        forward(load_log_event("logs_data"), firehose, breaker=breaker)
    assert firehose.calls == []


def test_a_line_too_large_for_firehose_stays_in_an_object(load_event: LoadEvent) -> None:
    firehose, s3 = FakeFirehose(), FakeS3()
    payload = load_event("logs_data")
    payload["logEvents"][8]["message"] = large = "\x00" * (MAX_RECORD_BYTES // 6 + 1)
    forward(pack(payload), firehose, s3)
    event_id = payload["logEvents"][8]["id"]
    key = f"claim_checks/api_logs/2025/10/15/anonymous/{event_id}.json"
    assert (firehose.rows[8]["message"], firehose.rows[8]["message_object"]) == (None, key)
    assert json.loads(s3.objects[key]) == {"log_event_id": event_id, "message": large}


def test_a_line_that_s3_does_not_take_raises_and_the_rest_is_delivered(load_event: LoadEvent) -> None:
    payload = load_event("logs_data")
    payload["logEvents"][0]["message"] = "x" * MAX_RECORD_BYTES
    firehose = FakeFirehose()
    with pytest.raises(UndeliveredError, match=r"^1 of 10 "):
        forward(pack(payload), firehose, FakeS3(is_down=True))
    assert len(firehose.accepted) == 9


def test_no_line_ever_reaches_the_log(load_event: LoadEvent, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "cdc_lambda")
    payload = load_event("logs_data")
    for log_event in payload["logEvents"]:
        log_event |= {"id": f"canary{log_event['id']}", "message": '{"user_id":"canary","request_id":"canary"}'}
    payload |= {"logGroup": "canary", "logStream": "canary"}
    forward(pack(payload), FakeFirehose())
    for faulty in (payload | {"messageType": "canary"}, payload | {"logEvents": ["canary"]}, "canary"):
        with pytest.raises(UndecodablePayloadError) as failure:
            forward(pack(faulty), FakeFirehose())
        assert "canary" not in str(failure.value)
    with pytest.raises(UndeliveredError):
        forward(pack(payload), FakeFirehose(lambda *_: "InternalFailure"))
    assert len(caplog.records) == 5
    assert "canary" not in caplog.text

import json
import logging
from collections.abc import Sequence
from typing import Any

import pytest

from cdc_lambda.circuit_breaker import CircuitBreaker
from cdc_lambda.claim_check import MAX_RECORD_BYTES
from cdc_lambda.delivery import CALL_SECONDS, MAX_ATTEMPTS
from cdc_lambda.envelope import EVENT_NAMES
from cdc_lambda.handler import make_handler
from tests.unit.cdc_lambda.conftest import LoadEvent
from tests.unit.cdc_lambda.fakes import FakeContext, FakeFirehose, FakeS3, claim_check_in, delivery_to

ALL_DELIVERED: dict[str, list[dict[str, str]]] = {"batchItemFailures": []}


def handle(
    event: dict[str, Any], firehose: FakeFirehose, s3: FakeS3 | None = None, breaker: CircuitBreaker | None = None
) -> dict[str, list[dict[str, str]]]:
    delivery, claim_check = delivery_to(firehose, breaker), claim_check_in(s3 or FakeS3())
    return make_handler(delivery, claim_check, "CdcFunction", now=lambda: 1760518870.0)(event, FakeContext())


def failed_at(sequence_number: str) -> dict[str, list[dict[str, str]]]:
    return {"batchItemFailures": [{"itemIdentifier": sequence_number}]}


@pytest.mark.parametrize("name", ["insert", "modify", "remove", "ttl_remove", "every_attribute_type"])
def test_a_task_change_is_delivered(load_event: LoadEvent, name: str) -> None:
    firehose = FakeFirehose()
    assert handle(load_event(name), firehose) == ALL_DELIVERED
    assert [row["event_id"] for row in firehose.rows] == [load_event(name)["Records"][0]["eventID"]]


def test_other_entities_never_leave_the_function(load_event: LoadEvent) -> None:
    firehose = FakeFirehose()
    assert handle(load_event("mixed_batch"), firehose) == ALL_DELIVERED
    assert [(row["user_id"], row["task_id"]) for row in firehose.rows] == [
        ("alice", "t-1"),
        ("bob", "t-2"),
        ("alice", "t-1"),
    ]
    assert b"example.com" not in b"".join(firehose.accepted)


def test_the_lowest_sequence_number_that_failed_is_reported_alone(load_event: LoadEvent) -> None:
    firehose = FakeFirehose(lambda _call, payload: None if b'"INSERT"' in payload else "InternalFailure")
    firehose_twice = FakeFirehose(lambda _call, _payload: "InternalFailure")
    event = load_event("mixed_batch")
    assert handle(event, firehose) == failed_at("100000000000000000063")
    assert handle(event, firehose_twice) == failed_at("100000000000000000042")


def test_a_poison_record_is_reported_after_all_before_it_was_delivered(load_event: LoadEvent) -> None:
    firehose = FakeFirehose()
    assert handle(load_event("poison"), firehose) == failed_at("100000000000000000091")
    assert [row["task_id"] for row in firehose.rows] == ["t-11", "t-12"]


def test_a_failed_delivery_before_a_poison_record_is_reported_instead_of_it(load_event: LoadEvent) -> None:
    firehose = FakeFirehose(lambda _call, payload: "InternalFailure" if b"t-12" in payload else None)
    assert handle(load_event("poison"), firehose) == failed_at("100000000000000000084")


def test_a_record_without_a_sequence_number_fails_the_whole_batch(load_event: LoadEvent) -> None:
    event = load_event("insert")
    del event["Records"][0]["dynamodb"]["SequenceNumber"]
    assert handle(event, FakeFirehose()) == failed_at("")


def with_long_title(event: dict[str, Any], position: int) -> dict[str, Any]:
    event["Records"][position]["dynamodb"]["NewImage"]["title"]["S"] = "x" * MAX_RECORD_BYTES
    return event


def test_images_too_large_for_firehose_stay_in_an_object_and_the_rest_goes_on(load_event: LoadEvent) -> None:
    firehose, s3 = FakeFirehose(), FakeS3()
    event = with_long_title(load_event("mixed_batch"), 1)
    assert handle(event, firehose, s3) == ALL_DELIVERED
    ((key, body),) = s3.objects.items()
    row = firehose.rows[0]
    event_id = event["Records"][1]["eventID"]
    assert key == f"claim_checks/task_changes/2025/10/15/alice/{event_id}.json"
    assert (row["event_id"], row["new_image"], row["old_image"], row["images_object"]) == (event_id, None, None, key)
    stored = json.loads(body)
    assert list(stored) == ["event_id", "new_image", "old_image"]
    assert json.loads(stored["new_image"]) == event["Records"][1]["dynamodb"]["NewImage"]
    assert [other["images_object"] for other in firehose.rows[1:]] == [None, None]


def test_images_that_s3_does_not_take_are_reported_after_all_before_them_was_delivered(load_event: LoadEvent) -> None:
    firehose = FakeFirehose()
    event = with_long_title(load_event("mixed_batch"), 3)
    assert handle(event, firehose, FakeS3(is_down=True)) == failed_at("100000000000000000056")
    assert len(firehose.accepted) == 1


def test_an_open_circuit_reports_the_first_record_of_the_batch_and_calls_nobody(load_event: LoadEvent) -> None:
    breaker = CircuitBreaker(failure_threshold=1)
    handle(load_event("insert"), FakeFirehose(lambda *_: "InternalFailure"), breaker=breaker)
    firehose = FakeFirehose()
    assert handle(load_event("mixed_batch"), firehose, breaker=breaker) == failed_at("100000000000000000042")
    assert firehose.calls == []


def test_an_invocation_without_time_reports_the_first_record(load_event: LoadEvent) -> None:
    handler = make_handler(delivery_to(FakeFirehose()), claim_check_in(FakeS3()), "CdcFunction")
    assert handler(load_event("insert"), FakeContext(seconds=CALL_SECONDS - 1)) == failed_at("100000000000000000007")


def test_text_that_is_not_unicode_is_poison_and_not_an_error_of_the_whole_batch(load_event: LoadEvent) -> None:
    event = load_event("mixed_batch")
    event["Records"][3]["dynamodb"]["NewImage"]["title"]["S"] = "\ud800"
    firehose = FakeFirehose()
    assert handle(event, firehose) == failed_at("100000000000000000056")
    assert len(firehose.accepted) == 1


def log_lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [json.loads(record.message) for record in caplog.records]


def test_the_log_line_of_a_batch_says_what_became_of_it(
    load_event: LoadEvent, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "cdc_lambda")
    handle(load_event("mixed_batch"), FakeFirehose())
    handle(load_event("poison"), FakeFirehose())
    delivered, poisoned = log_lines(caplog)
    assert {name: delivered[name] for name in ("Received", "Delivered", "Failed", "Skipped")} == {
        "Received": 6,
        "Delivered": 3,
        "Failed": 0,
        "Skipped": 3,
    }
    assert (delivered["status"], delivered["request_id"]) == ("success", FakeContext().aws_request_id)
    assert (poisoned["level"], poisoned["status"], poisoned["Failed"]) == ("ERROR", "error", 2)
    assert poisoned["message"] == "dynamodb.ApproximateCreationDateTime is no time in Unix seconds"


def test_a_failed_delivery_is_logged_as_an_error_with_firehoses_codes(
    load_event: LoadEvent, caplog: pytest.LogCaptureFixture
) -> None:
    handle(load_event("insert"), FakeFirehose(lambda *_: "ServiceUnavailableException"))
    (line,) = log_lines(caplog)
    assert (caplog.records[0].levelname, line["level"], line["status"]) == ("ERROR", "ERROR", "error")
    assert line["error_codes"] == {"ServiceUnavailableException": MAX_ATTEMPTS}
    assert (line["Retried"], line["Failed"]) == (MAX_ATTEMPTS - 1, 1)


def test_no_value_of_a_record_ever_reaches_the_log(load_event: LoadEvent, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "cdc_lambda")
    for name in ("mixed_batch", "poison", "every_attribute_type", "ttl_remove"):
        for event in (with_canaries(load_event(name), ()), with_canaries(load_event(name), EVENT_NAMES)):
            for firehose in (FakeFirehose(), FakeFirehose(lambda *_: "InternalFailure")):
                handle(event, firehose, FakeS3(is_down=True))
    assert len(caplog.records) == 16
    assert {json.loads(record.message)["status"] for record in caplog.records} == {"success", "error"}
    assert "canary" not in caplog.text


def with_canaries(value: Any, kept: Sequence[str]) -> Any:
    """Return the value with a canary in every text that is not to be kept, behind ``TASK#`` where it begins so."""
    if isinstance(value, dict):
        return {name: with_canaries(one, kept) for name, one in value.items()}
    if isinstance(value, list):
        return [with_canaries(one, kept) for one in value]
    return f"{value[:5]}canary" if isinstance(value, str) and value not in kept else value

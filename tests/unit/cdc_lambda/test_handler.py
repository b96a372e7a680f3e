import json
import logging
from typing import Any

import pytest

from cdc_lambda.delivery import MAX_RECORD_BYTES
from cdc_lambda.handler import make_handler
from tests.unit.cdc_lambda.conftest import LoadEvent
from tests.unit.cdc_lambda.fakes import FakeContext, FakeFirehose

ALL_DELIVERED: dict[str, list[dict[str, str]]] = {"batchItemFailures": []}


def handle(event: dict[str, Any], firehose: FakeFirehose) -> dict[str, list[dict[str, str]]]:
    handler = make_handler(firehose, "task-changes", now=lambda: 1760518870.0, sleep=lambda _seconds: None)
    return handler(event, FakeContext())


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


def test_a_record_that_firehose_would_refuse_for_its_size_is_reported_and_not_sent(
    load_event: LoadEvent,
) -> None:
    event = load_event("poison")
    event["Records"][2] = load_event("insert")["Records"][0]
    event["Records"][2]["dynamodb"]["NewImage"]["title"]["S"] = "x" * MAX_RECORD_BYTES
    firehose = FakeFirehose()
    assert handle(event, firehose) == failed_at("100000000000000000007")
    assert len(firehose.accepted) == 2


def test_the_log_counts_and_names_faults_but_holds_nothing_of_the_records(
    load_event: LoadEvent, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "cdc_lambda")
    for name in ("mixed_batch", "poison", "every_attribute_type", "ttl_remove"):
        handle(load_event(name), FakeFirehose())
    for sensitive in ("alice", "Alice", "example.com", "bob", "Write the report", "日本語", "t-1", "Image:"):
        assert sensitive not in caplog.text
    lines = [json.loads(record.message) for record in caplog.records]
    assert [line["status"] for line in lines] == ["success", "error", "success", "success"]
    assert lines[0]["metadata"] == {
        "delivered": 3,
        "undelivered": 0,
        "resent": 0,
        "skipped": 3,
        "poison": 0,
        "error_codes": {},
    }
    assert lines[1]["message"] == "dynamodb.ApproximateCreationDateTime is no time in Unix seconds"
    assert lines[1]["request_id"] == FakeContext().aws_request_id


def test_a_failed_delivery_is_logged_as_an_error_with_firehoses_codes(
    load_event: LoadEvent, caplog: pytest.LogCaptureFixture
) -> None:
    handle(load_event("insert"), FakeFirehose(lambda *_: "ServiceUnavailableException"))
    (record,) = caplog.records
    line = json.loads(record.message)
    assert (record.levelname, line["level"], line["status"]) == ("ERROR", "ERROR", "error")
    assert line["metadata"]["error_codes"] == {"ServiceUnavailableException": 4}

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from local.clock import VirtualClock
from local.event_source_mapping.mapping import shard_id
from local.event_source_mapping.on_failure import OnFailureDestination
from local.lambda_functions.runtime import Invocation
from local.s3.bucket import LakeBucket
from local.stream.stream_record import StreamRecord
from tests.unit.local.stream_records import NOON, batch_of, objects

UNHANDLED = Invocation("request-1", None, "Unhandled")


def _keep(
    lake: Path, invocation: Invocation | None = UNHANDLED, condition: str = "RetryAttemptsExhausted"
) -> tuple[str, Any]:
    clock, seen = VirtualClock(NOON + 0.25), list[tuple[str, Sequence[StreamRecord]]]()
    destination = OnFailureDestination("CdcFunction", LakeBucket(lake, clock), clock, lambda *what: seen.append(what))
    destination.keep(batch_of(2), invocation, 4, shard_id(1), condition)
    assert (seen, destination.records) == ([("errors/event_source_mapping", batch_of(2))], 2)
    ((key, body),) = objects(lake, "errors").items()
    assert destination.paths == [lake / key]
    return key, json.loads(body)


def test_the_document_has_the_shape_that_lambda_documents(tmp_path: Path) -> None:
    _, document = _keep(tmp_path)
    assert document["requestContext"] == {
        "requestId": "request-1",
        "functionArn": "arn:aws:lambda:us-east-1:123456789012:function:CdcFunction",
        "condition": "RetryAttemptsExhausted",
        "approximateInvokeCount": 4,
    }
    assert document["responseContext"]["functionError"] == "Unhandled"
    assert document["timestamp"] == "2025-10-15T12:00:00.250Z"
    info = document["DDBStreamBatchInfo"]
    assert (info["startSequenceNumber"], info["endSequenceNumber"]) == (str(10**20), str(10**20 + 1))
    assert (info["batchSize"], info["approximateArrivalOfFirstRecord"]) == (2, "2025-10-15T12:00:00Z")
    assert info["shardId"] == "shardId-00000000000000000000-00000001"


def test_records_that_grew_too_old_unseen_have_no_response(tmp_path: Path) -> None:
    _, document = _keep(tmp_path, None, "RecordAgeExceeded")
    assert "responseContext" not in document
    assert document["requestContext"]["condition"] == "RecordAgeExceeded"


def test_the_payload_is_the_whole_event_byte_for_byte(tmp_path: Path) -> None:
    payload = _keep(tmp_path)[1]["payload"]
    assert payload == '{"Records":[' + ",".join(record.text for record in batch_of(2)) + "]}"
    assert json.loads(payload) == {"Records": [record.body for record in batch_of(2)]}


def test_the_key_is_lambdas_own_below_the_store_and_repeats(tmp_path: Path) -> None:
    key, _ = _keep(tmp_path / "a")
    assert key.startswith("errors/event_source_mapping/aws/lambda/")
    assert "/shardId-00000000000000000000-00000001/2025/10/15/2025-10-15T12.00.00-" in key
    assert _keep(tmp_path / "b")[0] == key

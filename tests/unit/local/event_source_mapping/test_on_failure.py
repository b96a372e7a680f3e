import json
from pathlib import Path

from local.clock import VirtualClock
from local.event_source_mapping.lambda_runtime import Invocation
from local.event_source_mapping.on_failure import OnFailureDestination
from local.s3.bucket import LakeBucket
from tests.unit.local.stream_records import NOON, batch_of, objects


def _keep(lake: Path) -> tuple[str, bytes]:
    clock = VirtualClock(NOON + 0.25)
    OnFailureDestination("CdcFunction", LakeBucket(lake, clock), clock).keep(
        batch_of(2), Invocation("request-1", None, "Unhandled"), 4
    )
    ((key, body),) = objects(lake, "errors").items()
    return key, body


def test_the_document_has_the_shape_that_lambda_documents(tmp_path: Path) -> None:
    document = json.loads(_keep(tmp_path)[1])
    assert document["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert document["requestContext"]["approximateInvokeCount"] == 4
    assert document["responseContext"]["functionError"] == "Unhandled"
    assert document["timestamp"] == "2025-10-15T12:00:00.250Z"
    info = document["DDBStreamBatchInfo"]
    assert (info["startSequenceNumber"], info["endSequenceNumber"]) == (str(10**20), str(10**20 + 1))
    assert (info["batchSize"], info["approximateArrivalOfFirstRecord"]) == (2, "2025-10-15T12:00:00Z")


def test_the_payload_is_the_whole_event_byte_for_byte(tmp_path: Path) -> None:
    payload = json.loads(_keep(tmp_path)[1])["payload"]
    assert payload == '{"Records":[' + ",".join(record.text for record in batch_of(2)) + "]}"
    assert json.loads(payload) == {"Records": [record.body for record in batch_of(2)]}


def test_the_key_is_lambdas_own_below_the_store_and_repeats(tmp_path: Path) -> None:
    key, _ = _keep(tmp_path / "a")
    assert key.startswith("errors/event_source_mapping/aws/lambda/")
    assert "/2025/10/15/2025-10-15T12.00.00-" in key
    assert _keep(tmp_path / "b")[0] == key

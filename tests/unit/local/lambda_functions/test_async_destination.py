import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from local.clock import VirtualClock
from local.lambda_functions.async_destination import AsyncDestination
from local.lambda_functions.runtime import Invocation
from local.s3.bucket import LakeBucket
from tests.unit.local.stream_records import NOON, objects

EVENT = {"awslogs": {"data": "H4sI"}}


def test_the_event_is_kept_whole_in_the_document_that_lambda_documents_and_then_observed(tmp_path: Path) -> None:
    seen: list[tuple[str, Sequence[Mapping[str, Any]]]] = []
    clock = VirtualClock(NOON + 0.25)
    destination = AsyncDestination("LogForwarder", LakeBucket(tmp_path, clock), clock, lambda *what: seen.append(what))
    failed = Invocation("request-1", {"errorType": "UndecodablePayloadError", "errorMessage": "no gzip"}, "Unhandled")
    destination.keep(EVENT, failed, 3, "RetriesExhausted")
    ((key, body),) = objects(tmp_path, "errors").items()
    assert key.startswith("errors/log_forwarder/aws/lambda/async/LogForwarder/2025/10/15/2025-10-15T12.00.00-")
    assert [str(path.relative_to(tmp_path)) for path in destination.paths] == [key]
    assert json.loads(body) == {
        "version": "1.0",
        "timestamp": "2025-10-15T12:00:00.250Z",
        "requestContext": {
            "requestId": "request-1",
            "functionArn": "arn:aws:lambda:us-east-1:123456789012:function:LogForwarder:$LATEST",
            "condition": "RetriesExhausted",
            "approximateInvokeCount": 3,
        },
        "requestPayload": EVENT,
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "responsePayload": {"errorType": "UndecodablePayloadError", "errorMessage": "no gzip"},
    }
    assert seen == [("errors/log_forwarder", [EVENT])]

"""The log forwarder's failure destination in S3: docs/aws-semantics.md#asynchronous-invocation-3."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from local.clock import VirtualClock
from local.lambda_functions.failure_bucket import FailureBucket
from local.lambda_functions.runtime import Invocation, function_arn
from local.s3.bucket import LakeBucket
from local.times import iso_milliseconds

PLACE = "errors/log_forwarder"

Observe = Callable[[str, Sequence[Mapping[str, Any]]], None]


class AsyncDestination:
    """Keeps each event that the function did not process, whole, with what Lambda documents about it."""

    def __init__(self, function_name: str, bucket: LakeBucket, clock: VirtualClock, observe: Observe) -> None:
        self._function_name = function_name
        self._bucket = FailureBucket(bucket, clock)
        self._clock = clock
        self._observe = observe

    @property
    def paths(self) -> list[Path]:
        """Return where the documents lie, one an event."""
        return self._bucket.paths

    def keep(self, event: Mapping[str, Any], invocation: Invocation, invoke_count: int, condition: str) -> None:
        """Write one event as one object, and then tell the observer."""
        folder = f"{PLACE}/aws/lambda/async/{self._function_name}/"
        document = self._document(event, invocation, invoke_count, condition)
        self._bucket.keep(folder, document, lambda: self._observe(PLACE, [event]))

    def _document(self, event: Mapping[str, Any], invocation: Invocation, invoke_count: int, condition: str) -> str:
        document = {
            "version": "1.0",
            "timestamp": iso_milliseconds(self._clock.now()),
            "requestContext": {
                "requestId": invocation.request_id,
                "functionArn": f"{function_arn(self._function_name)}:$LATEST",
                "condition": condition,
                "approximateInvokeCount": invoke_count,
            },
            "requestPayload": event,
            "responseContext": {
                "statusCode": 200,
                "executedVersion": "$LATEST",
                "functionError": invocation.function_error,
            },
            "responsePayload": invocation.response,
        }
        return json.dumps(document)

"""The event source mapping's on-failure destination in S3: docs/aws-semantics.md#event-source-mapping-5."""

import json
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from local.clock import VirtualClock
from local.lambda_functions.failure_bucket import FailureBucket
from local.lambda_functions.runtime import Invocation, function_arn
from local.s3.bucket import LakeBucket
from local.stream.stream_record import StreamRecord
from local.times import iso_milliseconds, utc

PLACE = "errors/event_source_mapping"
MAPPING_ID = uuid.UUID("c1d5a7f0-52f4-5b6e-8d83-77cb5d0d2b11")

Observe = Callable[[str, Sequence[StreamRecord]], None]


class OnFailureDestination:
    """Keeps each batch that was given up, whole: the documented metadata, and the event as it was."""

    def __init__(self, function_name: str, bucket: LakeBucket, clock: VirtualClock, observe: Observe) -> None:
        self._function_arn = function_arn(function_name)
        self._bucket = FailureBucket(bucket, clock)
        self._clock = clock
        self._observe = observe
        self.records = 0

    @property
    def paths(self) -> list[Path]:
        """Return where the documents lie, one a batch."""
        return self._bucket.paths

    def keep(
        self,
        batch: Sequence[StreamRecord],
        invocation: Invocation | None,
        invoke_count: int,
        shard_id: str,
        condition: str,
    ) -> None:
        """Write one batch as one object, and then tell the observer."""
        document = {
            "requestContext": {
                "requestId": invocation.request_id if invocation else None,
                "functionArn": self._function_arn,
                "condition": condition,
                "approximateInvokeCount": invoke_count,
            },
            **_response_context(invocation),
            "version": "1.0",
            "timestamp": iso_milliseconds(self._clock.now()),
            "DDBStreamBatchInfo": _batch_info(batch, shard_id),
            # From the input's own text: what is kept is what was received, byte for byte.
            "payload": '{"Records":[' + ",".join(record.text for record in batch) + "]}",
        }
        folder = f"{PLACE}/aws/lambda/{MAPPING_ID}/{shard_id}/"
        self._bucket.keep(folder, json.dumps(document), lambda: self._kept(batch))

    def _kept(self, batch: Sequence[StreamRecord]) -> None:
        self.records += len(batch)
        self._observe(PLACE, batch)


def _response_context(invocation: Invocation | None) -> dict[str, Any]:
    """Return the member about the response; records that grew too old before any invocation have none."""
    if not invocation:
        return {}
    context = {"statusCode": 200, "executedVersion": "$LATEST", "functionError": invocation.function_error}
    return {"responseContext": context}


def _batch_info(batch: Sequence[StreamRecord], shard_id: str) -> dict[str, Any]:
    return {
        "shardId": shard_id,
        "startSequenceNumber": batch[0].sequence_number,
        "endSequenceNumber": batch[-1].sequence_number,
        "approximateArrivalOfFirstRecord": f"{utc(batch[0].created_at):%Y-%m-%dT%H:%M:%SZ}",
        "approximateArrivalOfLastRecord": f"{utc(batch[-1].created_at):%Y-%m-%dT%H:%M:%SZ}",
        "batchSize": len(batch),
        "streamArn": batch[0].body.get("eventSourceARN"),
    }

"""The event source mapping's on-failure destination in S3: docs/aws-semantics.md#event-source-mapping-5."""

import json
import uuid
from collections.abc import Sequence
from pathlib import Path

from local.clock import VirtualClock
from local.event_source_mapping.lambda_runtime import ACCOUNT, REGION, Invocation
from local.s3.bucket import LakeBucket
from local.stream.stream_record import StreamRecord
from local.times import iso_milliseconds, utc

PREFIX = "errors/event_source_mapping/"
MAPPING_ID = uuid.UUID("c1d5a7f0-52f4-5b6e-8d83-77cb5d0d2b11")
SHARD_ID = "shardId-00000000000000000000-00000000"


class OnFailureDestination:
    """Keeps each batch that was given up, whole: the documented metadata, and the event as it was."""

    def __init__(self, function_name: str, bucket: LakeBucket, clock: VirtualClock) -> None:
        self._function_arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function_name}"
        self._bucket = bucket
        self._clock = clock
        self.records = 0
        self.paths: list[Path] = []

    def keep(self, batch: Sequence[StreamRecord], invocation: Invocation, invoke_count: int) -> None:
        """Write one batch as one object; AWS gives it no extension."""
        body = self._document(batch, invocation, invoke_count)
        moment = utc(self._clock.now())
        folder = f"{PREFIX}aws/lambda/{MAPPING_ID}/{SHARD_ID}/{moment:%Y/%m/%d}/"
        name = f"{moment:%Y-%m-%dT%H.%M.%S}-{uuid.uuid5(MAPPING_ID, body)}"
        self.paths.append(self._bucket.put(folder + name, body.encode()))
        self.records += len(batch)

    def _document(self, batch: Sequence[StreamRecord], invocation: Invocation, invoke_count: int) -> str:
        # From the input's own text: what is kept is what was received, byte for byte.
        payload = '{"Records":[' + ",".join(record.text for record in batch) + "]}"
        document = {
            "requestContext": {
                "requestId": invocation.request_id,
                "functionArn": self._function_arn,
                "condition": "RetryAttemptsExhausted",
                "approximateInvokeCount": invoke_count,
            },
            "responseContext": {
                "statusCode": 200,
                "executedVersion": "$LATEST",
                "functionError": invocation.function_error,
            },
            "version": "1.0",
            "timestamp": iso_milliseconds(self._clock.now()),
            "DDBStreamBatchInfo": {
                "shardId": SHARD_ID,
                "startSequenceNumber": batch[0].sequence_number,
                "endSequenceNumber": batch[-1].sequence_number,
                "approximateArrivalOfFirstRecord": f"{utc(batch[0].created_at):%Y-%m-%dT%H:%M:%SZ}",
                "approximateArrivalOfLastRecord": f"{utc(batch[-1].created_at):%Y-%m-%dT%H:%M:%SZ}",
                "batchSize": len(batch),
                "streamArn": batch[0].body.get("eventSourceARN"),
            },
            "payload": payload,
        }
        return json.dumps(document)

"""Stand-ins for what the functions meet on AWS: Firehose, S3, a clock, and Lambda's context."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from cdc_lambda.circuit_breaker import CircuitBreaker
from cdc_lambda.claim_check import ClaimCheck
from cdc_lambda.delivery import Delivery

BUCKET = "lake"

# Given the number of the call (from 0) and a payload: the error code, or None to accept it.
Refusal = Callable[[int, bytes], str | None]


def accept_all(_call: int, _payload: bytes) -> None:
    """Refuse nothing."""


@dataclass
class FakeFirehose:
    """Keeps what it accepts; a refusal that raises fails the whole call."""

    refuse: Refusal = accept_all
    calls: list[list[bytes]] = field(default_factory=list)
    accepted: list[bytes] = field(default_factory=list)

    def put_record_batch(
        self,
        *,
        DeliveryStreamName: str,  # noqa: N803
        Records: list[dict[str, bytes]],  # noqa: N803
    ) -> Mapping[str, Any]:
        """Return one entry a record, as PutRecordBatch does."""
        payloads = [record["Data"] for record in Records]
        call = len(self.calls)
        self.calls.append(payloads)
        codes = [self.refuse(call, payload) for payload in payloads]
        self.accepted += [payload for payload, code in zip(payloads, codes, strict=True) if not code]
        return {
            "FailedPutCount": sum(code is not None for code in codes),
            "RequestResponses": [{"ErrorCode": code} if code else {"RecordId": "r"} for code in codes],
        }

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Return the accepted envelopes."""
        return [json.loads(payload) for payload in self.accepted]


@dataclass
class FakeS3:
    """Keeps objects by key; while it is down it refuses them."""

    is_down: bool = False
    objects: dict[str, bytes] = field(default_factory=dict)

    def put_object(self, *, Bucket: str, Key: str, Body: bytes) -> None:  # noqa: N803
        """Store the object."""
        assert Bucket == BUCKET
        if self.is_down:
            raise ClientError({"Error": {"Code": "SlowDown"}}, "PutObject")
        self.objects[Key] = Body


@dataclass
class FakeClock:
    """A time that passes when it is told to, or slept away."""

    seconds: float = 1760518870.0

    def now(self) -> float:
        """Return Unix seconds."""
        return self.seconds

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.seconds += seconds


def no_sleep(_seconds: float) -> None:
    """Wait for nothing."""


def delivery_to(firehose: FakeFirehose, breaker: CircuitBreaker | None = None) -> Delivery:
    """Return a delivery that does not wait, with a breaker of its own."""
    return Delivery(firehose, "stream", breaker or CircuitBreaker(), no_sleep)


def claim_check_in(s3: FakeS3) -> ClaimCheck:
    """Return a claim check that keeps its objects in ``s3``."""
    return ClaimCheck(lambda: s3, BUCKET)


@dataclass
class FakeContext:
    """An invocation with ``seconds`` left until it is set to less."""

    seconds: float = 60.0
    aws_request_id: str = "5f1c7a3e-0000-4000-8000-000000000001"

    def get_remaining_time_in_millis(self) -> int:
        """Return the time left."""
        return round(self.seconds * 1000)

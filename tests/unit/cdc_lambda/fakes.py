"""Stand-ins for what the handler meets on AWS: Firehose, and Lambda's context."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

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
class FakeContext:
    """An invocation with ``seconds`` left until it is set to less."""

    seconds: float = 60.0
    aws_request_id: str = "5f1c7a3e-0000-4000-8000-000000000001"

    def get_remaining_time_in_millis(self) -> int:
        """Return the time left."""
        return round(self.seconds * 1000)

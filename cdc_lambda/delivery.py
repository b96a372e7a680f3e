"""Payloads into a Firehose delivery stream: at least once each, or named as undelivered."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from cdc_lambda.circuit_breaker import CircuitBreaker, State

# What PutRecordBatch takes: docs/aws-semantics.md#firehose-1.
MAX_CALL_RECORDS: Final = 500
MAX_CALL_BYTES: Final = 4 * 1024 * 1024

# Few: what is left is handed over again, by the event source mapping or by Lambda's own retries.
MAX_ATTEMPTS: Final = 4
BACKOFF_SECONDS: Final = 0.2
MAX_BACKOFF_SECONDS: Final = 2.0

CONNECT_TIMEOUT_SECONDS: Final = 2
READ_TIMEOUT_SECONDS: Final = 6
# A call begun with less time than this could outlive the invocation, and the report with it.
CALL_SECONDS: Final = CONNECT_TIMEOUT_SECONDS + READ_TIMEOUT_SECONDS + 1


class FirehoseClient(Protocol):
    """The one call of boto3's Firehose client that is used."""

    def put_record_batch(
        self,
        *,
        DeliveryStreamName: str,  # noqa: N803 - boto3's names
        Records: list[dict[str, bytes]],  # noqa: N803
    ) -> Mapping[str, Any]:
        """Return ``RequestResponses``: one entry a record, in order, with an ``ErrorCode`` if refused."""


@dataclass
class Receipt:
    """What became of a delivery: the positions not accepted, ascending, and what it took."""

    undelivered: list[int] = field(default_factory=list)
    resent: int = 0
    error_codes: Counter[str] = field(default_factory=Counter)
    is_circuit_open: bool = False
    times_opened: int = 0


@dataclass(frozen=True)
class Delivery:
    """One delivery stream, its circuit breaker, and how to wait between attempts.

    ``sleep`` takes seconds, ``jitter`` the bounds of a random number.
    """

    firehose: FirehoseClient
    stream: str
    breaker: CircuitBreaker
    sleep: Callable[[float], object] = time.sleep
    jitter: Callable[[float, float], float] = random.uniform

    def deliver(self, payloads: Sequence[bytes], seconds_left: Callable[[], float]) -> Receipt:
        """Return what became of ``payloads``: a position is undelivered only if Firehose never accepted it.

        A time-out counts as not accepted although the write may have taken place: duplicates are normal,
        and ``event_id`` or ``log_event_id`` removes them. An open circuit delivers nothing, at once.
        """
        opened_before = self.breaker.times_opened
        receipt = Receipt(undelivered=list(range(len(payloads))))
        if (state := self.breaker.state) is not State.OPEN:
            self._attempt_all(payloads, receipt, seconds_left, 1 if state is State.HALF_OPEN else MAX_ATTEMPTS)
            self._tell_breaker(payloads, receipt)
        receipt.is_circuit_open = self.breaker.state is not State.CLOSED
        receipt.times_opened = self.breaker.times_opened - opened_before
        return receipt

    def _attempt_all(
        self, payloads: Sequence[bytes], receipt: Receipt, seconds_left: Callable[[], float], attempts: int
    ) -> None:
        for attempt in range(attempts):
            pause = self._pause_before(attempt)
            if not receipt.undelivered or seconds_left() - pause < CALL_SECONDS:
                break
            if attempt:
                self.sleep(pause)
                receipt.resent += len(receipt.undelivered)
            receipt.undelivered = list(self._attempt(payloads, receipt, seconds_left))

    def _attempt(self, payloads: Sequence[bytes], receipt: Receipt, seconds_left: Callable[[], float]) -> Iterator[int]:
        """Yield the positions that are still undelivered after sending each of them once, time allowing."""
        for chunk in to_chunks(receipt.undelivered, payloads):
            if seconds_left() < CALL_SECONDS:
                yield from chunk
                continue
            codes = self._put([payloads[position] for position in chunk])
            receipt.error_codes.update(code for code in codes if code)
            yield from (position for position, code in zip(chunk, codes, strict=True) if code)

    def _put(self, payloads: list[bytes]) -> list[str | None]:
        """Return the error code of each payload, None where Firehose accepted it."""
        try:
            answer = self.firehose.put_record_batch(
                DeliveryStreamName=self.stream, Records=[{"Data": payload} for payload in payloads]
            )
        except ClientError as error:
            return [error.response["Error"]["Code"]] * len(payloads)
        except BotoCoreError as error:
            return [type(error).__name__] * len(payloads)
        # HTTP 200 may still refuse single entries: docs/aws-semantics.md#firehose-2.
        return [entry.get("ErrorCode") for entry in answer["RequestResponses"]]

    def _pause_before(self, attempt: int) -> float:
        """Return the seconds to wait: full jitter below a limit that doubles up to a cap; 0 for the first."""
        if attempt == 0:
            return 0.0
        return self.jitter(0.0, min(MAX_BACKOFF_SECONDS, BACKOFF_SECONDS * 2 ** (attempt - 1)))

    def _tell_breaker(self, payloads: Sequence[bytes], receipt: Receipt) -> None:
        """Report a success or a failure; a delivery that only ran out of time says nothing of the service."""
        if not receipt.undelivered and payloads:
            self.breaker.succeeded()
        elif receipt.undelivered and receipt.error_codes:
            self.breaker.failed()


def to_chunks(positions: Iterable[int], payloads: Sequence[bytes]) -> Iterator[list[int]]:
    """Yield ``positions`` in order, cut so that one PutRecordBatch takes each chunk."""
    chunk: list[int] = []
    size = 0
    for position in positions:
        length = len(payloads[position])
        if chunk and (len(chunk) == MAX_CALL_RECORDS or size + length > MAX_CALL_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(position)
        size += length
    if chunk:
        yield chunk

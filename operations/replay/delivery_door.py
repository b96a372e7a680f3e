"""The delivery streams as doors: what Firehose could not deliver is put into the same stream once more."""

from collections.abc import Iterable, Iterator
from typing import IO, Any, Final

from cdc_lambda.circuit_breaker import CircuitBreaker
from cdc_lambda.claim_check import MAX_RECORD_BYTES
from cdc_lambda.delivery import MAX_CALL_BYTES, MAX_CALL_RECORDS, Delivery, Receipt
from operations.replay import documents
from operations.replay.door import Content

# The delivery streams by the folder of their error prefix: infra/, ErrorOutputPrefix.
STREAMS: Final = {"task_changes": "task-changes", "api_logs": "api-logs", "ledger": "bronze-ledger"}
_UNLIMITED_SECONDS: Final = 3600.0
# A stream takes 1 MiB a second in most regions, and a call may have 4: docs/aws-semantics.md#firehose-19.
_SECONDS_BETWEEN_ROUNDS: Final = 2.0
_CIRCUIT_OPEN: Final = "it refused too much, and gets half a minute to recover"


class DeliveryDoor:
    """One delivery stream: it takes records as the functions put them, in calls within its limits, refused ones again.

    What a broken line held nobody can hand over; the lines around it go all the same. An object is read line by line,
    because it may be as large as Firehose's buffer was, and grow by a third in base64.
    """

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery

    def look(self, body: IO[bytes]) -> Content:
        """Return the records of an error object, and why Firehose says that each was not delivered."""
        content = Content(0)
        for payload, reason in _records(body):
            content.records += 1
            content.reasons[reason] += 1
            content.replayable += payload is not None
        return content

    def hand_over(self, body: IO[bytes]) -> Content:
        """Put the records of an error object into the stream, and return why some were not taken."""
        content, taken, refused = Content(0), 0, 0
        for payloads, faults in _chunks(body):
            receipt = self._deliver(payloads)
            said = ", ".join(sorted(receipt.error_codes)) or _CIRCUIT_OPEN
            content.records += len(payloads) + len(faults)
            content.reasons.update(faults)
            if receipt.undelivered:
                content.reasons[f"{self._delivery.stream} did not take it: {said}"] += len(receipt.undelivered)
            refused += len(receipt.undelivered)
            taken += len(payloads) - len(receipt.undelivered)
        content.is_refused = bool(refused and not taken)
        return content

    def _deliver(self, payloads: list[bytes]) -> Receipt:
        """Return what became of a call's records, put again as long as some of them are taken.

        A function leaves what is refused to its own retries. Nobody comes after this one, and what is left of a large
        object would be handed over with all of it again, into the same quota.
        """
        while True:
            receipt = self._delivery.deliver(payloads, lambda: _UNLIMITED_SECONDS)
            if len(receipt.undelivered) in {0, len(payloads)}:
                return receipt
            payloads = [payloads[position] for position in receipt.undelivered]
            self._delivery.breaker.succeeded()  # a stream that takes some of them is not down
            self._delivery.sleep(_SECONDS_BETWEEN_ROUNDS)


def delivery_door(firehose: Any, stream: str) -> DeliveryDoor:
    """Return the door of a delivery stream, its circuit closed."""
    return DeliveryDoor(Delivery(firehose, stream, CircuitBreaker()))


def _records(lines: Iterable[bytes]) -> Iterator[tuple[bytes | None, str]]:
    return (_record(line) for line in lines if not line.isspace())


def _record(line: bytes) -> tuple[bytes | None, str]:
    """Return what a line holds and why it lies there; of a broken one nothing, and what is wrong with it."""
    try:
        payload, reason = documents.undelivered_record(line)
    except documents.NO_DOCUMENT as error:
        return None, documents.not_a_document(documents.RECORD, error)
    if len(payload) > MAX_RECORD_BYTES:  # for which Firehose would refuse the whole call
        return None, f"larger than a record may be: {len(payload):,} bytes"
    return payload, reason


def _chunks(lines: Iterable[bytes]) -> Iterator[tuple[list[bytes], list[str]]]:
    """Yield the payloads of as many lines as one call takes, and why those between them hold none."""
    payloads, faults, size = list[bytes](), list[str](), 0
    for payload, reason in _records(lines):
        if payload is None:
            faults.append(reason)
            continue
        if len(payloads) == MAX_CALL_RECORDS or size + len(payload) > MAX_CALL_BYTES:
            yield payloads, faults
            payloads, faults, size = [], [], 0
        payloads.append(payload)
        size += len(payload)
    if payloads or faults:
        yield payloads, faults

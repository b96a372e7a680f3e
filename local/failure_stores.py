"""What the failure stores hold: each service's document as something that can be handed over again."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.event_source_mapping.on_failure import PLACE as MAPPING_PLACE
from local.ingestion import Doors
from local.lambda_functions.async_destination import PLACE as FORWARDER_PLACE
from local.options import STREAMS
from local.stream.rejections import PLACE as INPUT_PLACE
from local.stream.stream_record import StreamRecord
from operations.replay import documents

FIREHOSE_PLACE = "errors/firehose"


@dataclass(frozen=True)
class FailedObject:
    """One object of a failure store, with the reason of each of its records; as such it cannot be handed over."""

    key: str
    store: str
    reasons: Sequence[str]

    def hand_over(self, doors: Doors) -> bool:
        """Hand every record over, and return whether a service has taken all of them.

        What is no service's document stays: a line of the input is mended in the input, and read from there.
        """
        return False


@dataclass(frozen=True)
class GivenUpBatch(FailedObject):
    """Records that the event source mapping gave up."""

    records: Sequence[StreamRecord]

    def hand_over(self, doors: Doors) -> bool:
        """Invoke the function with them, as the mapping does."""
        doors.mapping.redrive(self.records)
        return True


@dataclass(frozen=True)
class GivenUpEvent(FailedObject):
    """An event that Lambda's asynchronous queue gave up."""

    event: Mapping[str, Any]

    def hand_over(self, doors: Doors) -> bool:
        """Invoke the function with it, asynchronously."""
        doors.forwarder.invoke(self.event)
        return True


@dataclass(frozen=True)
class UndeliveredRecords(FailedObject):
    """Records that a delivery stream could not bring to its prefix."""

    table: str
    payloads: Sequence[bytes]

    def hand_over(self, doors: Doors) -> bool:
        """Put them into the same delivery stream."""
        return doors.put_again(self.table, self.payloads)


def failed_keys(lake: Path) -> list[str]:
    """Return the keys of all objects in the lake's failure stores, sorted."""
    paths = (path for path in (lake / "errors").rglob("*") if path.is_file())
    return sorted(path.relative_to(lake).as_posix() for path in paths)


def failed_objects(lake: Path, keys: Sequence[str]) -> Iterator[FailedObject]:
    """Yield the objects one by one; one that is no document of its service's says so, and stops none of the others."""
    for key in keys:
        store = next((place for place in _READERS if key.startswith(f"{place}/")), "errors")
        try:
            yield _READERS[store](key, (lake / key).read_text(encoding="utf-8"))
        except documents.NO_DOCUMENT as error:
            written = _WRITTEN.get(store)
            reason = documents.not_a_document(written, error) if written else "no service writes there"
            yield FailedObject(key, store, [reason])


def _given_up_batch(key: str, text: str) -> FailedObject:
    records = [_stream_record(body) for body in documents.stream_records(text)]
    reasons = [documents.record_fault(record.body) or documents.NOT_ITS_FAULT for record in records]
    return GivenUpBatch(key, MAPPING_PLACE, reasons, records)


def _stream_record(body: dict[str, Any]) -> StreamRecord:
    """Return the record as the mapping had it; what nobody can decode may lack even its number and time."""
    change = body.get("dynamodb")
    known = change if isinstance(change, dict) else {}
    moment = known.get("ApproximateCreationDateTime")
    created_at = float(moment) if isinstance(moment, int | float) else 0.0
    return StreamRecord(body, json.dumps(body), str(known.get("SequenceNumber", "")), created_at)


def _given_up_event(key: str, text: str) -> FailedObject:
    event, reason = documents.given_up_event(text)
    return GivenUpEvent(key, FORWARDER_PLACE, [reason for _ in documents.log_event_ids(event)], event)


def _undelivered_records(key: str, text: str) -> FailedObject:
    records = [documents.undelivered_record(line) for line in text.splitlines()]
    store, table = "/".join(key.split("/")[:4]), key.split("/")[2]
    if table not in STREAMS:
        raise LookupError(f"no delivery stream writes to {table}")
    payloads = [payload for payload, _ in records]
    return UndeliveredRecords(key, store, [reason for _, reason in records], table, payloads)


def _rejected_lines(key: str, text: str) -> FailedObject:
    return FailedObject(key, INPUT_PLACE, [json.loads(line)["reason"] for line in text.splitlines()])


_WRITTEN = {
    MAPPING_PLACE: documents.BATCH,
    FORWARDER_PLACE: documents.EVENT,
    FIREHOSE_PLACE: documents.RECORD,
    INPUT_PLACE: "a line that the laptop's reader puts away",
}
_READERS = {
    MAPPING_PLACE: _given_up_batch,
    FORWARDER_PLACE: _given_up_event,
    FIREHOSE_PLACE: _undelivered_records,
    INPUT_PLACE: _rejected_lines,
}

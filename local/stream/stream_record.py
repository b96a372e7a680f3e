"""One line of EVENTS: a DynamoDB stream record, or a plain reason why it is none."""

from dataclasses import dataclass
from typing import Any

from local.stream.json_line import LineKind, Rejection, parse_json_line, require

EVENT_NAMES = ("INSERT", "MODIFY", "REMOVE")
MAX_SEQUENCE_DIGITS = 40
# One year before datetime ends, so that buffers can still be flushed after the last record.
MAX_CREATION_SECONDS = 253_370_764_800


@dataclass(frozen=True, slots=True)
class StreamRecord:
    """A record as the stream hands it over: the parsed ``body``, and its ``text`` byte for byte."""

    body: dict[str, Any]
    text: str
    sequence_number: str
    created_at: float


def parse_line(file: str, number: int, line: bytes) -> StreamRecord | Rejection:
    """Return the record of one line, or its rejection; no content of a line raises."""
    return parse_json_line(file, number, line, _to_record)


STREAM_RECORDS = LineKind(
    "DynamoDB stream record",
    "give one JSON record a line; `jq -c '.Records[]'` makes lines of a Lambda event",
    parse_line,
)


def _to_record(body: dict[str, Any], text: str) -> StreamRecord:
    require(isinstance(body.get("eventID"), str) and bool(body["eventID"]), "no eventID")
    require(body.get("eventName") in EVENT_NAMES, "eventName is not INSERT, MODIFY or REMOVE")
    change: Any = body.get("dynamodb")
    require(isinstance(change, dict), "no dynamodb object")
    require(isinstance(change.get("Keys"), dict), "no dynamodb.Keys object")
    sequence_number, created_at = change.get("SequenceNumber"), change.get("ApproximateCreationDateTime")
    require(_is_sequence_number(sequence_number), "dynamodb.SequenceNumber is not a string of at most 40 digits")
    require(_is_creation_time(created_at), "dynamodb.ApproximateCreationDateTime is not Unix seconds")
    return StreamRecord(body, text, sequence_number, float(created_at))


def _is_sequence_number(value: object) -> bool:
    return isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= MAX_SEQUENCE_DIGITS


def _is_creation_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < MAX_CREATION_SECONDS

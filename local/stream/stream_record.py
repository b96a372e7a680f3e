"""One line of input: a DynamoDB stream record, or a plain reason why it is none."""

import base64
import json
from dataclasses import dataclass
from typing import Any, NoReturn

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


@dataclass(frozen=True, slots=True)
class Rejection:
    """A line that is no stream record, kept whole for repair."""

    file: str
    line: int
    reason: str
    raw: bytes

    def document(self) -> dict[str, Any]:
        """Return what the failure store keeps; ``raw`` is base64 where the line is not UTF-8."""
        try:
            raw = {"raw": self.raw.decode()}
        except UnicodeDecodeError:
            raw = {"raw": base64.b64encode(self.raw).decode(), "raw_encoding": "base64"}
        return {"file": self.file, "line": self.line, "reason": self.reason, **raw}


class NoStreamRecordError(ValueError):
    """The line is no stream record; the message says why in plain words."""


def parse_line(file: str, number: int, line: bytes) -> StreamRecord | Rejection:
    """Return the record of one line, or its rejection; no content of a line raises."""
    line = line.strip(b"\r\n")
    try:
        return _to_record(line)
    except UnicodeDecodeError:
        return Rejection(file, number, "not UTF-8 text", line)
    except NoStreamRecordError as error:
        return Rejection(file, number, str(error), line)
    except RecursionError:
        return Rejection(file, number, "JSON nested too deeply", line)
    except ValueError as error:
        return Rejection(file, number, f"not JSON: {error}", line)


def _to_record(line: bytes) -> StreamRecord:
    text = line.decode()
    body = _DECODER.decode(text)
    _require(isinstance(body, dict), "JSON, but not an object")
    _require(isinstance(body.get("eventID"), str) and bool(body["eventID"]), "no eventID")
    _require(body.get("eventName") in EVENT_NAMES, "eventName is not INSERT, MODIFY or REMOVE")
    change = body.get("dynamodb")
    _require(isinstance(change, dict), "no dynamodb object")
    _require(isinstance(change.get("Keys"), dict), "no dynamodb.Keys object")
    sequence_number, created_at = change.get("SequenceNumber"), change.get("ApproximateCreationDateTime")
    _require(_is_sequence_number(sequence_number), "dynamodb.SequenceNumber is not a string of at most 40 digits")
    _require(_is_creation_time(created_at), "dynamodb.ApproximateCreationDateTime is not Unix seconds")
    return StreamRecord(body, text, sequence_number, float(created_at))


def _is_sequence_number(value: object) -> bool:
    return isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= MAX_SEQUENCE_DIGITS


def _is_creation_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < MAX_CREATION_SECONDS


def _require(condition: bool, otherwise: str) -> None:
    if not condition:
        raise NoStreamRecordError(otherwise)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)

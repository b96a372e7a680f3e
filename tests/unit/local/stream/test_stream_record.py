import base64
import json
from typing import Any

import pytest

from local.stream.json_line import Rejection
from local.stream.stream_record import StreamRecord, parse_line
from tests.unit.local.stream_records import NOON, stream_record


def _with(**changes: Any) -> bytes:
    return json.dumps(stream_record(1) | changes).encode()


def _with_change(**changes: Any) -> bytes:
    record = stream_record(1)
    record["dynamodb"] |= changes
    return json.dumps(record).encode()


def _rejection(line: bytes) -> Rejection:
    item = parse_line("f.jsonl", 7, line)
    assert isinstance(item, Rejection)
    return item


def test_a_record_keeps_its_text_number_and_time() -> None:
    line = _with()
    item = parse_line("f", 1, line + b"\r\n")
    assert isinstance(item, StreamRecord)
    assert item.text.encode() == line
    assert (item.sequence_number, item.created_at) == (str(10**20 + 1), NOON)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"\xff\xfe", "not UTF-8 text"),
        (b"{", "not JSON: "),
        (b"[]", "JSON, but not an object"),
        (b'{"a": NaN}', "not JSON: NaN is no JSON number"),
        (b"[" * 100_000, "JSON nested too deeply"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "not JSON: "),
        (_with(eventID=1), "no eventID"),
        (_with(eventName="UPSERT"), "eventName is not"),
        (_with(eventName=[]), "eventName is not"),
        (_with(dynamodb=None), "no dynamodb object"),
        (_with_change(Keys=[]), "no dynamodb.Keys object"),
        (_with_change(SequenceNumber=5), "dynamodb.SequenceNumber is not"),
        (_with_change(SequenceNumber="-5"), "dynamodb.SequenceNumber is not"),
        (_with_change(SequenceNumber="1" * 41), "dynamodb.SequenceNumber is not"),
        (_with_change(ApproximateCreationDateTime="1"), "dynamodb.ApproximateCreationDateTime is not"),
        (_with_change(ApproximateCreationDateTime=True), "dynamodb.ApproximateCreationDateTime is not"),
        (
            _with_change(ApproximateCreationDateTime=NOON * 1000),
            "dynamodb.ApproximateCreationDateTime is not",
        ),
        (_with_change(ApproximateCreationDateTime=-1), "dynamodb.ApproximateCreationDateTime is not"),
    ],
)
def test_a_line_that_is_no_stream_record_says_why(line: bytes, reason: str) -> None:
    rejection = _rejection(line)
    assert rejection.reason.startswith(reason)
    assert (rejection.file, rejection.line, rejection.raw) == ("f.jsonl", 7, line)


def test_a_rejected_line_is_kept_as_text_or_else_as_base64() -> None:
    assert _rejection(b"caf\xc3\xa9").document() == {
        "file": "f.jsonl",
        "line": 7,
        "reason": "not JSON: Expecting value: line 1 column 1 (char 0)",
        "raw": "café",
    }
    document = _rejection(b"\xff").document()
    assert (base64.b64decode(document["raw"]), document["raw_encoding"]) == (b"\xff", "base64")

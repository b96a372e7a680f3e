import json
from typing import Any

import pytest

from local.logs.log_event import LogEvent, parse_log_line
from local.stream.json_line import Rejection
from tests.unit.local.stream_records import log_event


def _line(**changes: Any) -> bytes:
    return json.dumps(log_event(1) | changes).encode()


def test_a_log_event_keeps_its_line_whole() -> None:
    line = _line(message='{"é": "\\u20ac"}\n')
    assert parse_log_line("f", 1, line + b"\r\n") == LogEvent(
        "/aws/lambda/todo-app", "stream", "log-1", 1_760_529_600_000, '{"é": "\\u20ac"}\n', line.decode()
    )


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"\xff\xfe", "not UTF-8 text"),
        (b"{", "not JSON: "),
        (b"[]", "JSON, but not an object"),
        (_line(logGroup=None), "logGroup is missing or is no text"),
        (_line(logStream=""), "logStream is missing or is no text"),
        (_line(id=5), "id is missing or is no text"),
        (_line(timestamp="5"), "timestamp is not Unix milliseconds"),
        (_line(timestamp=True), "timestamp is not Unix milliseconds"),
        (_line(timestamp=1.5), "timestamp is not Unix milliseconds"),
        (_line(timestamp=-1), "timestamp is not Unix milliseconds"),
        (_line(timestamp=10**18), "timestamp is not Unix milliseconds"),
        (_line(message={"a": 1}), "message is missing or is no text"),
        (_line(message="\ud800"), "message is missing or is no text"),
        (_line(message="é" * 600_000), "message is longer than 1048576 bytes"),
    ],
)
def test_a_line_that_is_no_log_event_says_why(line: bytes, reason: str) -> None:
    rejection = parse_log_line("f.jsonl", 7, line)
    assert isinstance(rejection, Rejection)
    assert rejection.reason.startswith(reason)
    assert (rejection.file, rejection.line, rejection.raw) == ("f.jsonl", 7, line)

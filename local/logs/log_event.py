"""One line of LOGS: a CloudWatch log event with its group and stream, or a plain reason why it is none."""

import re
from dataclasses import dataclass
from typing import Any

from local.stream.json_line import LineKind, Rejection, parse_json_line, require
from local.stream.stream_record import MAX_CREATION_SECONDS

# "Each log event can be no larger than 1 MB": CloudWatch Logs API Reference, PutLogEvents.
MAX_MESSAGE_BYTES = 1024 * 1024
# JSON's escapes can spell one; CloudWatch's UTF-8 cannot hold it.
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
_NAMES = ("logGroup", "logStream", "id")


@dataclass(frozen=True, slots=True)
class LogEvent:
    """A log event as CloudWatch Logs has it: its line, ``message``; and its input line, ``text``."""

    log_group: str
    log_stream: str
    id: str
    timestamp_ms: int
    message: str
    text: str


def parse_log_line(file: str, number: int, line: bytes) -> LogEvent | Rejection:
    """Return the log event of one line, or its rejection; no content of a line raises."""
    return parse_json_line(file, number, line, _to_event)


LOG_EVENTS = LineKind(
    "CloudWatch log event",
    "give one JSON object a line, with logGroup, logStream, id, timestamp and message",
    parse_log_line,
)


def _to_event(body: dict[str, Any], text: str) -> LogEvent:
    for name in _NAMES:
        require(_is_text(body.get(name)) and bool(body[name]), f"{name} is missing or is no text")
    timestamp, message = body.get("timestamp"), body.get("message")
    require(_is_milliseconds(timestamp), "timestamp is not Unix milliseconds")
    require(_is_text(message), "message is missing or is no text")
    require(len(body["message"].encode()) <= MAX_MESSAGE_BYTES, f"message is longer than {MAX_MESSAGE_BYTES} bytes")
    return LogEvent(body["logGroup"], body["logStream"], body["id"], body["timestamp"], body["message"], text)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and not _HALF_CHARACTER.search(value)


def _is_milliseconds(value: object) -> bool:
    return type(value) is int and 0 <= value < MAX_CREATION_SECONDS * 1000

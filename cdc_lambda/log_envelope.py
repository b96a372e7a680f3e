"""A CloudWatch log event as one row of ``bronze.api_logs``, its message kept whole."""

import re
from collections.abc import Mapping
from typing import Any, Final, TypedDict

import orjson

from cdc_lambda.claim_check import Claim
from cdc_lambda.times import to_timestamp

ANONYMOUS: Final = "anonymous"
NO_VALUE: Final = "-"  # what API Gateway writes for a variable without a value
MAX_ID_LENGTH: Final = 256  # a line is anybody's text: a longer id stays in the message, which may be checked in
MESSAGE: Final = Claim("api_logs", "log_event_id", ("message",), "message_object")

# Lambda's own lines: docs/aws-semantics.md#cloudwatch-logs-subscriptions-7.
LAMBDA_LINE: Final = re.compile(r"(?:START |END |REPORT )?RequestId: ([0-9a-f-]{36})\b")


class UndecodableLogEventError(Exception):
    """The log event lacks what each one has. It is logged, so it names the fault and never a value."""


class LogEnvelope(TypedDict):
    """The columns of the Glue table ``api_logs``, in its order."""

    log_event_id: str
    log_group: str
    log_stream: str
    logged_at: str
    event_date: str
    user_id: str
    request_id: str | None
    message: str | None
    message_object: str | None
    ingested_at: str


def to_log_envelope(log_event: Any, log_group: str, log_stream: str, ingested_at: str) -> LogEnvelope:
    """Return the row of one log event; ``ingested_at`` is a timestamp's text."""
    if not isinstance(log_event, Mapping):
        raise UndecodableLogEventError("a log event is no object")
    message = log_event.get("message")
    if type(message) is not str:
        raise UndecodableLogEventError("a log event's message is missing or is no text")
    logged_at = _logged_at(log_event)
    user_id, request_id = ids_of(message)
    return {
        "log_event_id": text_of(log_event, "id"),
        "log_group": log_group,
        "log_stream": log_stream,
        "logged_at": logged_at,
        "event_date": logged_at[:10],
        "user_id": user_id or ANONYMOUS,
        "request_id": request_id,
        "message": message,
        "message_object": None,
        "ingested_at": ingested_at,
    }


def text_of(holder: Mapping[str, Any], name: str) -> str:
    """Return a member that must be text and not empty."""
    value = holder.get(name)
    if type(value) is not str or not value:
        raise UndecodableLogEventError(f"{name} is missing or is no text")
    return value


def ids_of(message: str) -> tuple[str | None, str | None]:
    """Return the user's and the request's id where the line has them; whatever the line is, it is kept."""
    try:
        line = orjson.loads(message)
    except orjson.JSONDecodeError:
        found = LAMBDA_LINE.match(message)
        return None, found and found[1]
    if not isinstance(line, dict):
        return None, None
    return _id(line, "user_id"), _id(line, "request_id")


def _id(line: dict[str, Any], name: str) -> str | None:
    value = line.get(name)
    is_id = type(value) is str and 0 < len(value) <= MAX_ID_LENGTH and value != NO_VALUE
    return value if is_id else None


def _logged_at(log_event: Mapping[str, Any]) -> str:
    milliseconds: Any = log_event.get("timestamp")
    try:
        if type(milliseconds) is int:  # a bool is an int to isinstance
            return to_timestamp(milliseconds)
    except OverflowError:
        pass
    raise UndecodableLogEventError("a log event's timestamp is no time in Unix milliseconds")

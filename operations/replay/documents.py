"""What AWS's failure stores hold: each service's document as something that can be handed over again.

The laptop keeps the same documents: `local/failure_stores.py` reads them here too.
"""

import base64
import binascii
import gzip
import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from cdc_lambda.envelope import UndecodableRecordError, to_envelope
from cdc_lambda.log_envelope import UndecodableLogEventError
from cdc_lambda.log_forwarder import UndecodablePayloadError, read_payload, to_rows

NOT_ITS_FAULT: Final = "not delivered while it was retried"
NO_DOCUMENT: Final = (ValueError, LookupError, TypeError, AttributeError, RecursionError)
# The members that name an error: they vary in case and by source, docs/aws-semantics.md#firehose-15.
_REASONS: Final = "errormessage", "lasterrormessage", "errorcode", "lasterrorcode"


# What the services write.
BATCH: Final = "a batch as Lambda writes it"
EVENT: Final = "an event as Lambda writes it"
RECORD: Final = "a record as Firehose writes it"


def not_a_document(what: str, error: Exception) -> str:
    """Return the reason of what is no such document of its service's, of one of the errors ``NO_DOCUMENT``."""
    return f"not {what} ({_fault(error)})"


def _fault(error: Exception) -> str:
    match error:
        case KeyError():
            return f"no {error.args[0]}"
        case binascii.Error():
            return "rawData is not base64"
        case json.JSONDecodeError() | UnicodeDecodeError() | RecursionError():
            return "not JSON"
        case _:
            return f"of another shape: {error}"


def stream_records(text: str | bytes) -> list[Any]:
    """Return the stream records of a batch that an event source mapping gave up, in the order of their shard.

    AWS's example, `"payload": "<Whole Event>"`, may mean the event's text or the event: docs/aws-semantics.md, Doubts.
    """
    payload = json.loads(text)["payload"]
    records = (json.loads(payload) if isinstance(payload, str) else payload)["Records"]
    if not isinstance(records, list):
        raise TypeError("Records is no list")
    return records


def record_fault(record: Any) -> str | None:
    """Return why no envelope can be made of a stream record, None if it was not the record's fault."""
    try:
        to_envelope(record, "")
    except (UndecodableRecordError, orjson.JSONEncodeError) as error:
        return f"undecodable: {error}"
    return None


def given_up_event(text: str | bytes) -> tuple[Mapping[str, Any], str]:
    """Return the event that Lambda's asynchronous queue gave up, and why it says it did."""
    document = json.loads(text)
    event: Mapping[str, Any] = document["requestPayload"]
    response = document.get("responsePayload")
    said = response.get("errorMessage") if isinstance(response, Mapping) else None
    return event, said if isinstance(said, str) and said else NOT_ITS_FAULT


def event_fault(event: Mapping[str, Any]) -> str | None:
    """Return why nobody can read the log events of a function's event, None if it was not the event's fault."""
    try:
        to_rows(read_payload(event), "")
    except (UndecodablePayloadError, UndecodableLogEventError) as error:
        return f"undecodable: {error}"
    return None


def log_event_ids(event: Mapping[str, Any]) -> Sequence[str]:
    """Return the ids of the log events in a function's event; for one that holds none, one id of its own."""
    data = event["awslogs"]["data"]
    try:
        return [one["id"] for one in json.loads(gzip.decompress(base64.b64decode(data)))["logEvents"]]
    except (ValueError, OSError, EOFError, zlib.error, KeyError, TypeError):
        return [f"payload {hashlib.sha256(data.encode()).hexdigest()}"]


def undelivered_record(line: str | bytes) -> tuple[bytes, str]:
    """Return the record of one line of Firehose's error output, and why it was not delivered."""
    document = {name.lower(): value for name, value in json.loads(line).items()}
    said = next((document[name] for name in _REASONS if document.get(name)), "no reason is given")
    if "rawdata" not in document:
        raise KeyError("rawData")
    return base64.b64decode(document["rawdata"], validate=True), str(said)

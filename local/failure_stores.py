"""What the failure stores hold: the document of each service as the records that can be handed over again."""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from cdc_lambda.envelope import UndecodableRecordError, to_envelope
from local.event_source_mapping.on_failure import PLACE as MAPPING_PLACE
from local.lambda_functions.async_destination import PLACE as FORWARDER_PLACE
from local.logs.subscription import log_event_ids
from local.stream.rejections import PREFIX as INPUT_PREFIX
from local.stream.stream_record import StreamRecord

FIREHOSE_PLACE = "errors/firehose"
INPUT_PLACE = INPUT_PREFIX.rstrip("/")


class FailureStoreError(ValueError):
    """An object of a failure store is not what its service writes there; the message names it."""


@dataclass(frozen=True)
class FailedObject:
    """One object of a failure store: what is to go back through which door, and why it is there."""

    key: str
    store: str
    reasons: tuple[str, ...]
    records: list[StreamRecord] = field(default_factory=list)
    event: Mapping[str, Any] | None = None
    payloads: list[bytes] = field(default_factory=list)
    lines: list[Mapping[str, Any]] = field(default_factory=list)


def failed_objects(lake: Path) -> Iterator[FailedObject]:
    """Yield every object of the lake's failure stores, by key; raise FailureStoreError for one that is damaged."""
    for path in sorted(path for path in (lake / "errors").rglob("*") if path.is_file()):
        key = path.relative_to(lake).as_posix()
        store = next(place for place in _READERS if key.startswith(place))
        try:
            yield _READERS[store](key, path.read_text(encoding="utf-8"))
        except (ValueError, KeyError, TypeError) as error:
            raise FailureStoreError(f"{path} is damaged ({error}): mend it or move it out of the lake") from error


def _mapping_object(key: str, text: str) -> FailedObject:
    records = [_stream_record(body) for body in json.loads(json.loads(text)["payload"])["Records"]]
    return FailedObject(key, MAPPING_PLACE, tuple(_fault(record.body) for record in records), records=records)


def _stream_record(body: dict[str, Any]) -> StreamRecord:
    """Return the record as the mapping had it; what nobody can decode may lack even its number and time."""
    change = body.get("dynamodb") or {}
    moment = change.get("ApproximateCreationDateTime")
    text = orjson.dumps(body).decode()
    return StreamRecord(body, text, str(change.get("SequenceNumber", "")), float(moment or 0))


def _fault(body: dict[str, Any]) -> str:
    """Return why no envelope can be made of the record, or that it was not its fault."""
    try:
        to_envelope(body, "")
    except (UndecodableRecordError, orjson.JSONEncodeError) as error:
        return f"undecodable: {error}"
    return "not delivered while it was retried"


def _forwarder_object(key: str, text: str) -> FailedObject:
    document = json.loads(text)
    fault = (document.get("responsePayload") or {}).get("errorMessage", "not delivered while it was retried")
    event = document["requestPayload"]
    return FailedObject(key, FORWARDER_PLACE, tuple(fault for _ in log_event_ids(event)), event=event)


def _firehose_object(key: str, text: str) -> FailedObject:
    """Read Firehose's JSON lines, whose names differ in case: docs/aws-semantics.md#firehose-15."""
    documents = [{name.lower(): value for name, value in json.loads(line).items()} for line in text.splitlines()]
    store = "/".join(key.split("/")[:4])
    payloads = [base64.b64decode(document["rawdata"], validate=True) for document in documents]
    return FailedObject(key, store, tuple(document["errormessage"] for document in documents), payloads=payloads)


def _input_object(key: str, text: str) -> FailedObject:
    lines = [json.loads(line) for line in text.splitlines()]
    return FailedObject(key, INPUT_PLACE, tuple(line["reason"] for line in lines), lines=lines)


_READERS = {
    MAPPING_PLACE: _mapping_object,
    FORWARDER_PLACE: _forwarder_object,
    FIREHOSE_PLACE: _firehose_object,
    INPUT_PLACE: _input_object,
}

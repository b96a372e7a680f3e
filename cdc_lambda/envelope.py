"""A DynamoDB stream record as one row of ``bronze.task_changes``, both images kept as DynamoDB-JSON text."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeAlias, TypedDict

TASK_PREFIX: Final = "TASK#"
EVENT_NAMES: Final = frozenset({"INSERT", "MODIFY", "REMOVE"})
YEAR_10000: Final = 253_402_300_800  # Unix seconds

Record: TypeAlias = Mapping[str, Any]

# Non-finite numbers are refused: JSON has none, so Firehose could not read the record back.
to_json = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


class UndecodableRecordError(Exception):
    """The record lacks what every task change has. It is logged, so it names the fault and never a value."""


class Envelope(TypedDict):
    """The columns of the Glue table ``task_changes``, in its order."""

    event_id: str
    event_name: str
    sequence_number: str
    changed_at: str
    user_id: str
    task_id: str
    event_date: str
    is_ttl_delete: bool
    new_image: str | None
    old_image: str | None
    stream_arn: str
    ingested_at: str


def is_task_change(record: Record) -> bool:
    """Return whether the record changes a task, and not another entity of the shared table."""
    keys = _text(record, "dynamodb", "Keys", "PK", "S"), _text(record, "dynamodb", "Keys", "SK", "S")
    return all(key.startswith(TASK_PREFIX) for key in keys)


def to_payload(record: Record, ingested_at: float) -> bytes:
    """Return the bytes that Firehose gets: the envelope as one JSON object, without a line end."""
    try:
        return to_json(to_envelope(record, ingested_at)).encode()
    except UnicodeEncodeError:
        raise UndecodableRecordError("the record holds text that is not Unicode") from None


def to_envelope(record: Record, ingested_at: float) -> Envelope:
    """Return the row of one task change; ``ingested_at`` is in Unix seconds."""
    change = record["dynamodb"]
    changed_at = _changed_at(change)
    images = [_image(change, "NewImage"), _image(change, "OldImage")]
    new_image, old_image = [_image_text(image) for image in images]
    return {
        "event_id": _text(record, "eventID"),
        "event_name": _event_name(record),
        "sequence_number": _text(record, "dynamodb", "SequenceNumber"),
        "changed_at": _timestamp(changed_at),
        "user_id": _id(record, "PK"),
        "task_id": _id(record, "SK"),
        "event_date": _created_on(images) or changed_at.date().isoformat(),
        "is_ttl_delete": _is_ttl_delete(record),
        "new_image": new_image,
        "old_image": old_image,
        "stream_arn": _text(record, "eventSourceARN"),
        "ingested_at": _timestamp(datetime.fromtimestamp(ingested_at, UTC)),
    }


def _text(record: Record, *path: str) -> str:
    """Return the text at ``path``, never empty."""
    value: Any = record
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    if not isinstance(value, str) or not value:
        raise UndecodableRecordError(f"{'.'.join(path)} is missing or is no text")
    return value


def _event_name(record: Record) -> str:
    if (name := _text(record, "eventName")) not in EVENT_NAMES:
        raise UndecodableRecordError("eventName is not INSERT, MODIFY or REMOVE")
    return name


def _id(record: Record, key: str) -> str:
    """Return the id behind ``TASK#``; an empty one is refused because Firehose has no folder for it."""
    if not (value := _text(record, "dynamodb", "Keys", key, "S").removeprefix(TASK_PREFIX)):
        raise UndecodableRecordError(f"dynamodb.Keys.{key} holds no id")
    return value


def _changed_at(change: Mapping[str, Any]) -> datetime:
    seconds: Any = change.get("ApproximateCreationDateTime")
    try:
        if type(seconds) in (int, float):  # a bool is an int to isinstance
            return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    raise UndecodableRecordError("dynamodb.ApproximateCreationDateTime is no time in Unix seconds")


def _timestamp(moment: datetime) -> str:
    """Return ``YYYY-MM-DD HH:MM:SS.mmm``, Firehose's default: docs/aws-semantics.md#firehose-14."""
    return moment.replace(tzinfo=None).isoformat(sep=" ", timespec="milliseconds")


def _image(change: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    image = change.get(name)
    if image is None or isinstance(image, Mapping):
        return image
    raise UndecodableRecordError(f"dynamodb.{name} is no item")


def _image_text(image: Mapping[str, Any] | None) -> str | None:
    try:
        return None if image is None else to_json(image)
    except ValueError:
        raise UndecodableRecordError("an image holds a number that JSON has not") from None


def _created_on(images: list[Mapping[str, Any] | None]) -> str | None:
    """Return the UTC date of the task's ``created_at``: the new image's, else the old one's, else None."""
    for image in images:
        try:
            seconds = Decimal((image or {})["created_at"]["N"])
            if 0 <= seconds < YEAR_10000:
                return datetime.fromtimestamp(int(seconds), UTC).date().isoformat()
        except (KeyError, TypeError, ValueError, InvalidOperation):
            continue  # created_at belongs to the application: it may be missing, or anything at all
    return None


def _is_ttl_delete(record: Record) -> bool:
    """Return whether DynamoDB expired the item: docs/aws-semantics.md#dynamodb-streams-5."""
    deleter = record.get("userIdentity")
    if record["eventName"] != "REMOVE" or not isinstance(deleter, Mapping):
        return False
    return (deleter.get("type"), deleter.get("principalId")) == ("Service", "dynamodb.amazonaws.com")

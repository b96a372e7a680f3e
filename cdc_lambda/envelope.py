"""A DynamoDB stream record as one row of ``bronze.task_changes``, both images kept as DynamoDB-JSON text."""

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeAlias, TypedDict

import orjson

from cdc_lambda.claim_check import Claim
from cdc_lambda.times import SECONDS_A_DAY, to_date, to_timestamp

TASK_PREFIX: Final = "TASK#"
EVENT_NAMES: Final = ("INSERT", "MODIFY", "REMOVE")
TTL: Final = ("Service", "dynamodb.amazonaws.com")
YEAR_10000: Final = 253_402_300_800  # Unix seconds
IMAGES: Final = Claim("task_changes", "event_id", ("new_image", "old_image"), "images_object")

Record: TypeAlias = Mapping[str, Any]


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
    images_object: str | None


def to_envelope(record: Record, ingested_at: str) -> Envelope | None:
    """Return the row of one task change, None for another entity of the shared table.

    ``ingested_at`` is a timestamp's text. Text that is not Unicode raises ``orjson.JSONEncodeError``.
    """
    keys = _task_keys(record)
    if keys is None:
        return None
    change = record["dynamodb"]
    event_name = record.get("eventName")
    if event_name not in EVENT_NAMES:
        raise UndecodableRecordError("eventName is not INSERT, MODIFY or REMOVE")
    changed_at = _changed_at(change)
    new_image, old_image = change.get("NewImage"), change.get("OldImage")
    return {
        "event_id": _text(record.get("eventID"), "eventID"),
        "event_name": event_name,
        "sequence_number": _text(change.get("SequenceNumber"), "dynamodb.SequenceNumber"),
        "changed_at": changed_at,
        "user_id": _text(keys[0], "dynamodb.Keys.PK.S after its prefix"),
        "task_id": _text(keys[1], "dynamodb.Keys.SK.S after its prefix"),
        "event_date": _created_on(new_image) or _created_on(old_image) or changed_at[:10],
        "is_ttl_delete": event_name == "REMOVE" and _is_ttl(record.get("userIdentity")),
        "new_image": None if new_image is None else _image_text(new_image, "dynamodb.NewImage"),
        "old_image": None if old_image is None else _image_text(old_image, "dynamodb.OldImage"),
        "stream_arn": _text(record.get("eventSourceARN"), "eventSourceARN"),
        "ingested_at": ingested_at,
        "images_object": None,
    }


def _task_keys(record: Record) -> tuple[str, str] | None:
    """Return the ids behind ``TASK#``, None where a key has another prefix."""
    try:
        keys = record["dynamodb"]["Keys"]
        user, task = keys["PK"]["S"], keys["SK"]["S"]
        if user.startswith(TASK_PREFIX) and task.startswith(TASK_PREFIX):
            return user[len(TASK_PREFIX) :], task[len(TASK_PREFIX) :]
    except (KeyError, TypeError, AttributeError):
        raise UndecodableRecordError("dynamodb.Keys has no PK.S and SK.S, or one is no text") from None
    return None


def _text(value: Any, path: str) -> str:
    if type(value) is str and value:
        return value
    raise UndecodableRecordError(f"{path} is missing or is no text")


def _changed_at(change: dict[str, Any]) -> str:
    """Return ``ApproximateCreationDateTime``, which Lambda hands over in Unix seconds, as a timestamp's text."""
    seconds: Any = change.get("ApproximateCreationDateTime")
    try:
        if type(seconds) in (int, float):  # a bool is an int to isinstance
            return to_timestamp(round(seconds * 1000))
    except (ValueError, OverflowError):
        pass
    raise UndecodableRecordError("dynamodb.ApproximateCreationDateTime is no time in Unix seconds")


def _image_text(image: Any, path: str) -> str:
    if type(image) is not dict:
        raise UndecodableRecordError(f"{path} is no item")
    text = orjson.dumps(image).decode()
    if "null" in text:
        _refuse_non_finite(image)
    return text


def _refuse_non_finite(image: Mapping[str, Any]) -> None:
    """Raise if an image holds NaN or an infinity: orjson wrote it as null, which would change the item."""
    try:
        json.dumps(image, allow_nan=False)
    except ValueError:
        raise UndecodableRecordError("an image holds a number that JSON has not") from None


def _created_on(image: Any) -> str | None:
    """Return the UTC date of the task's ``created_at``, None where the image has no usable one."""
    try:
        number = image["created_at"]["N"]
        seconds = int(number) if number.isdecimal() else Decimal(number)
        if 0 <= seconds < YEAR_10000:
            return to_date(int(seconds) // SECONDS_A_DAY)
    except (KeyError, TypeError, AttributeError, ValueError, InvalidOperation):
        pass  # created_at belongs to the application: it may be missing, or anything at all
    return None


def _is_ttl(deleter: Any) -> bool:
    """Return whether DynamoDB expired the item: docs/aws-semantics.md#dynamodb-streams-5."""
    return type(deleter) is dict and (deleter.get("type"), deleter.get("principalId")) == TTL

"""Firehose's prefix expressions and object names: docs/aws-semantics.md#firehose-10."""

import hashlib
import re
import uuid
from collections.abc import Mapping

from local.times import utc

_EXPRESSION = re.compile(r"!\{(?P<namespace>[A-Za-z-]+):(?P<value>[^}]*)\}")
# Java's date letters, as far as prefixes use them.
_JAVA_DATE = {"yyyy": "%Y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}
_JAVA_LETTERS = re.compile(r"[A-Za-z]+")
_OBJECTS = uuid.UUID("0d9be6f4-5d0c-5c2f-9c43-9a1f6a4f1e01")


class PrefixError(ValueError):
    """The prefix holds an expression that the laptop does not expand."""


def expand(prefix: str, oldest_arrival: float, keys: Mapping[str, str], error_type: str = "") -> str:
    """Return an object's prefix; ``!{timestamp:…}`` is its oldest record's arrival, not the event's time."""

    def value(found: re.Match[str]) -> str:
        match found["namespace"], found["value"]:
            case "timestamp", pattern:
                return f"{utc(oldest_arrival):{strftime_pattern(pattern)}}"
            case "partitionKeyFromQuery", key if key in keys:
                return keys[key]
            case "firehose", "error-output-type":
                return error_type
        raise PrefixError(f"the laptop does not expand {found[0]} here")

    return _EXPRESSION.sub(value, prefix)


def folder(prefix: str) -> str:
    """Return the part of a prefix that is the same for all of its objects, e.g. ``bronze/task_changes``."""
    return _EXPRESSION.split(prefix, maxsplit=1)[0].rstrip("/")


def object_name(stream: str, prefix: str, oldest_arrival: float, content: bytes) -> str:
    """Return ``<stream>-<version>-YYYY-MM-DD-HH-MM-SS-<uuid>``, the uuid made from what the object holds."""
    identity = uuid.uuid5(_OBJECTS, f"{stream}/{prefix}{hashlib.sha256(content).hexdigest()}")
    return f"{stream}-1-{utc(oldest_arrival):%Y-%m-%d-%H-%M-%S}-{identity}"


def strftime_pattern(java: str) -> str:
    """Return a Java date pattern as ``strftime`` writes it; text in quotes is literal."""
    parts = java.split("'")
    parts[::2] = [_JAVA_LETTERS.sub(_strftime_letters, part) for part in parts[::2]]
    return "".join(parts)


def _strftime_letters(found: re.Match[str]) -> str:
    if found[0] not in _JAVA_DATE:
        raise PrefixError(f"the laptop does not know the date letters {found[0]!r}")
    return _JAVA_DATE[found[0]]

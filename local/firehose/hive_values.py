"""One JSON value as a Hive column reads it, by HiveJsonSerDe: docs/aws-semantics.md#firehose-14."""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from local.firehose.prefix import strftime_pattern

Reader = Callable[[Any], Any]

_TIMESTAMP = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2}) (\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,9}))?", re.ASCII)
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_BIGINT = range(-(2**63), 2**63)

ARROW_TYPES = {
    "string": pa.string(),
    "timestamp": pa.timestamp("us"),
    "date": pa.date32(),
    "boolean": pa.bool_(),
    "bigint": pa.int64(),
}


class ConversionError(ValueError):
    """The value does not fit the column's type."""


def reader(hive_type: str, timestamp_formats: Sequence[str] = ()) -> Reader:
    """Return what turns a JSON value, never null, into the column's type or raises ``ConversionError``."""
    if hive_type == "timestamp" and timestamp_formats:
        return _formatted_timestamp([strftime_pattern(pattern) for pattern in timestamp_formats])
    return _READERS[hive_type]


def _string(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    if not isinstance(value, str):
        raise ConversionError("an object or array is no string")
    # JSON can write half of a surrogate pair, which no UTF-8 file can hold.
    if not value.isascii():
        value.encode()
    return value


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ConversionError(f"{_shown(value)} is no boolean")
    return value


def _bigint(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value not in _BIGINT:
        raise ConversionError(f"{_shown(value)} is no bigint")
    return value


def _date(value: Any) -> date:
    found = _DATE.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ConversionError(f"{_shown(value)} is no date yyyy-MM-dd")
    return date(*map(int, found.groups()))


def _timestamp(value: Any) -> datetime:
    """Read what ``java.sql.Timestamp.valueOf`` takes, Firehose's default without ``TimestampFormats``."""
    found = _TIMESTAMP.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ConversionError(f"{_shown(value)} is no timestamp yyyy-MM-dd HH:mm:ss[.fffffffff]")
    *fields, fraction = found.groups()
    year, month, day, hour, minute, second = map(int, fields)
    if year < 1970:
        # Arrow writes it as INT96 with a negative time of day, which no reader but Spark's takes for what it was.
        raise ConversionError(f"{_shown(value)} is before 1970: the laptop cannot write it")
    return datetime(year, month, day, hour, minute, second, int((fraction or "")[:6].ljust(6, "0")))


def _formatted_timestamp(patterns: Sequence[str]) -> Reader:
    def read(value: Any) -> datetime:
        for pattern in patterns:
            try:
                return datetime.strptime(value, pattern)
            except (TypeError, ValueError):
                continue
        raise ConversionError(f"{_shown(value)} fits none of the timestamp formats")

    return read


def _shown(value: Any) -> str:
    return repr(value)[:80]


_READERS: dict[str, Reader] = {
    "string": _string,
    "boolean": _boolean,
    "bigint": _bigint,
    "date": _date,
    "timestamp": _timestamp,
}

"""What a person types, as the SQL literal that Trino, Athena and DuckDB read alike."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime

_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
_LITERAL = re.compile(r"((date|timestamp) +)?'([^']|'')*'", re.IGNORECASE)

# What each type of a parameter takes, as an error says it.
EXPECTED = {
    "varchar": "a text",
    "date": "a date such as 2025-10-15",
    "timestamp": "a time, UTC, such as 2025-10-15 23:59:59",
    "bigint": "a whole number",
    "integer": "a whole number",
    "double": "a number",
    "boolean": "true or false",
}


def literal(kind: str, value: str) -> str:
    """Return the literal of a value of this type; raise ValueError where it is none."""
    return _OF_TYPE[kind](value)


def untyped_literal(word: str) -> str:
    """Return the literal of a word of which no type is known: numbers and literals stay, all else is quoted."""
    return word if _NUMBER.fullmatch(word) or _LITERAL.fullmatch(word) else quoted(word)


def quoted(value: str) -> str:
    """Return the literal of a text."""
    return "'" + value.replace("'", "''") + "'"


def _date(value: str) -> str:
    return f"date '{date.fromisoformat(_inside(value, 'date')).isoformat()}'"


def _timestamp(value: str) -> str:
    """Return a timestamp without zone, which every engine's session takes as UTC."""
    at = datetime.fromisoformat(_inside(value, "timestamp"))
    at = at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at
    return f"timestamp '{at.isoformat(sep=' ')}'"


def _inside(value: str, kind: str) -> str:
    """Return the value itself, or what stands in a literal such as the header's example."""
    found = re.fullmatch(rf"{kind} +'([^']*)'", value.strip(), re.IGNORECASE)
    return found[1] if found else value


def _whole(bits: int) -> Callable[[str], str]:
    def of(value: str) -> str:
        if not re.fullmatch(r"-?\d+", value) or not -(2 ** (bits - 1)) <= int(value) < 2 ** (bits - 1):
            raise ValueError(value)
        return str(int(value))

    return of


def _double(value: str) -> str:
    """Return a number with an exponent: without one Athena takes it for a DECIMAL."""
    if not _NUMBER.fullmatch(value):
        raise ValueError(value)
    return value if "e" in value.lower() else f"{value}e0"


def _boolean(value: str) -> str:
    if value.lower() not in {"true", "false"}:
        raise ValueError(value)
    return value.lower()


_OF_TYPE = {
    "varchar": quoted,
    "date": _date,
    "timestamp": _timestamp,
    "bigint": _whole(64),
    "integer": _whole(32),
    "double": _double,
    "boolean": _boolean,
}

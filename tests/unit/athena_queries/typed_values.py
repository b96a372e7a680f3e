"""What a case's YAML says, as values of a column's type: nothing is guessed, but that a time without a zone is UTC."""

from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa


class UntypedError(ValueError):
    """A value is none of its column's type; the message names row and column."""


def typed(field: pa.Field, values: list[Any]) -> pa.Array:
    """Return a column of these values, one a row; raise UntypedError where one is of another type."""
    return pa.array([_cell(field, number, value) for number, value in enumerate(values, start=1)], field.type)


def _cell(field: pa.Field, number: int, value: Any) -> Any:
    try:
        return as_type(value, field.type)
    except (TypeError, ValueError) as error:
        raise UntypedError(f"row {number}: {field.name} is {field.type}, not {value!r}") from error


def as_type(value: Any, kind: pa.DataType) -> Any:
    """Return one value as Arrow takes it; raise TypeError or ValueError where it is of another type."""
    if value is None:
        return None
    if pa.types.is_nested(kind):
        return _nested(value, kind)
    if pa.types.is_timestamp(kind):
        return as_time(value)
    return as_date(value) if pa.types.is_date(kind) else _checked(_python(kind), value)


def _nested(value: Any, kind: pa.DataType) -> Any:
    if pa.types.is_map(kind):
        return [(_checked(str, key), as_type(each, kind.item_type)) for key, each in _checked(dict, value).items()]
    if pa.types.is_list(kind):
        return [as_type(each, kind.value_type) for each in _checked(list, value)]
    fields = {field.name: field.type for field in kind}
    if unknown := set(_checked(dict, value)) - set(fields):
        raise ValueError(unknown)
    return {name: as_type(each, fields[name]) for name, each in value.items()}


def as_time(value: Any) -> datetime:
    """Return a time with its zone: UTC where it has none."""
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    at = value if isinstance(value, datetime) else datetime.fromisoformat(_checked(str, value))
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def as_date(value: Any) -> date:
    """Return a day."""
    return date.fromisoformat(value) if isinstance(value, str) else _checked(date, value)


def _python(kind: pa.DataType) -> type:
    if pa.types.is_boolean(kind):
        return bool
    if pa.types.is_integer(kind):
        return int
    return float if pa.types.is_floating(kind) else str


def _checked(kind: type, value: Any) -> Any:
    """Return the value, if it is just of this type: in Python True is an int, and a time a date."""
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise TypeError(value)
    return value

"""Trino's answers as Arrow: JSON has neither its types nor its special values."""

import base64
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow as pa

from athena_queries.engines.athena_rows import instant

_Parse = Callable[[Any], Any]
_Kind = tuple[pa.DataType, _Parse]


def to_table(columns: Sequence[Mapping[str, Any]], rows: Sequence[Sequence[Any]]) -> pa.Table:
    """Return the rows with the types that Trino gives its columns; what Arrow has no type for stays text."""
    kinds = [_kind(column["typeSignature"]) for column in columns]
    arrays = [pa.array([_or_none(parse, row[at]) for row in rows], type_) for at, (type_, parse) in enumerate(kinds)]
    return pa.Table.from_arrays(arrays, names=[column["name"] for column in columns])


def _or_none(parse: _Parse, value: Any) -> Any:
    return None if value is None else parse(value)


def _kind(signature: Mapping[str, Any]) -> _Kind:
    """Return a type's Arrow type, and what makes a value of Trino's JSON one of Arrow's."""
    name, arguments = signature["rawType"], [argument["value"] for argument in signature["arguments"]]
    if name == "decimal":
        return pa.decimal128(*arguments), Decimal
    if name == "array":
        return _array(_kind(arguments[0]))
    if name == "map":
        return _map(_kind(arguments[0]), _kind(arguments[1]))
    return _row(arguments) if name == "row" else _KINDS.get(name, (pa.string(), str))


def _array(element: _Kind) -> _Kind:
    type_, parse = element
    return pa.list_(type_), lambda values: [_or_none(parse, value) for value in values]


def _map(key: _Kind, item: _Kind) -> _Kind:
    """Return the kind of a map; JSON makes text of its keys."""
    (key_type, parse_key), (item_type, parse_item) = key, item
    return pa.map_(key_type, item_type), lambda values: [
        (parse_key(name), _or_none(parse_item, value)) for name, value in values.items()
    ]


def _row(arguments: Sequence[Mapping[str, Any]]) -> _Kind:
    names = [(argument.get("fieldName") or {}).get("name", f"field{at}") for at, argument in enumerate(arguments)]
    kinds = [_kind(argument["typeSignature"]) for argument in arguments]
    types = pa.struct([pa.field(name, type_) for name, (type_, _) in zip(names, kinds, strict=True)])
    return types, lambda values: {
        name: _or_none(parse, value) for name, (_, parse), value in zip(names, kinds, values, strict=True)
    }


_KINDS: dict[str, _Kind] = {
    "unknown": (pa.null(), str),
    "boolean": (pa.bool_(), lambda value: value is True or value == "true"),
    "tinyint": (pa.int8(), int),
    "smallint": (pa.int16(), int),
    "integer": (pa.int32(), int),
    "bigint": (pa.int64(), int),
    "real": (pa.float32(), float),
    "double": (pa.float64(), float),
    "varbinary": (pa.binary(), base64.b64decode),
    "date": (pa.date32(), date.fromisoformat),
    "time": (pa.time64("us"), time.fromisoformat),
    "timestamp": (pa.timestamp("us"), datetime.fromisoformat),
    "timestamp with time zone": (pa.timestamp("us", "UTC"), instant),
}

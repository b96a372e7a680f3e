"""Athena's answers as Arrow: its API gives every value as text, and each column's type beside it."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

_Parse = Callable[[str], Any]


def to_table(pages: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Return the rows of GetQueryResults' pages, typed; an array, a map or a row stays the text that Athena made of it.

    The first row of the first page is no row: it repeats the columns' names (docs/aws-semantics.md#athena-queries-4).
    """
    sets = [page["ResultSet"] for page in pages]
    columns = sets[0]["ResultSetMetadata"]["ColumnInfo"]
    rows = [row.get("Data", []) for each in sets for row in each["Rows"]][1:]
    types, parses = zip(*(_type(column) for column in columns), strict=True) if columns else ((), ())
    arrays = [
        pa.array([_value(row[at], parse) for row in rows], type_)
        for at, (type_, parse) in enumerate(zip(types, parses, strict=True))
    ]
    return pa.Table.from_arrays(arrays, names=[column["Name"] for column in columns])


def _value(datum: Mapping[str, str], parse: _Parse) -> Any:
    """Return one value; a NULL has no VarCharValue, an empty text has one."""
    text = datum.get("VarCharValue")
    return None if text is None else parse(text)


def _type(column: Mapping[str, Any]) -> tuple[pa.DataType, _Parse]:
    # Athena says `timestamp(6) with time zone` or leaves the precision out.
    name = re.sub(r"\s*\(.*?\)", "", column["Type"].lower())
    if name == "decimal":
        return pa.decimal128(column["Precision"], column["Scale"]), Decimal
    return _TYPES.get(name, (pa.string(), str))


def instant(text: str) -> datetime:
    """Return the instant of ``2025-10-15 23:59:59.000000 UTC``, or of the same with ``+02:00`` or ``Europe/Berlin``."""
    wall, _, zone = text.rpartition(" ")
    if zone[0] in "+-":
        return datetime.fromisoformat(wall + zone)
    return datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(zone))


_TYPES: dict[str, tuple[pa.DataType, _Parse]] = {
    "boolean": (pa.bool_(), "true".__eq__),
    "tinyint": (pa.int8(), int),
    "smallint": (pa.int16(), int),
    "integer": (pa.int32(), int),
    "bigint": (pa.int64(), int),
    "float": (pa.float32(), float),
    "real": (pa.float32(), float),
    "double": (pa.float64(), float),
    "date": (pa.date32(), date.fromisoformat),
    "timestamp": (pa.timestamp("us"), datetime.fromisoformat),
    "timestamp with time zone": (pa.timestamp("us", "UTC"), instant),
}

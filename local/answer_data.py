"""The rows of a query as data for another program: CSV or JSON, times as ISO 8601 has them."""

import csv
import json
import math
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, TextIO

import pyarrow as pa


class SameNameError(ValueError):
    """Two columns have one name, which an object cannot have; the message is one line."""


def write_csv(out: TextIO, rows: pa.Table) -> None:
    """Write a line of names and a line for each row; null is nothing, and what has parts is JSON."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(rows.column_names)
    writer.writerows(map(_text, row) for row in _rows(rows))


def write_json(out: TextIO, rows: pa.Table) -> None:
    """Write one array with an object for each row."""
    names = rows.column_names
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise SameNameError(f"two columns are called {twice[0]}: give one another name")
    out.write("[")
    for number, row in enumerate(_rows(rows)):
        out.write(f"{',' if number else ''}\n{_json(dict(zip(names, row, strict=True)))}")
    out.write("\n]\n")


def _rows(rows: pa.Table) -> Iterator[tuple[Any, ...]]:
    """Yield each row's values as JSON has them."""
    for batch in rows.to_batches():
        columns = [[plain(value, column.type) for value in column.to_pylist()] for column in batch.columns]
        yield from zip(*columns, strict=True)


def _text(value: Any) -> Any:
    return _json(value) if isinstance(value, dict | list | bool) else value


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def plain(value: Any, kind: pa.DataType) -> Any:
    """Return a value of this type as JSON has it."""
    if value is None or not pa.types.is_nested(kind):
        return _scalar(value)
    if pa.types.is_map(kind):  # Arrow gives its pairs
        return {str(_scalar(key)): plain(each, kind.item_type) for key, each in value}
    if pa.types.is_struct(kind):
        return {field.name: plain(value[field.name], field.type) for field in kind}
    return [plain(each, kind.value_type) for each in value]


def _scalar(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, str | int | None) else value.hex() if isinstance(value, bytes) else str(value)

"""The rows of a query as a person reads them."""

import re
import sys
from collections.abc import Sequence
from datetime import datetime

import pyarrow as pa
from rich.cells import cell_len
from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

from athena_queries.engines.engine import Answer
from local.answer_data import plain
from operations.terminal import plain_table

_MOST_ROWS = 100
# Between two columns of a plain table.
_GAP = 2
# A text may be folded, but not into slivers; a time between its date and its hour.
_LEAST_TEXT, _LEAST_TIME = 16, 10
# A title is its user's, and a terminal obeys what stands in it.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def print_answer(console: Console, answer: Answer, engine: str = "") -> None:
    """Print the rows as a table, how many there are, and what it took to get them."""
    rows = answer.rows.slice(0, _MOST_ROWS)
    cells = [[_cell(value, column.type) for value in column.to_pylist()] for column in rows.columns]
    console.print(_table(console.width, rows.schema, cells))
    console.print(summary(answer, engine, shown=_MOST_ROWS), soft_wrap=True)


def summary(answer: Answer, engine: str = "", shown: int | None = None) -> str:
    """Return how many rows there are, the bytes that were scanned, the seconds, and the engine."""
    count = answer.rows.num_rows
    rows = "1 row" if count == 1 else f"{count:,} rows"
    cut = f", the first {shown} shown" if shown and count > shown else ""
    scanned = "bytes scanned unknown" if answer.bytes_scanned is None else f"{size(answer.bytes_scanned)} scanned"
    return f"{rows}{cut}; {scanned}, {answer.seconds:.2f} s{f', {engine}' if engine else ''}"


def size(count: int) -> str:
    """Return a number of bytes in the largest unit that it fills."""
    for unit, worth in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= worth:
            return f"{count / worth:,.1f} {unit}"
    return f"{count} bytes"


def heading_lines(name: str, width: int) -> str:
    """Return a column's name in lines of this width, broken after underscores."""
    lines = [""]
    for part in _parts(name):
        if lines[-1] and len(lines[-1]) + len(part) > width:
            lines.append("")
        lines[-1] += part
    return "\n".join(lines)


def _parts(name: str) -> list[str]:
    return re.findall(r"[^_]*_+|[^_]+", name)


def _table(room: int, schema: pa.Schema, cells: Sequence[Sequence[str]]) -> Table:
    """Return the rows side by side, or where they do not fit, a line for each of their columns."""
    widths = _widths(room, schema, [max(map(cell_len, column), default=0) for column in cells])
    if not widths:
        return _records(schema.names, cells)
    table = plain_table()
    for field, width in zip(schema, widths, strict=True):
        justify: JustifyMethod = "right" if _is_number(field.type) else "left"
        table.add_column(Text(heading_lines(field.name, width)), justify=justify, overflow="fold", width=width)
    for row in zip(*cells, strict=True):
        table.add_row(*map(Text, row))
    return table


def _widths(room: int, schema: pa.Schema, bodies: Sequence[int]) -> list[int] | None:
    """Return the columns' widths; None where they do not fit, even with headings broken and texts folded."""
    widths = [
        max(min(body, _least(field.type)), *map(len, _parts(field.name)))
        for field, body in zip(schema, bodies, strict=True)
    ]
    spare = room - sum(widths) - _GAP * (len(widths) - 1)
    if spare < 0:
        return None
    # Texts come last: they take whatever there is.
    for at in sorted(range(len(widths)), key=lambda at: pa.types.is_string(schema.field(at).type)):
        more = min(spare, max(bodies[at], len(schema.names[at])) - widths[at])
        widths[at] += more
        spare -= more
    return widths


def _least(kind: pa.DataType) -> int:
    if pa.types.is_string(kind):
        return _LEAST_TEXT
    return _LEAST_TIME if pa.types.is_timestamp(kind) else sys.maxsize


def _records(names: Sequence[str], cells: Sequence[Sequence[str]]) -> Table:
    table = Table.grid(padding=(0, _GAP))
    for number, row in enumerate(zip(*cells, strict=True), start=1):
        table.add_row(Text(f"row {number}", style="bold"))
        for name, value in zip(names, row, strict=True):
            table.add_row(Text(f"  {name}"), Text(value))
    return table


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _cell(value: object, kind: pa.DataType) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(sep=" ")
    if isinstance(value, bool):
        return str(value).lower()
    if pa.types.is_nested(kind):
        value = plain(value, kind)
    return f"{value:,}" if isinstance(value, int) else _CONTROL.sub("\N{REPLACEMENT CHARACTER}", str(value))

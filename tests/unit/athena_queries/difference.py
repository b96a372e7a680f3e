"""How an answer differs from what a case expects."""

import difflib
import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from tests.unit.athena_queries.typed_values import as_date, as_time

Row = Mapping[str, Any]
# Where the order in which doubles are added up may show, a query rounds; this is for the last digit of the rest.
TOLERANCE = 1e-9


def difference(expected: Sequence[Row], rows: pa.Table, is_ordered: bool) -> str:
    """Return the rows that are missing (-) and those nobody expects (+), a line each; empty where all are equal."""
    names = rows.column_names
    for number, row in enumerate(expected, start=1):
        if set(row) != set(names):
            return f"row {number} of expected.yaml has the columns {', '.join(row)}; the answer has {', '.join(names)}"
    wanted = [{name: row[name] for name in names} for row in expected]
    lines = [_line(row) for row in wanted]
    # A row that is expected is written as it is there: its doubles may differ in the last digit.
    answered = [next((_line(each) for each in wanted if same(each, row)), _line(row)) for row in rows.to_pylist()]
    if not is_ordered:
        lines, answered = sorted(lines), sorted(answered)
    return "" if lines == answered else "\n".join(difflib.ndiff(lines, answered))


def same(expected: Row, row: Row) -> bool:
    """Whether an answer's row is the expected one."""
    return all(_same(expected[name], value) for name, value in row.items())


def _same(expected: Any, value: Any) -> bool:
    if expected is None or value is None or isinstance(expected, bool) or isinstance(value, bool):
        return expected is value
    try:
        if isinstance(value, datetime):
            return as_time(expected) == as_time(value)
        if isinstance(value, date):
            return as_date(expected) == value
    except (TypeError, ValueError):
        return False
    if isinstance(value, float | Decimal) and isinstance(expected, int | float):
        return math.isclose(expected, value, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return bool(_plain(expected) == _plain(value))


def _plain(value: Any) -> Any:
    """Return a map as one: Arrow gives its pairs."""
    is_map = isinstance(value, list) and value and all(isinstance(each, tuple) for each in value)
    return dict(value) if is_map else value


def _line(row: Row) -> str:
    return "  ".join(f"{name}: {_text(value)}" for name, value in row.items())


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return as_time(value).replace(tzinfo=None).isoformat(sep=" ")
    if isinstance(value, str):
        return repr(value)
    return "null" if value is None else str(_plain(value))

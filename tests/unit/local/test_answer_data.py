import csv
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO
from typing import Any, TextIO

import pyarrow as pa
import pytest

from local.answer_data import SameNameError, write_csv, write_json

ROWS = pa.table(
    {
        "user_id": ['O\'Brien, "é"\n', None],
        "n": [1, None],
        "share": [0.1, float("nan")],
        "total": pa.array([Decimal(3), Decimal("1.5")], pa.decimal128(38, 1)),
        "is_deleted": [True, False],
        "d": [date(2025, 10, 15), None],
        "at": pa.array([datetime(2025, 10, 15, 23, 59, 59, 500_000, tzinfo=UTC), None], pa.timestamp("us", "UTC")),
        "local": pa.array([datetime(2025, 10, 15), None], pa.timestamp("us")),
        "extra": pa.array([[("tags", "a")], []], pa.map_(pa.string(), pa.string())),
        "access": pa.array([{"at": datetime(2025, 10, 15, tzinfo=UTC)}, None]),
        "ids": [["a"], None],
        "raw": [b"\x00\xff", None],
    }
)


def written(write: Callable[[TextIO, pa.Table], None], rows: pa.Table) -> str:
    out = StringIO()
    write(out, rows)
    return out.getvalue()


def test_json_is_one_array_of_objects_with_times_as_iso_has_them() -> None:
    first, second = json.loads(written(write_json, ROWS))
    assert first == {
        "user_id": 'O\'Brien, "é"\n',
        "n": 1,
        "share": 0.1,
        "total": 3,
        "is_deleted": True,
        "d": "2025-10-15",
        "at": "2025-10-15T23:59:59.500000Z",
        "local": "2025-10-15T00:00:00",
        "extra": {"tags": "a"},
        "access": {"at": "2025-10-15T00:00:00Z"},
        "ids": ["a"],
        "raw": "00ff",
    }
    assert (second["extra"], second["access"], second["ids"]) == ({}, None, None)
    assert (second["total"], second["share"], second["is_deleted"], second["user_id"]) == (1.5, None, False, None)


def test_csv_is_a_line_a_row_and_what_has_parts_is_json() -> None:
    names, first, second = csv.reader(StringIO(written(write_csv, ROWS)))
    assert names == ROWS.column_names
    assert first[:2] == ['O\'Brien, "é"\n', "1"]
    assert first[3:8] == ["3", "true", "2025-10-15", "2025-10-15T23:59:59.500000Z", "2025-10-15T00:00:00"]
    assert json.loads(first[8]) == {"tags": "a"}
    assert second[:6] == ["", "", "", "1.5", "false", ""]


@pytest.mark.parametrize(("write", "text"), [(write_csv, "n\n"), (write_json, "[\n]\n")])
def test_no_rows_are_still_data(write: Callable[[TextIO, pa.Table], None], text: str) -> None:
    assert written(write, pa.table({"n": pa.array([], pa.int64())})) == text


def test_two_columns_of_one_name_are_no_object_but_two_fields() -> None:
    rows: Any = pa.table([pa.array([1]), pa.array([2])], names=["n", "n"])
    assert written(write_csv, rows) == "n,n\n1,2\n"
    with pytest.raises(SameNameError, match="two columns are called n"):
        written(write_json, rows)

from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from tests.unit.athena_queries.cases import CaseError, arrow_schema, case_folders, queries, read_case
from tests.unit.athena_queries.difference import difference
from tests.unit.athena_queries.typed_values import as_type

GOLD = "task_throughput_daily"
EXPECTED = {"expected.yaml": "[]"}


def case(tmp_path: Path, files: dict[str, str], query: str = GOLD) -> Path:
    folder = tmp_path / query / "a_case"
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_missing_columns_are_null_and_missing_tables_empty(tmp_path: Path) -> None:
    rows = "[{user_id: ada, activity_date: 2025-10-15, tasks_created: 2, avg_completion_hours: 3}]"
    found = read_case(case(tmp_path, {**EXPECTED, "silver.tasks_per_user_daily.yaml": rows}))
    [row] = found.tables["silver.tasks_per_user_daily"].to_pylist()
    assert (row["activity_date"], row["tasks_created"], row["avg_completion_hours"]) == (date(2025, 10, 15), 2, 3.0)
    assert row["tasks_deleted"] is None
    empty = read_case(case(tmp_path / "2", EXPECTED))
    assert empty.tables["silver.tasks_per_user_daily"].num_rows == 0


def test_folders_of_folders_are_cases(tmp_path: Path) -> None:
    (tmp_path / "README.md").touch()
    folder = case(tmp_path, {})
    assert case_folders(tmp_path) == [folder]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "there is no expected.yaml"),
        ({**EXPECTED, "silver.nothing.yaml": "[]"}, "silver.nothing.yaml: the lake has no table silver.nothing"),
        ({**EXPECTED, "silver.tasks.yaml": "[]"}, "silver.tasks.yaml: the query does not read silver.tasks"),
        ({**EXPECTED, "expectd.yaml": "[]"}, "expectd.yaml: the lake has no table expectd"),
        ({**EXPECTED, "parameters.yaml": "[1]"}, "parameters.yaml: a Gold table takes no parameters"),
        ({"expected.yaml": "a: 1"}, "expected.yaml: a list is expected"),
        ({"expected.yaml": "[1]"}, "expected.yaml: every row is a map"),
        ({"expected.yaml": "[}"}, "expected.yaml: while parsing"),
    ],
)
def test_a_folder_that_is_no_case_says_why(tmp_path: Path, files: dict[str, str], said: str) -> None:
    with pytest.raises(CaseError) as error:
        read_case(case(tmp_path, files))
    assert said in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("nothing: 1", "row 1: silver.tasks_per_user_daily has no column nothing"),
        ("user_id: 17", "row 1: user_id is string, not 17"),
        ("tasks_created: '1'", "row 1: tasks_created is int64, not '1'"),
        ("tasks_created: true", "row 1: tasks_created is int64, not True"),
        ("activity_date: today", "row 1: activity_date is date32[day], not 'today'"),
        ("activity_date: 2025-10-15 12:00:00", "row 1: activity_date is date32[day], not datetime"),
    ],
)
def test_a_row_that_the_table_cannot_hold_says_which(tmp_path: Path, row: str, said: str) -> None:
    with pytest.raises(CaseError) as error:
        read_case(case(tmp_path, {**EXPECTED, "silver.tasks_per_user_daily.yaml": f"[{{{row}}}]"}))
    assert said in str(error.value)


def test_a_folder_of_no_query_says_so(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="no Gold table or analyst's file is called nothing"):
        read_case(case(tmp_path, EXPECTED, query="nothing"))


def test_parameters_are_those_of_the_file(tmp_path: Path) -> None:
    files = {**EXPECTED, "parameters.yaml": "[O'Brien, t1, 2025-01-31]"}
    assert "user_id = 'O''Brien'" in read_case(case(tmp_path, files, query="task_on_a_day")).sql
    with pytest.raises(CaseError, match=r"a_case: line \d+: .* 1 was given"):
        read_case(case(tmp_path / "2", {**EXPECTED, "parameters.yaml": "[ada]"}, query="task_on_a_day"))


def test_athenas_types_are_arrows() -> None:
    columns = {
        "at": "timestamp(6) with time zone",
        "extra": "map(varchar, varchar)",
        "r": "row(a bigint)",
        "n": "integer",
    }
    assert arrow_schema(columns) == pa.schema(
        {
            "at": pa.timestamp("us", "UTC"),
            "extra": pa.map_(pa.string(), pa.string()),
            "r": pa.struct({"a": pa.int64()}),
            "n": pa.int32(),
        }
    )
    assert as_type({"a": "b"}, pa.map_(pa.string(), pa.string())) == [("a", "b")]
    assert as_type({"a": 1}, pa.struct({"a": pa.int64()})) == {"a": 1}
    assert as_type([1], pa.list_(pa.int64())) == [1]
    assert as_type("2025-10-15 23:59:59", pa.timestamp("us", "UTC")) == datetime(2025, 10, 15, 23, 59, 59, tzinfo=UTC)
    with pytest.raises(ValueError, match="b"):
        as_type({"b": 1}, pa.struct({"a": pa.int64()}))


def test_rows_are_equal_within_the_last_digit_of_a_double() -> None:
    rows = pa.table({"a": [1 / 3, None], "at": [datetime(2025, 10, 15, tzinfo=UTC), None]})
    expected: list[dict[str, object]] = [{"a": 0.33333333333, "at": "2025-10-15 00:00:00"}, {"at": None, "a": None}]
    assert difference(expected, rows, is_ordered=True) == ""
    assert "+ a: 0.3333" in difference([{**expected[0], "a": 0.3334}, expected[1]], rows, is_ordered=True)


def test_order_counts_where_the_answer_has_one() -> None:
    rows = pa.table({"n": [1, 2]})
    expected = [{"n": 2}, {"n": 1}]
    assert difference(expected, rows, is_ordered=False) == ""
    assert difference(expected, rows, is_ordered=True).splitlines() == ["+ n: 1", "  n: 2", "- n: 1"]


def test_a_row_too_few_or_too_many_is_a_difference() -> None:
    rows = pa.table({"n": [1, 1]})
    assert difference([{"n": 1}], rows, is_ordered=False)
    assert difference([{"n": 1}] * 3, rows, is_ordered=False)


@pytest.mark.parametrize(
    ("expected", "value"), [(1, True), ("1", 1), (None, 0), (0, None), ("2025-10-16", date(2025, 10, 15))]
)
def test_values_of_another_type_are_a_difference(expected: object, value: object) -> None:
    assert difference([{"v": expected}], pa.table({"v": [value]}), is_ordered=False)


def test_expected_rows_have_every_column_of_the_answer() -> None:
    found = difference([{"a": 1}], pa.table({"a": [1], "b": [2]}), is_ordered=False)
    assert found == "row 1 of expected.yaml has the columns a; the answer has a, b"


def test_a_case_is_ordered_if_its_outermost_select_is(tmp_path: Path) -> None:
    assert not read_case(case(tmp_path, EXPECTED)).is_ordered
    assert read_case(case(tmp_path, EXPECTED, query="task_on_a_day")).is_ordered
    assert {"task_on_a_day", GOLD} <= set(queries())

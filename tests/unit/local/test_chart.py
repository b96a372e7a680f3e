from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from local.chart import NoChartError, chart

DAY = date(2025, 10, 1)


def days(count: int) -> list[date]:
    return [DAY + timedelta(number) for number in range(count)]


def test_each_column_of_numbers_is_drawn_over_time_with_its_own_scale() -> None:
    lines = chart(pa.table({"activity_date": days(3), "tasks": [2000, None, 1000], "hours": [0.5, 0.25, 0.25]}), 80)
    assert [line for line in lines if line[:1].isalpha()] == ["tasks", "hours"]
    assert lines[1].startswith("2,000 ┤█████")
    assert lines[8].rstrip() == "    0 ┤█████       █████"
    assert lines[9] == "       2025-10-01 2025-10-03"
    assert lines[12].startswith("0.50 ┤")


def test_rows_are_drawn_in_the_order_of_time_and_days_without_a_row_are_gaps() -> None:
    lines = chart(pa.table({"d": [DAY + timedelta(3), DAY, DAY + timedelta(1)], "n": [4, 0, 4]}), 80)
    assert lines[8].rstrip() == "0 ┤▁▁▁▁▁ █████       █████"


def test_more_rows_than_columns_are_drawn_as_means() -> None:
    lines = chart(pa.table({"d": days(400), "n": list(range(400))}), 80)
    assert max(map(len, lines)) <= 80
    assert "a bar is the mean of up to 6 rows" in lines[-1]


def test_a_moment_is_an_axis_too() -> None:
    at = [datetime(2025, 10, 1, hour, tzinfo=UTC) for hour in (0, 6)]
    assert "2025-10-01 00:00:00" in chart(pa.table({"at": at, "n": [1, 2]}), 80)[-1]


def test_names_have_bars_in_the_answers_order() -> None:
    rows = pa.table({"category": ["work", None, "x" * 50], "n": [1000, 500, None]})
    full, half, none = chart(rows, 60)[1:]
    assert full.split() == ["work", "█" * (60 - 20 - 2 - 5), "1,000"]
    assert half.count("█") == full.count("█") // 2
    assert none == "x" * 20


@pytest.mark.parametrize("values", [[0, 0], [None, None], [-2, 3], [float("nan"), 1.0], [float("inf"), 1.0]])
@pytest.mark.parametrize("axis", [days(2), ["a", "b"], [DAY, DAY], [DAY, None]])
def test_whatever_the_numbers_are_the_lines_fit(axis: list[Any], values: list[Any]) -> None:
    assert max(map(len, chart(pa.table({"x": axis, "n": pa.array(values, pa.float64())}), 40))) <= 40


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"d": days(1)}, "one column draws nothing"),
        ({"n": [1], "m": [2]}, "the first column, n, is neither a date, nor a time, nor a text"),
        ({"d": days(1), "user_id": ["ada"]}, "the column user_id holds no numbers"),
        ({"d": pa.array([], pa.date32()), "n": pa.array([], pa.int64())}, "there are no rows"),
        ({"d": pa.array([None], pa.date32()), "n": [1]}, "the column d is empty"),
        ({"name": ["x"] * 51, "n": [1] * 51}, "51 bars are too many: say limit 50"),
    ],
)
def test_columns_that_allow_no_chart_say_why(columns: dict[str, Any], said: str) -> None:
    with pytest.raises(NoChartError, match=said):
        chart(pa.table(columns), 80)

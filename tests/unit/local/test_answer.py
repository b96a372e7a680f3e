from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pyarrow as pa
import pytest
from rich.console import Console

from athena_queries.engines.engine import Answer
from local.answer import heading_lines, print_answer, size, summary


def answer(columns: dict[str, Any], bytes_scanned: int | None = 1500) -> Answer:
    return Answer(pa.table(columns), bytes_scanned, seconds=0.5)


def printed(**columns: Any) -> str:
    return printed_in(80, columns)


def printed_in(width: int, columns: dict[str, Any]) -> str:
    out = StringIO()
    print_answer(Console(file=out, width=width), answer(columns))
    return out.getvalue()


def test_rows_are_counted_and_numbers_read_easily() -> None:
    text = printed(user=["ada", None], tasks=[1234567, 2])
    assert "1,234,567" in text
    assert "2 rows; 1.5 kB scanned, 0.50 s" in text


def test_text_that_looks_like_markup_is_shown_as_it_is() -> None:
    assert "[red]x[/red]" in printed(title=["[red]x[/red]"])


def test_what_a_terminal_would_obey_is_not_sent_to_it() -> None:
    text = printed(title=["\x1b[2J\x9b2J\x07gone"])
    assert "�[2J�2J�gone" in text


def test_a_map_is_shown_as_one() -> None:
    extra = pa.array([[("tags", "a")]], pa.map_(pa.string(), pa.string()))
    assert "{'tags': 'a'}" in printed(extra=extra)


def test_times_and_truths_are_shown_short() -> None:
    text = printed(at=[datetime(2025, 10, 15, 23, 59, tzinfo=UTC)], is_deleted=[True])
    assert "2025-10-15 23:59:00  true" in text


def test_a_long_answer_says_that_it_was_cut() -> None:
    text = printed(n=list(range(250)))
    assert "250 rows, the first 100 shown" in text
    assert " 100\n" not in text


def test_headings_break_at_underscores_where_the_line_is_full() -> None:
    columns = {f"avg_completion_hours_{letter}": [1.5] for letter in "abcdef"}
    lines = printed_in(80, columns).splitlines()
    assert lines[0].split()[-4:] == ["avg_"] * 4
    assert max(map(len, lines)) <= 80
    assert printed_in(200, columns).splitlines()[0].split() == list(columns)


def test_a_text_is_folded_before_a_number_is() -> None:
    lines = printed(user_id=["ada"], message=["long words " * 20], latency_ms=[1234567]).splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[2].endswith("1,234,567")


def test_a_time_is_folded_between_its_date_and_its_hour() -> None:
    at = [datetime(2025, 10, 15, 23, 59, tzinfo=UTC)]
    lines = printed_in(30, {"first_at": at, "last_at": at}).splitlines()
    assert [line.split() for line in lines[2:4]] == [["2025-10-15", "2025-10-15"], ["23:59:00", "23:59:00"]]


def test_columns_that_no_line_holds_are_shown_under_each_other() -> None:
    lines = printed_in(80, {f"column_number_{number}": ["x" * 10] for number in range(20)}).splitlines()
    assert [line.rstrip() for line in lines[:2]] == ["row 1", "  column_number_0   xxxxxxxxxx"]
    assert len(lines) == 1 + 20 + 1


def test_an_answer_without_rows_shows_its_columns() -> None:
    text = printed(user_id=pa.array([], pa.string()))
    assert text.startswith("user_id")
    assert "0 rows" in text


@pytest.mark.parametrize(
    ("name", "width", "lines"),
    [
        ("tasks", 3, "tasks"),
        ("avg_completion_hours", 20, "avg_completion_hours"),
        ("avg_completion_hours", 16, "avg_completion_\nhours"),
        ("avg_completion_hours", 5, "avg_\ncompletion_\nhours"),
        ("_col0", 5, "_col0"),
        ("", 5, ""),
    ],
)
def test_a_heading_is_broken_after_its_underscores(name: str, width: int, lines: str) -> None:
    assert heading_lines(name, width) == lines


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 bytes"), (999, "999 bytes"), (1500, "1.5 kB"), (2_345_678, "2.3 MB"), (5 * 10**12, "5,000.0 GB")],
)
def test_bytes_are_told_in_the_largest_unit_they_fill(count: int, said: str) -> None:
    assert size(count) == said


def test_a_summary_names_the_engine_and_what_it_did_not_say() -> None:
    assert summary(answer({"n": [1]}, None), "trino") == "1 row; bytes scanned unknown, 0.50 s, trino"

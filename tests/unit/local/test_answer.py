from io import StringIO

import pyarrow as pa
from rich.console import Console

from athena_queries.duckdb_engine import Answer
from local.answer import print_answer


def printed(**columns: list[object] | pa.Array) -> str:
    out = StringIO()
    print_answer(Console(file=out, width=120), Answer(pa.table(columns), rows_read=7, seconds=0.5))
    return out.getvalue()


def test_rows_are_counted_and_numbers_read_easily() -> None:
    text = printed(user=["ada", None], tasks=[1234567, 2])
    assert "1,234,567" in text
    assert "2 rows; 7 read, 0.50 s" in text


def test_text_that_looks_like_markup_is_shown_as_it_is() -> None:
    assert "[red]x[/red]" in printed(title=["[red]x[/red]"])


def test_a_map_is_shown_as_one() -> None:
    extra = pa.array([[("tags", "a")]], pa.map_(pa.string(), pa.string()))
    assert "{'tags': 'a'}" in printed(extra=extra)


def test_a_long_answer_says_that_it_was_cut() -> None:
    text = printed(n=list(range(250)))
    assert "250 rows, the first 100 shown" in text
    assert "│ 100 │" not in text

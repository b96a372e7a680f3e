"""The rows of a query as a person reads them."""

import pyarrow as pa
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from athena_queries.duckdb_engine import Answer

_MOST_ROWS = 100


def print_answer(console: Console, answer: Answer) -> None:
    """Print the rows as a table, how many there are, and what it took to get them."""
    table = plain_table()
    for field in answer.rows.schema:
        is_number = pa.types.is_integer(field.type) or pa.types.is_floating(field.type)
        table.add_column(field.name, justify="right" if is_number else "left", overflow="fold")
    for row in answer.rows.slice(0, _MOST_ROWS).to_pylist():
        table.add_row(*(_cell(value) for value in row.values()))
    console.print(table)
    shown = f", the first {_MOST_ROWS} shown" if answer.rows.num_rows > _MOST_ROWS else ""
    rows = "1 row" if answer.rows.num_rows == 1 else f"{answer.rows.num_rows:,} rows"
    console.print(f"{rows}{shown}; {answer.rows_read:,} read, {answer.seconds:.2f} s")


def plain_table(title: str | None = None) -> Table:
    """Return an empty table with no frame: a terminal of 80 columns has none to spare."""
    return Table(
        title=title, title_justify="left", box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, collapse_padding=True
    )


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(entry, tuple) for entry in value):
        value = dict(value)  # Arrow gives a map as its pairs
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else escape(str(value))

"""`make query`: one SELECT, asked of DuckDB, Trino or Athena, answered as a table, a chart or data."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TextIO

import pyarrow as pa
import typer
from rich.text import Text

from athena_queries.engines.engine import Answer
from athena_queries.sql import QueryError
from local.answer import print_answer, summary
from local.answer_data import SameNameError, write_csv, write_json
from local.chart import NoChartError, chart
from local.engines import ENGINES, engine_of
from local.question import Question, question
from local.stream.stream_file import InputError
from local.terminal import one_line_errors
from operations.terminal import console

TABLE = "table"
_WRITERS: dict[str, Callable[[TextIO, pa.Table], None]] = {"csv": write_csv, "json": write_json}
FORMATS = (TABLE, *_WRITERS)

Lake = Annotated[Path, typer.Option(envvar="LAKE", help="The lake's folder.")]
File = Annotated[str, typer.Option(envvar="FILE", help="A file with one SELECT in Athena's dialect.")]
Sql = Annotated[str, typer.Option(envvar="SQL", help="One SELECT in Athena's dialect.")]
Params = Annotated[
    str,
    typer.Option(envvar="PARAMS", help="A word for each ?, in order, quoted as in a shell; else the file's examples."),
]
EngineName = Annotated[str, typer.Option(envvar="ENGINE", help=f"Who answers, one of: {', '.join(ENGINES)}.")]
Format = Annotated[str, typer.Option("--format", envvar="FORMAT", help=f"One of: {', '.join(FORMATS)}.")]
Chart = Annotated[bool, typer.Option("--chart", envvar="CHART", help="Draw the answer where its columns allow it.")]
Workgroup = Annotated[str, typer.Option(envvar="WORKGROUP", help="Athena's workgroup, for ENGINE=athena.")]


def query(  # noqa: PLR0913, PLR0917 - each is an option of the command
    lake: Lake = Path(".lake"),
    file: File = "",
    sql: Sql = "",
    params: Params = "",
    engine: EngineName = "duckdb",
    format_: Format = TABLE,
    is_drawn: Chart = False,
    workgroup: Workgroup = "task-lake",
) -> None:
    """Answer one SELECT over the lake's bronze.*, silver.* and gold.* tables, from FILE or SQL."""
    with one_line_errors():
        _check(engine, format_, is_drawn)
        asked = question(file, sql, params)
        try:
            answer = engine_of(engine, lake, workgroup).run(asked.sql, asked.literals)
        except QueryError as error:
            raise asked.fault(error) from error
        if format_ == TABLE:
            _print(asked, answer, engine, is_drawn)
        else:
            _write(asked, answer, engine, format_)


def _check(engine: str, format_: str, is_drawn: bool) -> None:
    for name, given, known in (("ENGINE", engine, ENGINES), ("FORMAT", format_, FORMATS)):
        if given not in known:
            raise InputError(f"{name}={given} is unknown: choose one of {', '.join(known)}")
    if is_drawn and format_ != TABLE:
        raise InputError(f"CHART=1 draws, FORMAT={format_} writes data: choose one of the two")


def _print(asked: Question, answer: Answer, engine: str, is_drawn: bool) -> None:
    out = console()
    if asked.note:
        out.print(Text(asked.note, style="dim"), soft_wrap=True)
    if is_drawn:
        try:
            for line in chart(answer.rows, out.width):
                out.print(Text(line), no_wrap=True, crop=True)
        except NoChartError as error:
            out.print(Text(f"No chart: {error}."), soft_wrap=True)
        else:
            out.print(summary(answer, engine), soft_wrap=True)
            return
    print_answer(out, answer, engine)


def _write(asked: Question, answer: Answer, engine: str, format_: str) -> None:
    """Write nothing but data to standard output, and the rest beside it."""
    try:
        _WRITERS[format_](sys.stdout, answer.rows)
        sys.stdout.flush()
    except SameNameError as error:
        raise InputError(f"{asked.place}: FORMAT={format_}: {error}") from error
    except BrokenPipeError:  # the reader has enough, as `head` has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    said = console(stderr=True)
    for line in filter(None, (asked.note, summary(answer, engine))):
        said.print(Text(line), soft_wrap=True)

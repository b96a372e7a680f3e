"""The commands behind `make run` and `make query`.

Exit codes: 0 done; 1 the gate or the machine stopped the run; 2 the input or the lake cannot be used; 130 Ctrl-C.
"""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from athena_queries.duckdb_engine import DuckDbEngine, QueryError
from local.answer import print_answer
from local.jars import JarError
from local.java import JavaNotFoundError
from local.lake import LakeError, existing_lake, open_lake
from local.progress import Stages
from local.stream.checkpoints import CheckpointError
from local.stream.stream_file import InputError, check
from local.traffic.day import generate_day

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)

Lake = Annotated[Path, typer.Option(envvar="LAKE", help="The lake's folder; made where it is missing.")]
Events = Annotated[str, typer.Option(envvar="EVENTS", help="DynamoDB stream records, one JSON a line, plain or gzip.")]
File = Annotated[str, typer.Option(envvar="FILE", help="A file with one SELECT in Athena's dialect.")]
Sql = Annotated[str, typer.Option(envvar="SQL", help="One SELECT in Athena's dialect.")]

# A pipe has no width of its own, and 80 columns cut a table's cells in two.
_WIDTH_OF_A_PIPE = 160


@app.command()
def run(lake: Lake = Path(".lake"), events: Events = "") -> None:
    """Run the whole lake on EVENTS, or on a generated day of traffic; a second run changes nothing."""
    with _one_line_errors():
        if events:
            check(Path(events))
        with open_lake(lake) as opened:
            _run(opened, Path(events) if events else _generated_day(opened))


def _run(lake: Path, events: Path) -> None:
    # py4j logs a traceback when Ctrl-C finds it waiting for the JVM; the command says one line instead.
    logging.getLogger().addHandler(logging.NullHandler())
    # Imported here, because Spark and Great Expectations take seconds, and neither a query nor a typo needs them.
    from data_quality.gate import GateFailedError  # noqa: PLC0415
    from glue_jobs.storage.iceberg import PublishError  # noqa: PLC0415
    from local.report import print_run, print_verdicts  # noqa: PLC0415
    from local.run import run_lake  # noqa: PLC0415

    try:
        with Stages(_console(stderr=True)) as stages:
            report = run_lake(lake, events, stages)
    except GateFailedError as error:
        print_verdicts(_console(stderr=True), error)
        raise typer.Exit(1) from error
    except PublishError as error:
        raise _stopped(str(error), code=1) from error
    print_run(_console(), report)


@app.command()
def query(lake: Lake = Path(".lake"), file: File = "", sql: Sql = "") -> None:
    """Answer one SELECT over the lake's silver.* and gold.* tables, from FILE or SQL."""
    with _one_line_errors():
        if bool(file) == bool(sql):
            raise InputError('say FILE=<file with one SELECT>, or SQL="select …": one of the two')
        engine = DuckDbEngine(existing_lake(lake))
        try:
            answer = engine.run(_read(Path(file)) if file else sql)
        except QueryError as error:
            raise InputError(f"{file or 'SQL'}: {error}") from error
        print_answer(_console(), answer)


def _generated_day(lake: Path) -> Path:
    """Return the stream records of the generated day, which lie in the lake like any other input."""
    path = lake / "generated" / "2025-10-15.stream.jsonl.gz"
    if not path.exists():
        generate_day(path)
    return path


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file} cannot be read as text: {error}") from error


def _console(stderr: bool = False) -> Console:
    console = Console(stderr=stderr, highlight=False)
    return console if console.is_terminal else Console(stderr=stderr, highlight=False, width=_WIDTH_OF_A_PIPE)


@contextmanager
def _one_line_errors() -> Iterator[None]:
    """Turn what can be foreseen to go wrong into one line that says what to do next, and an exit code."""
    # Great Expectations and PyIceberg warn about their own dependencies: nothing a user could mend.
    warnings.simplefilter("ignore")
    try:
        yield
    except (InputError, CheckpointError, LakeError, JarError, JavaNotFoundError) as error:
        raise _stopped(str(error), code=2) from error
    except KeyboardInterrupt as error:
        said = "interrupted: whatever was published is whole; run the same command again and it goes on"
        raise _stopped(said, code=130) from error
    except Exception as error:
        if not _is_full_disk(error):
            raise
        said = "the disk is full: nothing half-written is published; free some space and run the same command again"
        raise _stopped(said, code=1) from error


def _is_full_disk(error: Exception) -> bool:
    """Whether Python's own error or the JVM's, which comes as text, says so."""
    return "No space left on device" in str(error) or "database or disk is full" in str(error)


def _stopped(message: str, code: int) -> typer.Exit:
    Console(stderr=True, highlight=False).print(message, style="red", markup=False, soft_wrap=True)
    return typer.Exit(code)

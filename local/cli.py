"""The commands behind `make run`, `make replay` and `make query`.

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
from local.faults.profiles import NO_FAULTS, PROFILES
from local.jars import JarError
from local.java import JavaNotFoundError
from local.lake import LakeError, existing_lake, open_lake, queried_lake
from local.logs.log_event import LOG_EVENTS
from local.options import Inputs, Options
from local.progress import Stages
from local.stream.checkpoints import CheckpointError
from local.stream.stream_file import InputError, check
from local.stream.stream_record import STREAM_RECORDS
from local.traffic.day import generate_day

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)

Lake = Annotated[Path, typer.Option(envvar="LAKE", help="The lake's folder; made where it is missing.")]
ExistingLake = Annotated[Path, typer.Option(envvar="LAKE", help="The lake's folder.")]
Events = Annotated[str, typer.Option(envvar="EVENTS", help="DynamoDB stream records, one JSON a line, plain or gzip.")]
Logs = Annotated[str, typer.Option(envvar="LOGS", help="CloudWatch log events, one JSON a line, plain or gzip.")]
Faults = Annotated[str, typer.Option(envvar="FAULTS", help=f"What goes wrong, one of: {', '.join(PROFILES)}.")]
Seed = Annotated[int, typer.Option(envvar="SEED", help="Which faults happen: the same seed gives the same run.")]
Shards = Annotated[int, typer.Option(envvar="SHARDS", min=1, help="Shards of the table's stream.")]
UserBuckets = Annotated[
    int,
    typer.Option(envvar="USER_BUCKETS", min=0, help="Folders that share the users of a day in Bronze; 0: one each."),
]
File = Annotated[str, typer.Option(envvar="FILE", help="A file with one SELECT in Athena's dialect.")]
Sql = Annotated[str, typer.Option(envvar="SQL", help="One SELECT in Athena's dialect.")]

# A pipe has no width of its own, and 80 columns cut a table's cells in two.
_WIDTH_OF_A_PIPE = 160


@app.command()
def run(  # noqa: PLR0913, PLR0917 - each is an option of the command
    lake: Lake = Path(".lake"),
    events: Events = "",
    logs: Logs = "",
    faults: Faults = "",
    seed: Seed = 0,
    shards: Shards = 1,
    user_buckets: UserBuckets = 0,
) -> None:
    """Run the whole lake on EVENTS and LOGS, or on a generated day of both; a second run changes nothing."""
    with _one_line_errors():
        if faults and faults not in PROFILES:
            raise InputError(f"FAULTS={faults} is no profile: choose one of {', '.join(PROFILES)}")
        options = Options(shards, user_buckets, PROFILES.get(faults, NO_FAULTS), seed)
        inputs = Inputs(Path(events) if events else None, Path(logs) if logs else None)
        if inputs.events:
            check(inputs.events, STREAM_RECORDS)
        if inputs.logs:
            check(inputs.logs, LOG_EVENTS)
        with open_lake(lake) as opened:
            _run(opened, inputs if inputs.files() else _generated_day(opened), options, faults or None)


@app.command()
def replay(lake: ExistingLake = Path(".lake"), user_buckets: UserBuckets = 0) -> None:
    """Hand over again what the lake's failure stores hold; what is left is listed with its reason."""
    # boto3 takes a while to import, which a query need not wait for.
    from local.replay import replay as replay_failures  # noqa: PLC0415
    from local.replay_report import print_replay  # noqa: PLC0415

    with _one_line_errors(), open_lake(existing_lake(lake)) as opened:
        with Stages(_console(stderr=True)) as stages, stages.stage("Replay  errors/") as bar:
            report = replay_failures(opened, bar.reach, Options(user_buckets=user_buckets))
        print_replay(_console(), opened, report)


def _run(lake: Path, inputs: Inputs, options: Options, faults: str | None) -> None:
    # py4j logs a traceback when Ctrl-C finds it waiting for the JVM; the command says one line instead.
    logging.getLogger().addHandler(logging.NullHandler())
    # Imported here, because Spark and Great Expectations take seconds, and neither a query nor a typo needs them.
    from data_quality.gate import GateFailedError  # noqa: PLC0415
    from glue_jobs.storage.iceberg import PublishError  # noqa: PLC0415
    from local.report import print_run, print_verdicts  # noqa: PLC0415
    from local.run import run_lake  # noqa: PLC0415

    try:
        with Stages(_console(stderr=True)) as stages:
            report = run_lake(lake, inputs, options, stages, faults)
    except GateFailedError as error:
        print_verdicts(_console(stderr=True), error)
        raise typer.Exit(1) from error
    except PublishError as error:
        raise _stopped(str(error), code=1) from error
    print_run(_console(), report)
    if missing := sum(account.missing for account in report.receipt.accounts.values()):
        raise _stopped(f"{missing:,} records are in no place of the lake: see accounts in the receipt", code=1)


@app.command()
def query(lake: ExistingLake = Path(".lake"), file: File = "", sql: Sql = "") -> None:
    """Answer one SELECT over the lake's silver.* and gold.* tables, from FILE or SQL."""
    with _one_line_errors():
        if bool(file) == bool(sql):
            raise InputError('say FILE=<file with one SELECT>, or SQL="select …": one of the two')
        engine = DuckDbEngine(queried_lake(lake))
        try:
            answer = engine.run(_read(Path(file)) if file else sql)
        except QueryError as error:
            raise InputError(f"{file or 'SQL'}: {error}") from error
        print_answer(_console(), answer)


def _generated_day(lake: Path) -> Inputs:
    """Return the generated day, whose files lie in the lake like any other input."""
    folder = lake / "generated"
    day = Inputs(folder / "2025-10-15.stream.jsonl.gz", folder / "2025-10-15.logs.jsonl.gz")
    if not all(file.exists() for file in day.files().values()):
        generate_day(*day.files().values())
    return day


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

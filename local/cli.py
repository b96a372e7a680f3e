"""The commands behind `make run`, `make replay`, `make query` and those that keep Silver in order."""

from pathlib import Path
from typing import Annotated

import typer

from athena_queries.sql import QueryError
from local.faults.profiles import NO_FAULTS, PROFILES
from local.lake import existing_lake, lake_option, open_lake, queried_lake
from local.logs.log_event import LOG_EVENTS
from local.options import Inputs, Options, Remake
from local.query import query
from local.stream.stream_file import InputError, check
from local.stream.stream_record import STREAM_RECORDS
from local.terminal import one_line_errors, spark_errors
from local.traffic.day import generate_day
from operations.progress import Stages
from operations.terminal import console, stopped

# Athena builds for a lake in S3, as the job `gold`.
_BUILDERS = ("duckdb", "trino")
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
    with one_line_errors():
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

    with one_line_errors(), open_lake(existing_lake(lake)) as opened:
        with Stages(console(stderr=True)) as stages, stages.stage("Replay  errors/") as bar:
            report = replay_failures(opened, bar.reach, Options(user_buckets=user_buckets))
        print_replay(console(), opened, report)


def _run(lake: Path, inputs: Inputs, options: Options, faults: str | None) -> None:
    # Imported here, because Spark and Great Expectations take seconds, and neither a query nor a typo needs them.
    from local.report import print_run  # noqa: PLC0415
    from local.run import run_lake  # noqa: PLC0415

    with spark_errors(), Stages(console(stderr=True)) as stages:
        report = run_lake(lake, inputs, options, stages, faults)
    print_run(console(), report)
    if missing := sum(account.missing for account in report.receipt.accounts.values()):
        raise stopped(f"{missing:,} records are in no place of the lake: see accounts in the receipt", code=1)


app.command()(query)


@app.command()
def rebuild(lake: ExistingLake = Path(".lake")) -> None:
    """Make Silver from all of Bronze, from nothing; readers see the former tables until it has passed its suites."""
    _remake(lake, Remake.REBUILD)


@app.command()
def replay_quarantine(lake: ExistingLake = Path(".lake")) -> None:
    """Send what lies in silver.quarantine through again, after whatever kept it there was mended."""
    _remake(lake, Remake.REPLAY_QUARANTINE)


def _remake(lake: Path, what: Remake) -> None:
    from local.report import print_remake  # noqa: PLC0415
    from local.run import remake_silver  # noqa: PLC0415

    with one_line_errors(), open_lake(existing_lake(lake)) as opened:
        with spark_errors(), Stages(console(stderr=True)) as stages:
            receipt = remake_silver(opened, what, stages)
        print_remake(console(), receipt)


@app.command()
def rebuild_ledger(lake: ExistingLake = Path(".lake")) -> None:
    """List Bronze, and name in the ledger what it lacks: the next run reads that."""
    from glue_jobs.storage.ledger_rebuild import LedgerRebuildError  # noqa: PLC0415
    from glue_jobs.storage.ledger_rebuild import rebuild_ledger as rebuild  # noqa: PLC0415

    with one_line_errors(), open_lake(existing_lake(lake)) as opened:
        try:
            with Stages(console(stderr=True)) as stages, stages.stage("Ledger  listing Bronze", 2) as bar:
                done = rebuild(f"file://{opened}", bar.step)
        except LedgerRebuildError as error:
            raise stopped(str(error), code=1) from error
        console().print(f"{done.listed:,} objects in Bronze, {done.known:,} in the ledger, {done.added:,} added to it")
        if warning := done.warning(str(opened)):
            console(stderr=True).print(warning, style="yellow", soft_wrap=True)
        if done.added:
            again = f"make rebuild{lake_option(opened)}"
            console().print(f"The next run reads them, and so does `{again}`; what was read before changes nothing.")


@app.command()
def maintain(
    lake: ExistingLake = Path(".lake"),
    retention_days: Annotated[
        int, typer.Option(envvar="RETENTION_DAYS", min=1, help="Days for which former snapshots stay readable.")
    ] = 7,
) -> None:
    """Compact Silver's tables, expire their former snapshots, and remove files that no snapshot names."""
    from local.maintenance import maintain_silver, print_maintenance  # noqa: PLC0415

    with one_line_errors(), open_lake(queried_lake(lake)) as opened:
        with spark_errors(), Stages(console(stderr=True)) as stages:
            done = maintain_silver(opened, retention_days, stages)
        print_maintenance(console(), done)


@app.command()
def gold(
    lake: ExistingLake = Path(".lake"),
    engine: Annotated[str, typer.Option(envvar="ENGINE", help="Who runs the SELECTs: duckdb or trino.")] = "duckdb",
    resume: Annotated[str, typer.Option(envvar="RESUME", help="A table held by a rollback, to be built again.")] = "",
) -> None:
    """Build and publish the Gold tables whose SELECT, or whose rows in Silver, changed since their last build."""
    from local.engines import engine_of  # noqa: PLC0415
    from local.report import print_remake  # noqa: PLC0415
    from local.run import build_gold  # noqa: PLC0415

    with one_line_errors(), open_lake(queried_lake(lake)) as opened:
        if engine not in _BUILDERS:
            raise InputError(f"ENGINE={engine} builds nothing in a folder: choose one of {', '.join(_BUILDERS)}")
        builder = engine_of(engine, opened)
        with spark_errors(), Stages(console(stderr=True)) as stages:
            receipt = build_gold(opened, builder, stages, resume.removeprefix("gold."))
        print_remake(console(), receipt)


@app.command()
def gold_list(lake: ExistingLake = Path(".lake")) -> None:
    """List the versions of each Gold table: rows, bytes, verdict, when, by which run, and which one readers see."""
    from local.gold import list_gold  # noqa: PLC0415
    from operations.gold_report import print_versions  # noqa: PLC0415

    with one_line_errors(), open_lake(queried_lake(lake)) as opened:
        with spark_errors(), Stages(console(stderr=True)) as stages:
            versions = list_gold(opened, stages)
        print_versions(console(), versions, lake_option(opened), "make run")


@app.command()
def gold_rollback(
    lake: ExistingLake = Path(".lake"),
    table: Annotated[str, typer.Option(envvar="TABLE", help="A Gold table, such as task_throughput_daily.")] = "",
    version: Annotated[
        str, typer.Option(envvar="VERSION", help="A version of `make gold-list`; by default the one before.")
    ] = "",
) -> None:
    """Show readers of a Gold table a former version again; it stays until the table's files are edited."""
    from local.gold import roll_back_gold  # noqa: PLC0415

    with one_line_errors():
        if not table:
            raise InputError(f"say TABLE=<Gold table>; `make gold-list{lake_option(lake.absolute())}` lists them")
        with open_lake(queried_lake(lake)) as opened:
            with spark_errors(), Stages(console(stderr=True)) as stages:
                shown = roll_back_gold(opened, table.removeprefix("gold."), version, stages)
            console().print(f"gold.{shown.table} shows {shown.name}, built {shown.built_at:%Y-%m-%d %H:%M:%S} UTC.")


@app.command()
def scan_budgets(lake: ExistingLake = Path(".lake")) -> None:
    """Measure what each SQL file scans, extrapolate it to the stated growth, and compare it with the file's budget."""
    from local.budgets import ENOUGH_DAYS, history_days  # noqa: PLC0415
    from local.budgets import scan_budgets as measure  # noqa: PLC0415

    with one_line_errors():
        try:
            days, scans = history_days(queried_lake(lake)), measure(queried_lake(lake))
        except QueryError as error:
            raise InputError(str(error)) from error
        for scan in scans:
            console().print(str(scan), style="red" if scan.is_over else "", soft_wrap=True)
        if days < ENOUGH_DAYS:
            said = f"of less than {ENOUGH_DAYS} the figures are far too high"
            console().print(f"The lake holds {days} days of changes: {said}, and nothing is held against a budget.")
        elif over := sum(scan.is_over for scan in scans):
            raise stopped(f"{over} of {len(scans)} files are over their budget: scan less, or raise it", code=1)


def _generated_day(lake: Path) -> Inputs:
    """Return the generated day, whose files lie in the lake like any other input."""
    folder = lake / "generated"
    events, logs = folder / "2025-10-15.stream.jsonl.gz", folder / "2025-10-15.logs.jsonl.gz"
    if not (events.exists() and logs.exists()):
        generate_day(events, logs)
    return Inputs(events, logs)

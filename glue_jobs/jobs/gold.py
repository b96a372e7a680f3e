"""The Glue job ``gold``: every Gold table built, audited and published, or one of them rolled back.

Its arguments are in ``glue_jobs/jobs/arguments.py``. Athena builds for a lake in S3, DuckDB for one in a folder.
"""

import time
from collections.abc import Sequence
from pathlib import Path

from athena_queries.builds.build import Build, Lake, audit_gold, build_gold, discard, in_order, publish_gold, size_of
from athena_queries.builds.versions import RollbackError, roll_back
from athena_queries.engines.engine import Engine
from athena_queries.gold_table import GoldTable, GoldTableError, read_gold_tables
from athena_queries.sql import QueryError, parse, tables_of
from data_quality.gate import Gate, Verdict
from glue_jobs.jobs.arguments import Arguments, parse_arguments
from glue_jobs.jobs.as_glue_job import run_as_glue_job
from glue_jobs.jobs.outcome import JobOutcome, Observer, TableOutcome, to_log
from glue_jobs.session import lake_settings, start_session

# What is said of a table: what it was built of, its verdict, that it is published.
STEPS = 3


def main(argv: Sequence[str], observe: Observer = to_log, engine: Engine | None = None) -> JobOutcome:
    """Return what became of each Gold table; raise GateFailedError, after all of them, if one was not published.

    Without an ``engine`` it is the one that the lake's place has.
    """
    arguments = parse_arguments(argv, "gold")
    spark = start_session(arguments.job, lake_settings(arguments.lake))
    lake = Lake(spark, engine or _engine(arguments), arguments.lake, arguments.run_id)
    if arguments.roll_back:
        version = roll_back(spark, lake.engine, arguments.roll_back, arguments.version or "")
        observe(
            f"gold.{version.table} shows {version.name.removeprefix('gold.')} of {version.built_at:%Y-%m-%d %H:%M:%S}"
        )
        return JobOutcome([])
    return publish_all(lake, read_gold_tables(), observe)


def publish_all(lake: Lake, tables: Sequence[GoldTable], observe: Observer) -> JobOutcome:
    """Return what became of each table, each after those it reads; one that fails stops those that read it, no other.

    Raises GateFailedError, once all are through, if a suite or a check said `fail`.
    """
    gate = Gate(f"{lake.root}/data_docs/gold", lake.run_id)
    outcomes: list[TableOutcome] = []
    failed: set[str] = set()
    for table in in_order(tables):
        if failed & tables_of(parse(table.sql)):
            failed.add(table.full_name)
            observe(f"{table.full_name}: not built, because a table that it reads failed")
            continue
        outcome = _publish(lake, gate, table, observe)
        failed |= {table.full_name} if outcome.verdict == "fail" else set()
        outcomes.append(outcome)
    return JobOutcome(outcomes, gate.close() if gate.verdicts else None)


def _publish(lake: Lake, gate: Gate, table: GoldTable, observe: Observer) -> TableOutcome:
    """Return what became of the table: its view shows a new build, or still the former one."""
    started = time.monotonic()
    build = build_gold(lake, table)
    if not build:
        return TableOutcome(table.full_name, seconds=time.monotonic() - started)
    audited = False
    try:
        size = size_of(lake, build.name)
        observe(_line(build, size[0]))
        begun = time.monotonic()
        verdict = audit_gold(lake, gate, build)
        gate_seconds = time.monotonic() - begun
        observe(f"{table.full_name}: {verdict.word}")
        audited = verdict.word != "fail"
    finally:
        if not audited:
            discard(lake, build)
    if audited:
        publish_gold(lake, build, verdict)
        observe(f"{table.full_name}: published")
    return _outcome(lake, build, size, verdict, (time.monotonic() - started, gate_seconds))


def _line(build: Build, rows: int) -> str:
    days = "all of it" if build.days is None else f"{build.days:,} days of it"
    scanned = "" if build.bytes_scanned is None else f", {build.bytes_scanned:,} bytes scanned"
    return f"{build.table.full_name}: {rows:,} rows, {days} anew, {build.seconds:.1f} s{scanned}"


def _outcome(
    lake: Lake, build: Build, size: tuple[int, int], verdict: Verdict, seconds: tuple[float, float]
) -> TableOutcome:
    sources = [lake.engine.view_target(source) or source for source in build.inputs]
    return TableOutcome(
        table=build.table.full_name,
        rows_in=sum(size_of(lake, source)[0] for source in sources),
        rows_out=size[0],
        bytes_written=size[1],
        verdict=verdict.word,
        seconds=round(seconds[0], 2),
        gate_seconds=round(seconds[1], 2),
    )


def _engine(arguments: Arguments) -> Engine:
    if arguments.lake.startswith("s3://"):
        from athena_queries.engines.athena_engine import connect  # noqa: PLC0415

        return connect(arguments.workgroup)
    # Glue has neither DuckDB nor PyIceberg.
    from athena_queries.engines.duckdb_engine import DuckDbEngine  # noqa: PLC0415

    return DuckDbEngine(Path(arguments.lake.removeprefix("file://")))


if __name__ == "__main__":
    run_as_glue_job("gold", main, (GoldTableError, QueryError, RollbackError))

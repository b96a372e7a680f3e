"""The Glue job ``gold``: every Gold table built, audited and published, or one of them rolled back.

Its arguments are in ``glue_jobs/jobs/arguments.py``. Athena builds for a lake in S3, DuckDB for one in a folder.
"""

import time
from collections.abc import Sequence
from pathlib import Path

from athena_queries.builds.build import (
    Build,
    Lake,
    audit_gold,
    build_gold,
    check_columns,
    discard,
    in_order,
    inputs_of,
    publish_gold,
    size_of,
)
from athena_queries.builds.freshness import newest_shown
from athena_queries.builds.versions import RollbackError, resume, roll_back
from athena_queries.engines.engine import Engine
from athena_queries.gold_table import GoldTable, GoldTableError, read_gold_tables
from athena_queries.sql import QueryError
from data_quality.gate import Gate, Verdict
from glue_jobs.jobs.arguments import Arguments, parse_arguments
from glue_jobs.jobs.as_glue_job import measure_outcome, run_as_glue_job
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
    if arguments.resume:
        resume(spark, lake.engine, arguments.resume)
    return publish_all(lake, read_gold_tables(), observe)


def publish_all(lake: Lake, tables: Sequence[GoldTable], observe: Observer) -> JobOutcome:
    """Return what became of each table, each after those it reads; one that fails stops those that read it, no other.

    Once all are through, raises GateFailedError if a suite or a check said `fail`, and QueryError if a SELECT could not
    be run.
    """
    gate = Gate(f"{lake.root}/data_docs/gold", lake.run_id)
    outcomes: list[TableOutcome] = []
    faults: dict[str, str] = {}
    for table in in_order(tables):
        name = table.full_name
        try:
            if read := sorted(table.reads & faults.keys()):
                raise QueryError(f"not built, because of {', '.join(read)}")
            outcomes.append(_publish(lake, gate, table, observe))
            if outcomes[-1].verdict == "fail":
                faults[name] = ""
        except QueryError as error:
            faults[name] = f"athena_queries/gold/{table.name}_v{table.version}: {error}"
            observe(faults[name])
    data_docs = gate.close() if gate.verdicts else None
    warnings = [f"{verdict.table}: {failure}" for verdict in gate.verdicts for failure in verdict.failures]
    if said := list(filter(None, faults.values())):
        raise QueryError(" | ".join(said))
    return JobOutcome(outcomes, data_docs, newest_at=newest_shown(lake), warnings=warnings, is_led=False)


def _publish(lake: Lake, gate: Gate, table: GoldTable, observe: Observer) -> TableOutcome:
    """Return what became of the table: its view shows a new build, or still the former one."""
    started = time.monotonic()
    build = build_gold(lake, table)
    if isinstance(build, str):
        observe(f"{table.full_name}: {build}")
        return TableOutcome(table.full_name, verdict=build, seconds=round(time.monotonic() - started, 2))
    is_kept = False
    try:
        size = size_of(lake, build.name)
        observe(_line(build, size[0]))
        check_columns(lake, build)
        begun = time.monotonic()
        verdict = audit_gold(lake, gate, build)
        gate_seconds = time.monotonic() - begun
        if inputs_of(lake, table) != build.inputs:
            gate.verdicts.remove(verdict)
            raise QueryError("what it reads was published anew meanwhile: run again")
        observe(f"{table.full_name}: {verdict.word}")
        is_kept = verdict.word != "fail"
    finally:
        if not is_kept:
            discard(lake, build)
    if is_kept:
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
    run_as_glue_job("gold", main, measure_outcome, (GoldTableError, QueryError, RollbackError))

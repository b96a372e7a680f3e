"""The Glue job ``silver_tasks``: Bronze's task changes become Silver's task tables, exactly once.

Arguments: ``--JOB_NAME``, ``--JOB_RUN_ID`` (Glue gives both) and ``--LAKE``, the lake's root: ``s3://bucket`` or
``file:///folder``.
"""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from uuid import uuid4

from awsglue.utils import GlueArgumentError, getResolvedOptions

from data_quality.gate import Gate
from glue_jobs.jobs.outcome import JobOutcome, Observer, TableOutcome, to_log
from glue_jobs.jobs.staging import (
    Run,
    Staged,
    read_batch,
    stage_quarantine,
    stage_task_changes,
    stage_tasks,
    stage_tasks_per_user_daily,
)
from glue_jobs.schemas.silver import QUARANTINE, TASK_CHANGES, TASKS, TASKS_PER_USER_DAILY
from glue_jobs.session import lake_settings, start_session
from glue_jobs.storage import iceberg

TABLES = (QUARANTINE, TASK_CHANGES, TASKS, TASKS_PER_USER_DAILY)


def main(argv: Sequence[str], observe: Observer = to_log) -> JobOutcome:
    """Return what the run did to each table; raise GateFailedError or PublishError if it published nothing."""
    options = getResolvedOptions(list(argv), ["JOB_NAME", "LAKE"])
    lake = options["LAKE"].rstrip("/")
    if not lake.startswith(("s3://", "file:///")):
        raise GlueArgumentError(f"--LAKE is s3://bucket or file:///folder, not {lake!r}")
    spark = start_session(options["JOB_NAME"], lake_settings(lake))
    return silver_tasks(Run(spark, lake, options["JOB_RUN_ID"] or uuid4().hex), observe)


def silver_tasks(run: Run, observe: Observer) -> JobOutcome:
    """Return what the run did to each table, a line each; none where Bronze holds nothing new."""
    for table in TABLES:
        iceberg.create_or_evolve(run.spark, table, run.lake)
    staged = list(_staged(run, observe))
    if not staged:
        observe("nothing new in Bronze")
        return JobOutcome([], None)
    gate = Gate(f"{run.lake}/data_docs/silver_tasks", run.run_id)
    outcomes = [_audited(run, gate, written, seconds, observe) for written, seconds in staged]
    data_docs = gate.close()
    iceberg.publish(run.spark, [written.table for written, _ in staged], run.branch)
    observe(f"published {len(staged)} tables")
    return JobOutcome(outcomes, data_docs)


def _staged(run: Run, observe: Observer) -> Iterator[tuple[Staged, float]]:
    """Yield each table this run writes, in the order in which one reads the other, with its seconds."""
    started = time.monotonic()
    batch = read_batch(run)
    observe(f"Bronze: {batch.rows:,} new rows" if batch else "Bronze: nothing new")
    stages: list[Callable[[], Staged | None]] = [
        lambda: stage_tasks(run),
        lambda: stage_tasks_per_user_daily(run),
    ]
    if batch:
        stages.insert(0, lambda: stage_task_changes(run, batch))
    if batch and batch.rejected:
        stages.insert(0, lambda: stage_quarantine(run, batch))
    for stage in stages:
        written = stage()
        if written:
            observe(f"{written.table.full_name}: {written.rows_out:,} rows written")
            yield written, time.monotonic() - started
        started = time.monotonic()


def _audited(run: Run, gate: Gate, written: Staged, seconds: float, observe: Observer) -> TableOutcome:
    """Return what the run did to one table, after its suite has spoken."""
    started = time.monotonic()
    verdict = gate.audit(written.table.full_name, written.audited, written.expectations)
    observe(f"{verdict.table}: {verdict.word}")
    return TableOutcome(
        table=verdict.table,
        rows_in=written.rows_in,
        rows_out=written.rows_out,
        rejected=written.rejected,
        bytes_written=iceberg.bytes_added(run.spark, written.table, run.branch),
        verdict=verdict.word,
        seconds=round(seconds + time.monotonic() - started, 2),
    )


if __name__ == "__main__":
    try:
        main(sys.argv)
    except GlueArgumentError as error:
        sys.exit(f"silver_tasks: {error}")

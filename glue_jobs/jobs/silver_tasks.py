"""The Glue job ``silver_tasks``: Bronze's task changes become Silver's task tables, exactly once.

Arguments: ``--JOB_NAME``, ``--JOB_RUN_ID`` (Glue gives both) and ``--LAKE``, the lake's root: ``s3://bucket`` or
``file:///folder``.
"""

import sys
from collections.abc import Iterator, Sequence
from uuid import uuid4

from awsglue.utils import GlueArgumentError, getResolvedOptions

from glue_jobs.jobs.outcome import JobOutcome, Observer, to_log
from glue_jobs.jobs.silver_tasks_stages import (
    read_batch,
    stage_quarantine,
    stage_task_changes,
    stage_tasks,
    stage_tasks_per_user_daily,
)
from glue_jobs.jobs.write_audit_publish import Run, Staged, write_audit_publish
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
    run = Run("silver_tasks", spark, lake, options["JOB_RUN_ID"] or uuid4().hex)
    for table in TABLES:
        iceberg.create_or_evolve(spark, table, lake)
    return write_audit_publish(run, _stages(run, observe), observe)


def _stages(run: Run, observe: Observer) -> Iterator[Staged]:
    """Yield each table that has something new, written to the run's branch, before those made from it."""
    batch = read_batch(run)
    observe(f"Bronze: {batch.rows:,} new rows" if batch else "Bronze: nothing new")
    if batch and batch.rejected:
        yield stage_quarantine(run, batch)
    if batch:
        yield stage_task_changes(run, batch)
    # A run that was killed may have published task_changes alone: these look for what they have not consumed.
    yield from filter(None, (stage(run) for stage in (stage_tasks, stage_tasks_per_user_daily)))


if __name__ == "__main__":
    try:
        main(sys.argv)
    except GlueArgumentError as error:
        sys.exit(f"silver_tasks: {error}")

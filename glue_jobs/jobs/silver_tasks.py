"""The Glue job ``silver_tasks``: Bronze's task changes become Silver's task tables, exactly once.

Its arguments are those of `arguments.py`. Started twice at once, one run publishes and the other says so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from glue_jobs.jobs.arguments import parse_arguments
from glue_jobs.jobs.as_glue_job import measure_outcome, run_as_glue_job
from glue_jobs.jobs.outcome import JobOutcome, Observer, to_log
from glue_jobs.jobs.quarantine import drop_resolved
from glue_jobs.jobs.silver_tasks_batch import BRONZE, Batch, read_batch
from glue_jobs.jobs.silver_tasks_stages import (
    advance,
    is_behind,
    stage_faulty,
    stage_task_changes,
    stage_tasks,
    stage_tasks_per_user_daily,
)
from glue_jobs.jobs.write_audit_publish import Run, Staged, write_audit_publish
from glue_jobs.schemas.silver import QUARANTINE, TASK_CHANGES, TASKS, TASKS_PER_USER_DAILY
from glue_jobs.session import lake_settings, start_session
from glue_jobs.storage import iceberg, publishing
from glue_jobs.storage.unreadable import bronze_errors

TABLES = (TASK_CHANGES, TASKS, TASKS_PER_USER_DAILY, QUARANTINE)


@bronze_errors()
def main(argv: Sequence[str], observe: Observer = to_log) -> JobOutcome:
    """Return what the run did to each table; raise a Gate-, Publish- or BronzeError if it published nothing."""
    arguments = parse_arguments(argv, "silver_tasks")
    spark = start_session(arguments.job, lake_settings(arguments.lake))
    again = arguments.days_again
    run = Run(arguments.job, spark, arguments.lake, arguments.run_id, TABLES, arguments.rebuild, again)
    for table in TABLES:
        iceberg.create_or_evolve(spark, table, run.lake)
    publishing.roll_forward(spark, TABLES)
    batch = read_batch(run, arguments.replay_quarantine)
    observe(f"Bronze: {batch.rows:,} new rows in {batch.objects:,} objects" if batch else "Bronze: nothing new")
    outcome = write_audit_publish(run, _stages(run, batch), observe)
    if arguments.rebuild or arguments.replay_quarantine:
        arrived = spark.table(iceberg.name(TASK_CHANGES)).select("event_id")
        observe(f"silver.quarantine: {drop_resolved(run, BRONZE, arrived):,} rows of {BRONZE.name} are left")
    if not batch:
        return outcome
    # Of what is read again the newest change says nothing about how far the lake is behind.
    return replace(outcome, bronze_objects=batch.objects, newest_at=None if again else batch.newest_at)


def _stages(run: Run, batch: Batch | None) -> Iterator[Staged]:
    """Yield each table that has something new, written to the run's branch, before those made from it."""
    if not (batch and batch.rows) and not is_behind(run):
        if batch:
            advance(run, batch)
        return
    run.begin()
    changes = stage_task_changes(run, batch)
    yield changes
    yield stage_tasks(run)
    yield stage_tasks_per_user_daily(run)
    if batch and changes.rejected:
        yield stage_faulty(run, batch, changes.rejected)


if __name__ == "__main__":
    run_as_glue_job("silver_tasks", main, measure_outcome)

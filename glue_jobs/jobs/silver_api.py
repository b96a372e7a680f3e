"""The Glue job ``silver_api``: Bronze's log lines become Silver's requests and what was asked each day, exactly once.

Its arguments are those of `arguments.py`. Started twice at once, one run publishes and the other says so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from glue_jobs.jobs.arguments import parse_arguments
from glue_jobs.jobs.as_glue_job import measure_outcome, run_as_glue_job
from glue_jobs.jobs.outcome import JobOutcome, Observer, to_log
from glue_jobs.jobs.quarantine import drop_resolved
from glue_jobs.jobs.silver_api_batch import BRONZE, Batch, read_batch
from glue_jobs.jobs.silver_api_stages import advance, is_behind, stage_api_requests, stage_api_usage_daily, stage_faulty
from glue_jobs.jobs.write_audit_publish import Run, Staged, write_audit_publish
from glue_jobs.schemas.silver import API_REQUESTS, API_USAGE_DAILY, QUARANTINE
from glue_jobs.session import lake_settings, start_session
from glue_jobs.storage import iceberg, publishing
from glue_jobs.storage.unreadable import bronze_errors

TABLES = (API_REQUESTS, API_USAGE_DAILY, QUARANTINE)


@bronze_errors()
def main(argv: Sequence[str], observe: Observer = to_log) -> JobOutcome:
    """Return what the run did to each table; raise a Gate-, Publish- or BronzeError if it published nothing."""
    arguments = parse_arguments(argv, "silver_api")
    spark = start_session(arguments.job, lake_settings(arguments.lake))
    again = arguments.days_again
    run = Run(arguments.job, spark, arguments.lake, arguments.run_id, TABLES, arguments.rebuild, again)
    for table in TABLES:
        iceberg.create_or_evolve(spark, table, run.lake)
    publishing.roll_forward(spark, TABLES)
    batch = read_batch(run, arguments.replay_quarantine)
    observe(f"Bronze: {batch.rows:,} new rows in {batch.objects:,} objects" if batch.is_new else "Bronze: nothing new")
    try:
        outcome = write_audit_publish(run, _stages(run, batch, observe), observe)
    finally:
        # Where the session goes on, Spark would make what is cached anew whenever a table that it read is written.
        spark.catalog.clearCache()
    if arguments.rebuild or arguments.replay_quarantine:
        # A good line may leave no trace: it may be of no request, or another one may come before it.
        good = batch.parsed.where("reason IS NULL").select("log_event_id")
        observe(f"silver.quarantine: {drop_resolved(run, BRONZE, good):,} rows of {BRONZE.name} are left")
    # Of what is read again the newest line says nothing about how far the lake is behind.
    return replace(outcome, bronze_objects=batch.objects, newest_at=None if again else batch.newest_at)


def _stages(run: Run, batch: Batch, observe: Observer) -> Iterator[Staged]:
    """Yield each table that has something new, written to the run's branch, before those made from it."""
    if not (batch.rows or run.rebuild or is_behind(run)):
        if batch.is_new:
            advance(run, batch)
        return
    run.begin()
    requests, changed = stage_api_requests(run, batch)
    observe(f"{batch.rows - changed.lines - requests.rejected:,} lines are of no request")
    yield requests
    yield stage_api_usage_daily(run, changed)
    if requests.rejected:
        yield stage_faulty(run, batch, requests.rejected)


if __name__ == "__main__":
    run_as_glue_job("silver_api", main, measure_outcome)

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from glue_jobs.jobs.silver_maintenance import JOBS, Upkeep, maintain, measure
from glue_jobs.storage import compaction, iceberg
from tests.unit.glue_jobs.storage.maintained_tables import Job


@pytest.fixture
def job(spark: SparkSession, lake: Path, monkeypatch: pytest.MonkeyPatch) -> Job:
    monkeypatch.setattr(compaction, "FILES_TO_SPARE", 1)
    made = Job(spark, lake)
    made.run(1)
    made.run(2)
    return made


def upkeep(job: Job, run_id: str) -> Upkeep:
    now = datetime.now(UTC)
    return Upkeep(job.spark, job.lake, run_id, retained_since=now, orphaned_before=now - timedelta(days=3))


def test_each_table_is_told_of_once_with_its_files_and_bytes_before_and_after(job: Job) -> None:
    lines: list[str] = []
    changes, latest = maintain(upkeep(job, "m1"), {"job": job.tables, "other": job.tables[:1]}, lines.append)
    assert (changes.table, latest.table) == (job.changes.full_name, job.latest.full_name)
    assert (changes.partitions_rewritten, latest.partitions_rewritten) == (1, 2)
    assert (changes.before.files, changes.after.files, latest.before.files, latest.after.files) == (2, 1, 6, 2)
    assert changes.before.bytes > changes.after.bytes > 0
    assert [line.partition(",")[0] for line in lines] == [
        f"{job.changes.full_name}: 2 files are now 1",
        f"{job.latest.full_name}: 6 files are now 2",
    ]
    assert job.published() == job.expected([1, 2])


def test_its_metrics_are_those_of_all_tables_together(job: Job) -> None:
    done = maintain(upkeep(job, "m1"), {"job": job.tables}, lambda _: None)
    measured = measure(done, datetime.now(UTC))
    assert measured.metrics["PartitionsRewritten"] == 3
    assert measured.metrics["SnapshotsExpired"] == sum(table.snapshots_expired for table in done) > 0
    assert measured.metrics["OrphansRemoved"] == 0
    assert measured.metrics["StoredBytes"] == sum(table.after.stored_bytes for table in done) > 0
    assert measured.tables == {job.changes.full_name: 1, job.latest.full_name: 2}


def test_a_second_run_changes_nothing(job: Job) -> None:
    first = upkeep(job, "m1")
    maintain(first, {"job": job.tables}, lambda _: None)
    heads = job.heads()
    # As of the same moment: what the first run itself has committed is not older.
    for done in maintain(replace(first, run_id="m2"), {"job": job.tables}, lambda _: None):
        assert (done.partitions_rewritten, done.snapshots_expired, done.orphans_removed) == (0, 0, 0)
        assert done.before == done.after
    assert job.heads() == heads


def test_a_consumer_that_lags_finds_what_it_has_not_read_whatever_the_retention(job: Job) -> None:
    job.run_changes_alone(3)
    maintain(upkeep(job, "m1"), {"job": job.tables}, lambda _: None)
    consumed, newest = job.head(job.latest), job.head(job.changes)
    assert consumed is not None
    assert newest is not None
    added = iceberg.read_added(job.spark, job.changes, int(str(consumed.read_through)), newest.id)
    assert {row.n for row in added.collect()} == {3}, "no more, which a lost snapshot would give"
    job.run(4)
    assert job.published() == job.expected([1, 2, 3, 4])


def test_every_silver_table_is_kept() -> None:
    kept = {table.full_name for tables in JOBS.values() for table in tables}
    assert kept == {
        "silver.api_requests",
        "silver.api_usage_daily",
        "silver.quarantine",
        "silver.task_changes",
        "silver.tasks",
        "silver.tasks_per_user_daily",
    }

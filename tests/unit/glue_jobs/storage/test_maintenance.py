import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from glue_jobs.schemas.table import Table
from glue_jobs.storage import compaction, iceberg, publishing
from glue_jobs.storage.compaction import compact
from glue_jobs.storage.maintenance import expire_snapshots, remove_orphan_files, table_size
from tests.unit.glue_jobs.storage.maintained_tables import Job

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def job(spark: SparkSession, lake: Path, monkeypatch: pytest.MonkeyPatch) -> Job:
    monkeypatch.setattr(compaction, "FILES_TO_SPARE", 1)
    made = Job(spark, lake)
    made.run(1)
    made.run(2)
    return made


def snapshots(spark: SparkSession, table: Table) -> list[int]:
    return [at.snapshotId() for at in iceberg.load(spark, table).snapshots()]


def test_a_snapshot_within_the_retention_stays_readable(spark: SparkSession, job: Job) -> None:
    first = snapshots(spark, job.changes)[-2]
    compact(spark, job.tables, "job_maintenance")
    assert expire_snapshots(spark, job.changes, LONG_AGO, ()) == 0
    assert job.rows(job.changes, first) == job.expected([1])[0]


def test_former_snapshots_go_with_their_files_and_no_row_does(spark: SparkSession, job: Job) -> None:
    compact(spark, job.tables, "job_maintenance")
    *former, newest = snapshots(spark, job.latest)
    before = table_size(spark, job.latest, job.lake)
    assert expire_snapshots(spark, job.latest, datetime.now(UTC), ()) == len(former) > 2
    assert snapshots(spark, job.latest) == [newest]
    after = table_size(spark, job.latest, job.lake)
    assert (after.files, after.bytes) == (before.files, before.bytes)
    assert after.stored_bytes < before.stored_bytes
    assert job.published() == job.expected([1, 2])
    job.run(3)
    assert job.published() == job.expected([1, 2, 3])


def test_a_run_in_progress_publishes_what_it_staged_within_the_retention(spark: SparkSession, job: Job) -> None:
    retained_since = datetime.now(UTC)
    branch = job.stage(3)
    expired = [expire_snapshots(spark, table, retained_since, ()) for table in job.tables]
    assert min(expired) > 0
    publishing.publish(spark, job.tables, branch)
    assert job.published() == job.expected([1, 2, 3])


def test_files_that_no_snapshot_names_go_when_they_are_old_and_no_others(spark: SparkSession, job: Job) -> None:
    location = Path(job.lake.removeprefix("file://")) / "maintained" / job.changes.name
    old, young = location / "data" / "old.parquet", location / "data" / "young.parquet"
    for orphan in (old, young):
        orphan.write_bytes(b"of a killed run")
    four_days_ago = (datetime.now(UTC) - timedelta(days=4)).timestamp()
    for file in location.rglob("*"):
        if file != young:
            os.utime(file, (four_days_ago, four_days_ago))
    assert remove_orphan_files(spark, job.changes, datetime.now(UTC) - timedelta(days=3)) == 1
    assert (old.exists(), young.exists()) == (False, True)
    assert job.published() == job.expected([1, 2])


def test_a_size_tells_what_is_read_from_what_is_stored(spark: SparkSession, job: Job) -> None:
    before = table_size(spark, job.changes, job.lake)
    compact(spark, job.tables, "job_maintenance")
    after = table_size(spark, job.changes, job.lake)
    assert (before.files, after.files) == (2, 1)
    assert after.bytes < before.bytes < before.stored_bytes < after.stored_bytes
    assert after.stored_files > before.stored_files

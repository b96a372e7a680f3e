from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from glue_jobs.storage import compaction, iceberg, publishing
from glue_jobs.storage.compaction import CompactionError, compact, scattered_partitions
from tests.unit.glue_jobs.storage.maintained_tables import Job

RUNS = (1, 2)


@pytest.fixture
def job(spark: SparkSession, lake: Path, monkeypatch: pytest.MonkeyPatch) -> Job:
    monkeypatch.setattr(compaction, "FILES_TO_SPARE", 1)
    made = Job(spark, lake)
    for number in RUNS:
        made.run(number)
    return made


def test_small_files_and_deletions_become_one_file_a_partition_and_no_row_changes(
    spark: SparkSession, job: Job
) -> None:
    assert (job.files(job.changes), job.files(job.latest)) == (2, 6)
    rewritten = compact(spark, job.tables, "job_maintenance")
    assert rewritten == {job.changes.full_name: 1, job.latest.full_name: 2}
    assert (job.files(job.changes), job.files(job.latest)) == (1, 2)
    assert job.published() == job.expected(RUNS)


def test_a_partition_of_which_every_row_was_deleted_loses_its_files_and_the_next_compaction_commits_nothing(
    spark: SparkSession, job: Job
) -> None:
    # A condition that no file's statistics prove: the rows are marked as deleted, and their files stay.
    spark.sql(f"DELETE FROM {iceberg.name(job.latest)} WHERE n % 2 = 0 AND id = 'a'")
    spark.sql(f"DELETE FROM {iceberg.name(job.changes)} WHERE n % 1 = 0")
    assert (job.files(job.changes), job.files(job.latest)) == (4, 7)
    assert compact(spark, job.tables, "job_maintenance") == {job.changes.full_name: 1, job.latest.full_name: 2}
    assert [spark.table(f"{iceberg.name(table)}.files").count() for table in job.tables] == [0, 1]
    assert job.published() == [[], [("b", 2)]]
    heads = job.heads()
    assert compact(spark, job.tables, "job_maintenance_2") == {}
    assert job.heads() == heads


def test_the_next_run_goes_on_from_where_the_last_one_was(spark: SparkSession, job: Job) -> None:
    iceberg.commit_properties(spark, job.changes, "main", {iceberg.READ_THROUGH: "position of no row"})
    compact(spark, job.tables, "job_maintenance")
    changes, latest = job.heads()
    assert changes is not None
    assert latest is not None
    assert (changes.read_through, latest.read_through) == ("position of no row", str(changes.id))
    job.run(3)
    assert job.published() == job.expected([*RUNS, 3])


def test_a_consumer_that_lags_reads_what_was_added_before_and_after_a_compaction(spark: SparkSession, job: Job) -> None:
    consumed = job.head(job.latest)
    assert consumed is not None
    job.run_changes_alone(3)
    compact(spark, job.tables, "job_maintenance")
    job.run(4)
    newest = job.head(job.changes)
    assert newest is not None
    added = iceberg.read_added(spark, job.changes, int(str(consumed.read_through)), newest.id)
    assert sorted({row.n for row in added.collect()}) == [3, 4]
    assert job.published() == job.expected([*RUNS, 3, 4])


def test_a_run_in_progress_fails_and_changes_nothing_where_the_compaction_was_published_first(
    spark: SparkSession, job: Job
) -> None:
    branch = job.stage(3)
    compact(spark, job.tables, "job_maintenance")
    with pytest.raises(publishing.PublishError):
        publishing.publish(spark, job.tables, branch)
    assert job.published() == job.expected(RUNS)
    job.run(4)
    assert job.published() == job.expected([*RUNS, 4])


def test_a_compaction_fails_and_changes_nothing_where_a_run_published_first(
    spark: SparkSession, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish = publishing.publish

    def publish_late(*given: Any) -> None:
        monkeypatch.undo()
        job.run(3)
        publish(*given)

    monkeypatch.setattr(publishing, "publish", publish_late)
    with pytest.raises(publishing.PublishError):
        compact(spark, job.tables, "job_maintenance")
    assert job.files(job.changes) == 3
    assert job.published() == job.expected([*RUNS, 3])


def test_what_another_job_added_to_a_table_meanwhile_stays(
    spark: SparkSession, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish = publishing.publish

    def publish_late(*given: Any) -> None:
        spark.sql(f"INSERT INTO {iceberg.name(job.latest)} VALUES ('of another job', 9, NULL)")
        publish(*given)

    monkeypatch.setattr(publishing, "publish", publish_late)
    compact(spark, job.tables, "job_maintenance")
    assert job.rows(job.latest) == [("a", 2), ("b", 2), ("of another job", 9)]
    assert job.files(job.changes) == 1


def test_a_compaction_killed_before_it_is_published_leaves_nothing_that_a_reader_or_a_run_sees(
    spark: SparkSession, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    heads = job.heads()
    monkeypatch.setattr(publishing, "publish", lambda *_: None)
    compact(spark, job.tables, "job_maintenance")
    monkeypatch.undo()
    assert job.heads() == heads
    job.run(3)
    assert job.published() == job.expected([*RUNS, 3])
    assert list(iceberg.load(spark, job.changes).refs()) == ["main"]


def test_a_compaction_killed_between_its_tables_is_finished_by_the_next_run(
    spark: SparkSession, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish = publishing.publish
    monkeypatch.setattr(publishing, "publish", lambda spark, tables, branch: publish(spark, tables[:1], branch))
    compact(spark, job.tables, "job_maintenance")
    monkeypatch.undo()
    assert (job.files(job.changes), job.files(job.latest)) == (1, 6)
    job.run(3)
    assert job.files(job.latest) == 2 + 4
    assert job.published() == job.expected([*RUNS, 3])


def test_a_killed_runs_tables_are_published_before_they_are_rewritten(spark: SparkSession, job: Job) -> None:
    publishing.publish(spark, [job.changes], job.stage(3))
    assert job.published() == [job.expected([*RUNS, 3])[0], job.expected(RUNS)[1]]
    compact(spark, job.tables, "job_maintenance")
    assert job.published() == job.expected([*RUNS, 3])


def test_a_position_behind_another_tools_commit_comes_to_the_head(spark: SparkSession, job: Job) -> None:
    compact(spark, job.tables, "job_maintenance")
    spark.sql(f"DELETE FROM {iceberg.name(job.changes)} WHERE id = 'b'")
    compact(spark, job.tables, "job_maintenance_2")
    summary = dict(iceberg.load(spark, job.changes).currentSnapshot().summary())
    assert summary[iceberg.READ_THROUGH] == "position 2"
    assert job.rows(job.changes) == [("a", number) for number in RUNS]


def test_what_loses_a_row_is_not_published(spark: SparkSession, job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    heads = job.heads()
    monkeypatch.setattr(compaction, "_rows_added", lambda *_: 9)
    with pytest.raises(CompactionError, match="4 rows became 9"):
        compact(spark, job.tables, "job_maintenance")
    assert job.heads() == heads


def test_a_partition_may_have_four_files_and_no_more(spark: SparkSession, lake: Path) -> None:
    changes = Job(spark, lake).changes
    scattered = []
    for number in range(5):
        spark.sql(f"INSERT INTO {iceberg.name(changes)} VALUES ('a', {number}, timestamp'1970-02-01')")
        scattered.append(scattered_partitions(spark, changes))
    assert scattered == [[], [], [], [], [1]]


def test_a_table_that_was_never_written_is_let_alone(spark: SparkSession, lake: Path) -> None:
    assert compact(spark, Job(spark, lake).tables, "job_maintenance") == {}

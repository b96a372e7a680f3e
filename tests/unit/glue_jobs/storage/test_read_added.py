from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from glue_jobs.schemas.table import Table
from glue_jobs.storage import iceberg, publishing
from tests.unit.glue_jobs.storage.published_tables import Job, wider


@pytest.fixture
def job(spark: SparkSession, lake: Path) -> Job:
    return Job(spark, lake)


@pytest.fixture
def made(job: Job) -> Table:
    """Give a table with its branch `b`."""
    publishing.open_branch(job.spark, job.added, "b")
    return job.added


def ids(job: Job, of: Table, after: int | None, until: int | None) -> list[str]:
    return sorted(row.id for row in iceberg.read_added(job.spark, of, after, until).collect())


def append(job: Job, of: Table, row: str) -> int:
    """Append a row to the branch and return its snapshot."""
    iceberg.append(job.rows((row, 1)), of, "b", {})
    return newest(job, of)


def newest(job: Job, of: Table) -> int:
    found = iceberg.snapshot_id(job.spark, of, "b")
    assert found is not None
    return found


def test_only_the_rows_of_unread_snapshots_are_read(job: Job, made: Table) -> None:
    first, second = append(job, made, "a"), append(job, made, "b")
    assert ids(job, made, first, second) == ["b"]
    assert ids(job, made, second, second) == []
    assert ids(job, made, None, None) == []
    assert ids(job, made, None, second) == ["a", "b"]


def test_snapshots_that_rewrite_what_is_there_add_nothing(job: Job, made: Table) -> None:
    first = append(job, made, "a")
    append(job, made, "b")
    iceberg.merge(job.rows(("a", 2), ("merged", 2)), made, "b", {})
    publishing._follow(job.spark, made, "b")
    compact = f"CALL lake.system.rewrite_data_files(table => '{made.full_name}', options => map('rewrite-all', 'true'))"
    [rewritten] = job.spark.sql(compact).collect()
    assert rewritten.rewritten_data_files_count > 0
    publishing.open_branch(job.spark, made, "b")
    assert ids(job, made, first, append(job, made, "c")) == ["b", "c"]


def test_all_rows_are_read_where_the_position_is_not_on_the_way_any_more(job: Job, made: Table) -> None:
    first, second = append(job, made, "a"), append(job, made, "b")
    assert ids(job, made, 1, second) == ["a", "b"]
    third = append(job, made, "c")
    publishing._follow(job.spark, made, "b")
    handle = iceberg.load(job.spark, made)
    for gone in (first, second):
        handle.expireSnapshots().expireSnapshotId(gone).commit()
    assert ids(job, made, first, third) == ["a", "b", "c"]


def test_snapshots_that_add_are_told_from_those_of_a_rebuild_and_of_another_history(job: Job, made: Table) -> None:
    first, second = append(job, made, "a"), append(job, made, "b")
    iceberg.merge(job.rows(("a", 2)), made, "b", {iceberg.READ_THROUGH: "p"})
    merged = newest(job, made)
    iceberg.delete_all(job.spark, made, "b")
    rebuilt, last = append(job, made, "a"), append(job, made, "b")
    only_adds = {
        (after, until): iceberg.only_adds(job.spark, made, after, until)
        for after, until in [
            (first, second),
            (first, first),
            (first, merged),
            (rebuilt, last),
            (first, last),
            (1, last),
        ]
    }
    assert list(only_adds.values()) == [True, True, True, True, False, False]


def test_what_snapshots_have_added_is_counted_by_their_summaries(job: Job, made: Table) -> None:
    first = append(job, made, "a")
    iceberg.append(job.rows(("b", 1), ("c", 1)), made, "b", {})
    iceberg.merge(job.rows(("a", 2), ("d", 2)), made, "b", {iceberg.READ_THROUGH: "p"})
    added = iceberg.added_since(job.spark, made, first, "b")
    assert (added.records, added.appended) == (4, 2)
    assert added.bytes > 0
    assert iceberg.added_since(job.spark, made, None, "b").appended == 3
    assert iceberg.added_since(job.spark, made, newest(job, made), "b") == iceberg.Added(0, 0, 0)
    assert iceberg.added_since(job.spark, made, None, "main") == iceberg.Added(0, 0, 0)


def test_rows_from_before_a_column_was_declared_have_it_and_it_is_null(
    spark: SparkSession, lake: Path, job: Job, made: Table
) -> None:
    older = append(job, made, "a")
    publishing._follow(spark, made, "b")
    iceberg.create_or_evolve(spark, wider(made), f"file://{lake}")
    publishing.open_branch(spark, made, "b")
    tagged = spark.createDataFrame([("b", 2, "new")], wider(made).columns)
    iceberg.append(tagged, wider(made), "b", {})
    found = spark.table(iceberg.name(made, "b")).collect()
    assert {(row.id, row.tag) for row in found} == {("a", None), ("b", "new")}
    for until in (older, newest(job, made)):
        assert iceberg.read_added(spark, made, None, until).columns == wider(made).columns.names

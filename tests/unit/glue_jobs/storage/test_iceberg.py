from pathlib import Path
from urllib.parse import urlparse

import pytest
from py4j.protocol import Py4JJavaError
from pyspark.sql import SparkSession

from glue_jobs.schemas.table import Table
from glue_jobs.storage import iceberg, publishing
from tests.unit.glue_jobs.storage.published_tables import COLUMNS, Job, table, wider

AT = iceberg.READ_THROUGH


@pytest.fixture
def job(spark: SparkSession, lake: Path) -> Job:
    return Job(spark, lake)


@pytest.fixture
def made(job: Job) -> Table:
    """Give a table with its branch `b`."""
    publishing.open_branch(job.spark, job.added, "b")
    return job.added


def position(job: Job, of: Table, branch: str = "main") -> str | None:
    head = iceberg.head(job.spark, of, branch)
    assert head is not None
    return head.read_through


def test_properties_travel_with_an_append(job: Job, made: Table) -> None:
    iceberg.append(job.rows(("a", 1)), made, "b", {AT: "p1", "lake.attributes": "title,status"})
    head = iceberg.head(job.spark, made, "b")
    assert head is not None
    assert head.properties == {AT: "p1", "lake.attributes": "title,status"}


def test_properties_travel_with_a_merge_and_with_a_commit_of_no_row(job: Job, made: Table) -> None:
    iceberg.append(job.rows(("a", 1)), made, "b", {})
    iceberg.merge(job.rows(("a", 2)), made, "b", {AT: "p2"})
    assert position(job, made, "b") == "p2"
    iceberg.commit_properties(job.spark, made, "b", {AT: "p3"})
    assert position(job, made, "b") == "p3"
    assert job.read(made, "b") == {("a", 2)}


def test_a_commit_without_a_position_leaves_the_one_before_it(job: Job, made: Table) -> None:
    iceberg.append(job.rows(("a", 1)), made, "b", {AT: "p1"})
    iceberg.append(job.rows(("maintenance", 1)), made, "b", {})
    assert position(job, made, "b") == "p1"


@pytest.mark.parametrize("is_laid_out", [True, False])
def test_rows_that_come_laid_out_keep_their_order_and_others_get_the_tables(
    job: Job, made: Table, is_laid_out: bool
) -> None:
    given = [f"{n:02}" for n in (7, 3, 8, 1, 5, 4, 2, 6)]
    iceberg.append(job.rows(*((each, 1) for each in given)), made, "b", {}, is_laid_out=is_laid_out)
    found = job.spark.table(iceberg.name(made, "b")).select("id", "_file", "_pos").orderBy("_file", "_pos").collect()
    files = [[row.id for row in found if row._file == file] for file in {row._file for row in found}]
    wanted = given if is_laid_out else sorted(given)
    assert files == [[each for each in wanted if each in file] for file in files]
    assert len(files) == 2, "one a partition"


def test_a_merge_replaces_older_rows_adds_new_ones_and_keeps_newer_ones(job: Job, made: Table) -> None:
    iceberg.append(job.rows(("older", 1), ("newer", 9)), made, "b", {})
    given = job.rows(("older", 5), ("newer", 5), ("new", 5))
    iceberg.merge(given, made, "b", {}, newer="source.n > target.n")
    assert job.read(made, "b") == {("older", 5), ("newer", 9), ("new", 5)}


def test_a_merge_leaves_the_files_as_they_are_and_deletes_in_them_by_position(job: Job, made: Table) -> None:
    iceberg.append(job.rows(*((f"r{n}", n) for n in range(100))), made, "b", {})
    iceberg.merge(job.rows(("r1", -1)), made, "b", {})
    merged = job.spark.sql(f"SELECT summary FROM {iceberg.name(made)}.snapshots WHERE operation = 'overwrite'")
    [summary] = [row.summary for row in merged.collect()]
    assert (summary["added-records"], summary["added-position-deletes"]) == ("1", "1")
    assert "deleted-data-files" not in summary


def test_a_merge_within_a_range_does_not_open_the_files_beyond_it_and_loses_nothing(job: Job, made: Table) -> None:
    iceberg.append(job.rows(("a", 1), ("b", 2)), made, "b", {})
    iceberg.append(job.rows(("x", 8), ("y", 9)), made, "b", {})
    iceberg.merge(job.rows(("a", 3), ("c", 3)), made, "b", {}, within="target.id >= 'a' AND target.id < 'd'")
    assert job.read(made, "b") == {("a", 3), ("b", 2), ("c", 3), ("x", 8), ("y", 9)}
    beyond = job.spark.sql(f"SELECT DISTINCT _file FROM {iceberg.name(made, 'b')} WHERE id IN ('x', 'y')")
    for row in beyond.collect():
        Path(urlparse(row._file).path).unlink()
    iceberg.merge(job.rows(("a", 4)), made, "b", {}, within="target.id >= 'a' AND target.id < 'd'")
    with pytest.raises(Py4JJavaError, match=r"NotFoundException|FileNotFoundException|does not exist"):
        iceberg.merge(job.rows(("a", 4)), made, "b", {})


def test_a_table_is_empty_until_it_has_rows_and_after_all_of_them_are_deleted(job: Job, made: Table) -> None:
    assert iceberg.is_empty(job.spark, made, "main")
    assert iceberg.is_empty(job.spark, made, "b")
    iceberg.append(job.rows(("a", 1), ("b", 1)), made, "b", {})
    iceberg.merge(job.rows(("a", 2)), made, "b", {})
    assert not iceberg.is_empty(job.spark, made, "b")
    publishing._follow(job.spark, made, "b")
    publishing.open_branch(job.spark, made, "b")
    iceberg.delete_all(job.spark, made, "b")
    assert iceberg.is_empty(job.spark, made, "b")
    assert job.read(made) == {("a", 2), ("b", 1)}, "readers keep what was published"
    iceberg.merge(job.rows(("a", 3)), made, "b", {AT: "p"})
    assert job.read(made, "b") == {("a", 3)}
    assert position(job, made, "b") == "p"


def test_a_table_of_an_older_deployment_gets_the_columns_settings_and_order_it_lacks(
    spark: SparkSession, lake: Path
) -> None:
    older = table("older")
    location = f"LOCATION 'file://{lake}/{older.namespace}/{older.name}'"
    spark.sql(f"CREATE NAMESPACE IF NOT EXISTS lake.{older.namespace}")
    spark.sql(
        f"CREATE TABLE {iceberg.name(older)} (id string, n bigint) USING iceberg {location} "
        "TBLPROPERTIES ('write.merge.mode'='copy-on-write', 'someone.elses'='kept')"
    )
    spark.sql(f"INSERT INTO {iceberg.name(older)} VALUES ('a', 1)")
    iceberg.create_or_evolve(spark, wider(older), f"file://{lake}")
    handle = iceberg.load(spark, older)
    assert spark.table(iceberg.name(older)).columns == ["id", "n", "tag"]
    assert [tuple(row) for row in spark.table(iceberg.name(older)).collect()] == [("a", 1, None)]
    properties = dict(handle.properties())
    assert {properties[f"write.{what}.mode"] for what in ("merge", "update", "delete")} == {"merge-on-read"}
    assert properties["someone.elses"] == "kept"
    assert handle.sortOrder().isSorted()


def test_a_table_that_is_as_declared_is_left_as_it_is(spark: SparkSession, lake: Path, job: Job) -> None:
    before = iceberg.load(spark, job.lead).operations().current().metadataFileLocation()
    iceberg.create_or_evolve(spark, job.lead, f"file://{lake}")
    assert iceberg.load(spark, job.lead).operations().current().metadataFileLocation() == before


def test_a_job_that_does_not_know_a_newer_column_still_writes_and_leaves_none_of_an_older_rows_values(
    job: Job, made: Table
) -> None:
    publishing._follow(job.spark, made, "b")
    job.spark.sql(f"ALTER TABLE {iceberg.name(made)} ADD COLUMNS (tag string)")
    job.spark.sql(f"INSERT INTO {iceberg.name(made)} VALUES ('a', 1, 'old'), ('z', 1, 'kept')")
    publishing.open_branch(job.spark, made, "b")
    iceberg.append(job.rows(("b", 1)), made, "b", {})
    iceberg.merge(job.rows(("a", 2), ("c", 2)), made, "b", {})
    found = {(row.id, row.n, row.tag) for row in job.spark.table(iceberg.name(made, "b")).collect()}
    assert found == {("a", 2, None), ("b", 1, None), ("c", 2, None), ("z", 1, "kept")}


def test_a_branch_and_its_table_have_a_name_of_their_own() -> None:
    lead = Table("silver", "tasks", ("id",), COLUMNS, (), ("id",))
    assert (iceberg.name(lead), iceberg.name(lead, "b")) == ("lake.silver.tasks", "lake.silver.tasks.branch_b")

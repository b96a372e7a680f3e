import dataclasses
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import LongType, StringType, StructField, StructType

from glue_jobs.schemas.table import Table
from glue_jobs.storage import iceberg

_numbers = count()
Rows = Callable[..., DataFrame]


@pytest.fixture
def table(spark: SparkSession, lake: Path) -> Table:
    columns = StructType([StructField("id", StringType()), StructField("n", LongType())])
    made = Table("storage_tests", f"t{next(_numbers)}", ("id",), columns, ("bucket(2, id)",), ("id",))
    iceberg.create_or_evolve(spark, made, f"file://{lake}")
    return made


@pytest.fixture
def rows(spark: SparkSession, table: Table) -> Rows:
    return lambda *given: spark.createDataFrame(list(given), table.columns)


def published(spark: SparkSession, table: Table) -> set[tuple[str, int]]:
    return {(row.id, row.n) for row in spark.table(iceberg.name(table)).collect()}


def publish(spark: SparkSession, table: Table, frame: DataFrame, branch: str, position: str) -> None:
    iceberg.open_branch(spark, table, branch)
    iceberg.append(frame, table, branch, position)
    iceberg.publish(spark, [table], branch)


def test_what_a_run_writes_is_unseen_until_it_is_published(spark: SparkSession, table: Table, rows: Rows) -> None:
    iceberg.open_branch(spark, table, "audit_1")
    iceberg.append(rows(("a", 1)), table, "audit_1", "p1")
    assert published(spark, table) == set()
    assert iceberg.head(spark, table) is None
    iceberg.publish(spark, [table], "audit_1")
    assert published(spark, table) == {("a", 1)}


def test_the_position_is_published_with_the_rows(spark: SparkSession, table: Table, rows: Rows) -> None:
    publish(spark, table, rows(("a", 1)), "audit_1", "p1")
    head = iceberg.head(spark, table)
    assert head is not None
    assert head.read_through == "p1"


def test_a_commit_without_a_position_leaves_the_one_before_it(spark: SparkSession, table: Table, rows: Rows) -> None:
    publish(spark, table, rows(("a", 1)), "audit_1", "p1")
    rows(("maintenance", 0)).writeTo(iceberg.name(table)).append()
    head = iceberg.head(spark, table)
    assert head is not None
    assert head.read_through == "p1"


def test_a_merge_replaces_older_rows_adds_new_ones_and_keeps_newer_ones(
    spark: SparkSession, table: Table, rows: Rows
) -> None:
    publish(spark, table, rows(("older", 1), ("newer", 9)), "audit_1", "p1")
    iceberg.open_branch(spark, table, "audit_2")
    iceberg.merge(rows(("older", 5), ("newer", 5), ("new", 5)), table, "audit_2", "p2", newer="source.n > target.n")
    iceberg.publish(spark, [table], "audit_2")
    assert published(spark, table) == {("older", 5), ("newer", 9), ("new", 5)}
    head = iceberg.head(spark, table)
    assert head is not None
    assert head.read_through == "p2"


def test_only_the_rows_of_unread_snapshots_are_read(spark: SparkSession, table: Table, rows: Rows) -> None:
    publish(spark, table, rows(("a", 1)), "audit_1", "p1")
    first = iceberg.head(spark, table)
    publish(spark, table, rows(("b", 2)), "audit_2", "p2")
    second = iceberg.head(spark, table)
    assert first is not None
    assert second is not None
    assert [row.id for row in iceberg.read_added(spark, table, first.id, second.id).collect()] == ["b"]
    assert iceberg.read_added(spark, table, second.id, second.id).count() == 0
    assert iceberg.read_added(spark, table, None, second.id).count() == 2


def test_a_branch_that_a_killed_run_left_goes_with_the_next_run(spark: SparkSession, table: Table, rows: Rows) -> None:
    iceberg.open_branch(spark, table, "audit_killed")
    iceberg.append(rows(("half", 1)), table, "audit_killed", "p1")
    publish(spark, table, rows(("whole", 2)), "audit_next", "p1")
    assert published(spark, table) == {("whole", 2)}
    assert [ref.name for ref in spark.table(f"{iceberg.name(table)}.refs").collect()] == ["main"]


def test_of_two_runs_at_once_the_later_one_says_so_and_changes_nothing(
    spark: SparkSession, table: Table, rows: Rows
) -> None:
    iceberg.open_branch(spark, table, "audit_slow")
    iceberg.append(rows(("slow", 1)), table, "audit_slow", "p1")
    rows(("quick", 2)).writeTo(iceberg.name(table)).append()
    with pytest.raises(iceberg.PublishError, match="another run published first"):
        iceberg.publish(spark, [table], "audit_slow")
    assert published(spark, table) == {("quick", 2)}


def test_a_run_whose_branch_another_run_cleared_away_says_so(spark: SparkSession, table: Table, rows: Rows) -> None:
    iceberg.open_branch(spark, table, "audit_slow")
    iceberg.append(rows(("slow", 1)), table, "audit_slow", "p1")
    iceberg.open_branch(spark, table, "audit_quick")
    with pytest.raises(iceberg.PublishError, match="another run published first"):
        iceberg.publish(spark, [table], "audit_slow")


def test_a_column_that_was_declared_since_is_added_and_null_in_older_rows(
    spark: SparkSession, lake: Path, table: Table, rows: Rows
) -> None:
    publish(spark, table, rows(("a", 1)), "audit_1", "p1")
    older = iceberg.head(spark, table)
    wider = dataclasses.replace(table, columns=StructType([*table.columns, StructField("tag", StringType())]))
    iceberg.create_or_evolve(spark, wider, f"file://{lake}")
    publish(spark, wider, spark.createDataFrame([("b", 2, "new")], wider.columns), "audit_2", "p2")
    assert {(row.id, row.tag) for row in spark.table(iceberg.name(wider)).collect()} == {("a", None), ("b", "new")}
    assert older is not None
    assert iceberg.read_added(spark, wider, None, older.id).columns == wider.columns.names


def test_a_job_that_does_not_know_a_newer_column_still_writes_and_leaves_its_values(
    spark: SparkSession, table: Table, rows: Rows
) -> None:
    spark.sql(f"ALTER TABLE {iceberg.name(table)} ADD COLUMNS (tag string)")
    spark.sql(f"INSERT INTO {iceberg.name(table)} VALUES ('a', 1, 'kept')")
    iceberg.open_branch(spark, table, "audit_1")
    iceberg.append(rows(("b", 1)), table, "audit_1", "p1")
    iceberg.merge(rows(("a", 2), ("c", 2)), table, "audit_1", "p1")
    iceberg.publish(spark, [table], "audit_1")
    found = {(row.id, row.n, row.tag) for row in spark.table(iceberg.name(table)).collect()}
    assert found == {("a", 2, "kept"), ("b", 1, None), ("c", 2, None)}

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from glue_jobs.storage import iceberg
from glue_jobs.storage.changed_rows import read_changed

TABLE = "changed_rows_tests.tasks"


@pytest.fixture
def head(spark: SparkSession) -> Callable[[], int]:
    """A table of three rows, of two months; give its current snapshot."""
    spark.sql("CREATE NAMESPACE IF NOT EXISTS lake.changed_rows_tests")
    spark.sql(f"DROP TABLE IF EXISTS lake.{TABLE} PURGE")
    spark.sql(
        f"CREATE TABLE lake.{TABLE} (id int, day date) USING iceberg PARTITIONED BY (months(day)) TBLPROPERTIES "
        "('write.delete.mode'='merge-on-read', 'write.update.mode'='merge-on-read', 'write.merge.mode'='merge-on-read')"
    )
    spark.sql(f"INSERT INTO lake.{TABLE} VALUES (1, date'2025-01-01'), (2, date'2025-01-02'), (3, date'2025-02-03')")
    return lambda: int(iceberg.load_named(spark, f"lake.{TABLE}").currentSnapshot().snapshotId())


def changed(spark: SparkSession, after: int, until: int) -> set[tuple[int, date]]:
    rows = read_changed(spark, TABLE, after, until)
    assert rows is not None
    return {(row.id, row.day) for row in rows.collect()}


def test_a_replaced_row_is_there_as_it_was_and_as_it_is(spark: SparkSession, head: Callable[[], int]) -> None:
    before = head()
    spark.sql(f"UPDATE lake.{TABLE} SET day = date'2030-05-05' WHERE id = 2")
    assert changed(spark, before, head()) == {(2, date(2025, 1, 2)), (2, date(2030, 5, 5))}


def test_a_row_of_a_file_whose_path_is_percent_encoded_is_found(spark: SparkSession, tmp_path: Path) -> None:
    table = "lake.changed_rows_tests.spaced"
    spark.sql("CREATE NAMESPACE IF NOT EXISTS lake.changed_rows_tests")
    spark.sql(f"DROP TABLE IF EXISTS {table} PURGE")
    spark.sql(
        f"CREATE TABLE {table} USING iceberg LOCATION 'file://{tmp_path}/a + b' TBLPROPERTIES "
        "('write.delete.mode'='merge-on-read') AS SELECT * FROM VALUES (1), (2) AS t(id)"
    )
    before = int(iceberg.load_named(spark, table).currentSnapshot().snapshotId())
    spark.sql(f"DELETE FROM {table} WHERE id = 1")
    after = int(iceberg.load_named(spark, table).currentSnapshot().snapshotId())
    rows = read_changed(spark, "changed_rows_tests.spaced", before, after)
    assert rows is not None
    assert [row.id for row in rows.collect()] == [1]


def test_inserted_and_deleted_rows_are_there(spark: SparkSession, head: Callable[[], int]) -> None:
    before = head()
    spark.sql(f"DELETE FROM lake.{TABLE} WHERE id = 1")
    spark.sql(f"INSERT INTO lake.{TABLE} VALUES (9, date'2025-09-09')")
    assert changed(spark, before, head()) == {(1, date(2025, 1, 1)), (9, date(2025, 9, 9))}


def test_rows_whose_whole_file_was_removed_are_there(spark: SparkSession, head: Callable[[], int]) -> None:
    before = head()
    spark.sql(f"DELETE FROM lake.{TABLE} WHERE day >= date'2025-02-01'")
    assert changed(spark, before, head()) == {(3, date(2025, 2, 3))}


def test_compaction_changes_no_row(spark: SparkSession, head: Callable[[], int]) -> None:
    spark.sql(f"DELETE FROM lake.{TABLE} WHERE id = 1")
    before = head()
    spark.sql(f"CALL lake.system.rewrite_data_files(table => '{TABLE}', options => map('rewrite-all', 'true'))")
    assert head() != before
    assert changed(spark, before, head()) == set()


def test_a_row_of_a_file_older_than_a_column_is_null_in_it(spark: SparkSession, head: Callable[[], int]) -> None:
    before = head()
    spark.sql(f"ALTER TABLE lake.{TABLE} ADD COLUMNS (note string)")
    spark.sql(f"DELETE FROM lake.{TABLE} WHERE id = 1")
    rows = read_changed(spark, TABLE, before, head())
    assert rows is not None
    assert [(row.id, row.note) for row in rows.collect()] == [(1, None)]


def test_anything_may_have_changed_since_a_snapshot_that_is_gone(spark: SparkSession, head: Callable[[], int]) -> None:
    assert read_changed(spark, TABLE, 1, head()) is None
    assert read_changed(spark, TABLE, None, head()) is None

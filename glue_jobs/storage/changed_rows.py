"""The rows that some snapshots of an Iceberg table changed, as they were before and as they are after.

Iceberg's own changelog cannot read tables that are merged on read, which Silver's are. Its manifests say the same:
each snapshot names the files that it added and removed, and its delete files the positions of the rows it took.
"""

from collections.abc import Iterable, Sequence
from itertools import takewhile
from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from glue_jobs.storage import iceberg

# Compaction: the same rows in other files.
_REWRITTEN = "replace"


def read_changed(spark: SparkSession, table: str, after: int | None, until: int | None) -> DataFrame | None:
    """Return the rows that the snapshots after ``after``, up to ``until``, added or removed, in no order.

    A row that was replaced is there as it was and as it is. None where ``after`` is no longer on the way to ``until``,
    or the table was empty: anything may have changed then.
    """
    handle = iceberg.load_named(spark, f"{iceberg.CATALOG}.{table}")
    if after is None or until is None or not iceberg.is_ancestor(handle, after, until):
        return None
    snapshots = takewhile(lambda at: at.snapshotId() != after, iceberg.lineage(handle, handle.snapshot(until)))
    changed = [snapshot for snapshot in snapshots if snapshot.operation() != _REWRITTEN]
    files = [path for at in changed for path in _paths(at.addedDataFiles(handle.io()))]
    files += [path for at in changed for path in _paths(at.removedDataFiles(handle.io()))]
    deletes = [path for at in changed for path in _paths(at.addedDeleteFiles(handle.io()))]
    schema = spark.table(f"{iceberg.CATALOG}.{table}").schema
    rows = _of_files(spark, schema, files) if files else spark.createDataFrame([], schema)
    return rows.unionByName(_deleted(spark, schema, deletes)) if deletes else rows


def _of_files(spark: SparkSession, schema: StructType, paths: Sequence[str]) -> DataFrame:
    """Return the files' rows; a column that came after a file was written is null."""
    return spark.read.schema(schema).parquet(*paths)


def _deleted(spark: SparkSession, schema: StructType, deletes: Sequence[str]) -> DataFrame:
    """Return the rows whose positions the delete files name."""
    positions = spark.read.parquet(*deletes).select(_plain("file_path").alias("path"), F.col("pos").alias("position"))
    files = [row.path for row in positions.select("path").distinct().collect()]
    rows = _of_files(spark, schema, files).withColumns(
        {"path": _plain("_metadata.file_path"), "position": F.col("_metadata.row_index")}
    )
    return rows.join(F.broadcast(positions), ["path", "position"], "left_semi").select(schema.names)


def _plain(column: str) -> Column:
    """Return a path as Iceberg and Spark both write it: they do not agree on the slashes behind `file:`."""
    return F.regexp_replace(column, "^file:/+", "/")


def _paths(files: Iterable[Any]) -> list[str]:
    return [str(file.location()) for file in files]

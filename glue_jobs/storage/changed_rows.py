"""The rows that some snapshots of an Iceberg table changed, as they were before and as they are after.

Iceberg's own changelog cannot read tables that are merged on read, which Silver's are. Its manifests say the same:
each snapshot names the files that it added and removed, and its delete files the positions of the rows it took.
"""

from collections.abc import Iterable, Sequence
from itertools import takewhile
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from glue_jobs.storage import iceberg

# Compaction: the same rows in other files.
_REWRITTEN = "replace"
# Spark and Iceberg do not agree on the slashes behind it.
_SCHEME = "^file:/+"


def read_changed(spark: SparkSession, table: str, after: int | None, until: int | None) -> DataFrame | None:
    """Return the rows that the snapshots after ``after``, up to ``until``, added or removed, in no order.

    A row that was replaced is there as it was and as it is. None where ``after`` is no longer on the way to ``until``,
    or the table was empty, or a deleted row is not found: anything may have changed then.
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
    if not deletes:
        return rows
    positions = _positions(spark, deletes)
    deleted = _at(spark, schema, positions)
    # Were a file's path not what Iceberg wrote, its rows would be missing without a word.
    return rows.unionByName(deleted) if deleted.count() == positions.count() else None


def _of_files(spark: SparkSession, schema: StructType, paths: Sequence[str]) -> DataFrame:
    """Return the files' rows; a column that came after a file was written is null."""
    return spark.read.schema(schema).parquet(*paths)


def _positions(spark: SparkSession, deletes: Sequence[str]) -> DataFrame:
    """Return the rows that the delete files name, each once: the file's path and the position in it."""
    path = F.regexp_replace("file_path", _SCHEME, "/").alias("path")
    return spark.read.parquet(*deletes).select(path, F.col("pos").alias("position")).distinct()


def _at(spark: SparkSession, schema: StructType, positions: DataFrame) -> DataFrame:
    """Return the rows at these positions."""
    files = [row.path for row in positions.select("path").distinct().collect()]
    # Spark percent-encodes the path, Iceberg does not; and url_decode would take a plus for a space.
    encoded = F.regexp_replace("_metadata.file_path", _SCHEME, "/")
    path = F.url_decode(F.regexp_replace(encoded, r"\+", "%2B"))
    rows = _of_files(spark, schema, files).withColumns({"path": path, "position": F.col("_metadata.row_index")})
    return rows.join(F.broadcast(positions), ["path", "position"], "left_semi").select(schema.names)


def _paths(files: Iterable[Any]) -> list[str]:
    return [str(file.location()) for file in files]

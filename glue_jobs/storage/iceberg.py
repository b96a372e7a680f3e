"""Iceberg tables as the jobs use them: made, read by what was added, written on a branch with a position.

The position, how far a table's source was read, lies in the summary of the branch's last snapshot: whoever publishes
the branch publishes data and position in one step. Metadata goes through Iceberg's Java API, which answers in
milliseconds what a query of a metadata table answers by a Spark job.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructField

from glue_jobs.schemas.table import Table

CATALOG = "lake"
READ_THROUGH = "lake.read_through"

_PROPERTIES = {
    # Athena writes v2.
    "format-version": "2",
    "write.spark.fanout.enabled": "true",
    # An increment touches a few rows of many files: copying the files would cost what the table holds.
    "write.merge.mode": "merge-on-read",
    "write.update.mode": "merge-on-read",
    "write.delete.mode": "merge-on-read",
    "write.merge.distribution-mode": "hash",
    # Level 3, the default, takes a tenth longer for a twentieth less.
    "write.parquet.compression-level": "1",
    "write.metadata.delete-after-commit.enabled": "true",
    # Each row group counts as so much at least when Spark makes tasks of them: by the default, 4 MB, small ones would
    # be a task each.
    "read.split.open-file-cost": "262144",
}


@dataclass(frozen=True)
class Snapshot:
    """One state of a table, and the ``lake.…`` properties that hold for it."""

    id: int
    properties: Mapping[str, str]

    @property
    def read_through(self) -> str | None:
        """Return the position its source was read through, if it says."""
        return self.properties.get(READ_THROUGH)


def name(table: Table, branch: str | None = None) -> str:
    """Return the identifier that Spark reads and writes: the published table, or one branch of it."""
    published = f"{CATALOG}.{table.full_name}"
    return f"{published}.branch_{branch}" if branch else published


def load(spark: SparkSession, table: Table) -> Any:
    """Return Iceberg's own handle (``org.apache.iceberg.Table``) of the table as it is now."""
    return load_named(spark, name(table))


def load_named(spark: SparkSession, identifier: str) -> Any:
    """Return Iceberg's own handle of the table ``lake.<namespace>.<name>`` as it is now."""
    java: Any = spark
    handle = java._jvm.Spark3Util.loadIcebergTable(java._jsparkSession, identifier)
    handle.refresh()
    return handle


def create_or_evolve(spark: SparkSession, table: Table, lake: str) -> None:
    """Create the table, empty, where it does not exist; add the columns and settings that an existing one lacks."""
    spark.sql(f"CREATE NAMESPACE IF NOT EXISTS {CATALOG}.{table.namespace}")
    spark.sql(
        f"CREATE TABLE IF NOT EXISTS {name(table)} ({_columns(table.columns)}) USING iceberg "
        f"PARTITIONED BY ({', '.join(table.partitioned_by)}) LOCATION '{lake}/{table.namespace}/{table.name}'"
    )
    handle = load(spark, table)
    known = {field.name() for field in handle.schema().columns()}
    if added := [field for field in table.columns if field.name not in known]:
        spark.sql(f"ALTER TABLE {name(table)} ADD COLUMNS ({_columns(added)})")
    if not handle.sortOrder().isSorted():
        spark.sql(f"ALTER TABLE {name(table)} WRITE LOCALLY ORDERED BY {', '.join(table.sorted_by)}")
    has = handle.properties()
    wanted = {**_PROPERTIES, "write.parquet.row-group-size-bytes": str(table.row_group_bytes)}
    if lacking := {key: value for key, value in wanted.items() if has.get(key) != value}:
        settings = ", ".join(f"'{key}'='{value}'" for key, value in lacking.items())
        spark.sql(f"ALTER TABLE {name(table)} SET TBLPROPERTIES ({settings})")


def _columns(fields: Iterable[StructField]) -> str:
    return ", ".join(f"{field.name} {field.dataType.simpleString()}" for field in fields)


def totals(handle: Any) -> Counter[str]:
    """Return what a table's current snapshot says in numbers, such as ``total-records``; 0 for all else."""
    snapshot = handle.currentSnapshot()
    summary = dict(snapshot.summary()) if snapshot else {}
    return Counter({name: int(value) for name, value in summary.items() if name.startswith("total-")})


def head(spark: SparkSession, table: Table, branch: str = "main") -> Snapshot | None:
    """Return the newest snapshot of a branch with the newest position on its way; None for an empty table.

    Maintenance commits carry no position: the one before them still holds.
    """
    handle = load(spark, table)
    newest = handle.snapshot(branch)
    if newest is None:
        return None
    summaries = (dict(at.summary()) for at in lineage(handle, newest))
    summary = next((summary for summary in summaries if READ_THROUGH in summary), {})
    return Snapshot(newest.snapshotId(), {key: value for key, value in summary.items() if key.startswith("lake.")})


def snapshot_id(spark: SparkSession, table: Table, branch: str = "main") -> int | None:
    """Return the id of a branch's newest snapshot; None for an empty table."""
    newest = load(spark, table).snapshot(branch)
    return None if newest is None else int(newest.snapshotId())


@dataclass(frozen=True)
class Added:
    """What some snapshots have written: records and bytes, and those records that were appended as new rows."""

    records: int
    bytes: int
    appended: int


def added_since(spark: SparkSession, table: Table, after: int | None, branch: str) -> Added:
    """Return what a branch's snapshots after ``after`` have written."""
    handle = load(spark, table)
    new = takewhile(lambda at: at.snapshotId() != after, lineage(handle, handle.snapshot(branch)))
    summaries = [(at.operation(), dict(at.summary())) for at in new]
    return Added(
        records=sum(int(summary.get("added-records", 0)) for _, summary in summaries),
        bytes=sum(int(summary.get("added-files-size", 0)) for _, summary in summaries),
        appended=sum(int(summary.get("added-records", 0)) for kind, summary in summaries if kind == "append"),
    )


def append(
    rows: DataFrame, table: Table, branch: str, properties: Mapping[str, str], *, is_laid_out: bool = False
) -> None:
    """Add rows to the branch, and the properties with them in one commit.

    Iceberg brings them into the table's partitions and order, unless they come so.
    """
    stored = _as_stored(rows, rows.sparkSession.table(name(table, branch)))
    layout = ("use-table-distribution-and-ordering", "false") if is_laid_out else ("distribution-mode", "hash")
    writer = stored.writeTo(name(table, branch)).option(*layout)
    for key, value in properties.items():
        writer = writer.option(f"snapshot-property.{key}", value)
    writer.append()


def merge(
    rows: DataFrame, table: Table, branch: str, properties: Mapping[str, str], newer: str = "true", within: str = "true"
) -> None:
    """Insert or replace rows by the table's key on the branch; a row that exists is replaced where ``newer`` holds.

    ``newer`` compares `source` with `target`; ``within`` says of `target` where the keys can be, and spares the rest.
    MERGE cannot carry a snapshot property from SQL, so an empty commit behind it carries them: both become visible
    with the branch.
    """
    spark = rows.sparkSession
    if is_empty(spark, table, branch):
        append(rows, table, branch, properties)
    else:
        _merge(rows, table, branch, newer, within)
        commit_properties(spark, table, branch, properties)


def _merge(rows: DataFrame, table: Table, branch: str, newer: str, within: str) -> None:
    spark, target = rows.sparkSession, name(table, branch)
    view = f"{table.name}_to_merge"
    _as_stored(rows, spark.table(target)).createOrReplaceTempView(view)
    # Of every column there is: one that only a newer deployment knows must not keep what an older row had.
    replaced = ", ".join(f"target.{column} = source.{column}" for column in spark.table(target).columns)
    matches = " AND ".join(f"target.{column} = source.{column}" for column in table.key)
    spark.sql(
        f"MERGE INTO {target} AS target USING {view} AS source ON {matches} AND ({within}) "
        f"WHEN MATCHED AND {newer} THEN UPDATE SET {replaced} WHEN NOT MATCHED THEN INSERT *"
    )
    spark.catalog.dropTempView(view)


def is_empty(spark: SparkSession, table: Table, branch: str) -> bool:
    """Whether a branch holds no row."""
    newest = load(spark, table).snapshot(branch)
    return newest is None or newest.summary().get("total-records") in (None, "0")


def delete_all(spark: SparkSession, table: Table, branch: str) -> None:
    """Leave a branch without a row; what was published keeps its rows until the branch is."""
    spark.sql(f"DELETE FROM {name(table, branch)}")


def commit_properties(spark: SparkSession, table: Table, branch: str, properties: Mapping[str, str]) -> None:
    """Commit properties and no row to a branch."""
    commit = load(spark, table).newFastAppend()
    for key, value in properties.items():
        commit = commit.set(key, value)
    commit.toBranch(branch).commit()


def _as_stored(rows: DataFrame, target: DataFrame) -> DataFrame:
    """Return the rows with all of the table's columns: one that a newer deployment has added is null in them."""
    unknown = {
        field.name: F.lit(None).cast(field.dataType) for field in target.schema if field.name not in rows.columns
    }
    return rows.withColumns(unknown).select(target.columns)


def only_adds(spark: SparkSession, table: Table, after: int | None, until: int | None) -> bool:
    """Whether the snapshots after ``after``, up to ``until``, are known and delete no row.

    Rows that are rewritten, by compaction or a column that is filled, are not deleted; a rebuild deletes all.
    """
    handle = load(spark, table)
    new = list(
        takewhile(lambda at: at.snapshotId() != after, lineage(handle, handle.snapshot(until) if until else None))
    )
    is_known = after == until or bool(new and new[-1].parentId() == after)
    return is_known and all(at.operation() != "delete" for at in new)


def read_added(spark: SparkSession, table: Table, after: int | None, until: int | None) -> DataFrame:
    """Return the rows that the snapshots after ``after``, up to ``until``, added; all rows if ``after`` is None.

    Snapshots that rewrite what is there, as compaction does, add nothing. Where ``after`` is no longer on the way to
    ``until``, all rows are given: too many never harm, for whoever asks merges by key.
    """
    if until is None or after == until:
        return spark.table(name(table)).limit(0)
    if after is not None and is_ancestor(load(spark, table), after, until):
        added = spark.read.option("start-snapshot-id", after).option("end-snapshot-id", until)
        return added.table(name(table))
    rows = spark.read.option("snapshot-id", until).table(name(table))
    # A snapshot is read in the schema it was written with, which may lack columns that came since.
    return _as_stored(rows, spark.table(name(table)))


def is_ancestor(handle: Any, snapshot: int | None, of: int | str) -> bool:
    """Whether a snapshot is on the way to another, given by its id or its branch."""
    return any(at.snapshotId() == snapshot for at in lineage(handle, handle.snapshot(of)))


def lineage(handle: Any, newest: Any) -> Iterator[Any]:
    """Yield a snapshot and those before it, as far back as the table keeps them."""
    at = newest
    while at is not None:
        yield at
        at = handle.snapshot(at.parentId()) if at.parentId() is not None else None

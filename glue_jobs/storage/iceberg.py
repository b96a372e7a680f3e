"""Iceberg tables written on a branch, and published with the position up to which their source was read.

Write, audit, publish: a run writes to a branch of its own, the gate reads that branch, and `main` is
fast-forwarded to it only if the gate passes. The position lies in the summary of the branch's last snapshot,
so readers see the data and the position change in one step.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructField

from glue_jobs.schemas.table import Table

CATALOG = "lake"
READ_THROUGH = "lake.read_through"
_SNAPSHOT_PROPERTY = f"snapshot-property.{READ_THROUGH}"

_PROPERTIES = {
    # Athena writes v2.
    "format-version": "2",
    # Iceberg's default, `hash`, sends all rows of a partition to one task; the writers here sort by themselves.
    "write.distribution-mode": "none",
    "write.spark.fanout.enabled": "true",
    # Small row groups: a day's or a user's rows are found by min and max without reading the month around them.
    "write.parquet.row-group-size-bytes": str(2 * 1024 * 1024),
    "write.metadata.delete-after-commit.enabled": "true",
}


class PublishError(Exception):
    """Another run came in between: it published first, or it cleared this run's branch away."""

    def __init__(self, table: Table) -> None:
        super().__init__(f"{table.full_name}: another run published first, and nothing of this one; run it again")


@dataclass(frozen=True)
class Snapshot:
    """One state of a table: its id, and the position its source was read through, if it says."""

    id: int
    read_through: str | None


def name(table: Table, branch: str | None = None) -> str:
    """Return the identifier that Spark reads and writes: the published table, or one branch of it."""
    published = f"{CATALOG}.{table.full_name}"
    return f"{published}.branch_{branch}" if branch else published


def create_or_evolve(spark: SparkSession, table: Table, lake: str) -> None:
    """Create the table, empty, where it does not exist; add the columns that an existing one lacks."""
    spark.sql(f"CREATE NAMESPACE IF NOT EXISTS {CATALOG}.{table.namespace}")
    spark.sql(
        f"CREATE TABLE IF NOT EXISTS {name(table)} ({_columns(table.columns)}) USING iceberg "
        f"PARTITIONED BY ({', '.join(table.partitioned_by)}) "
        f"LOCATION '{lake}/{table.namespace}/{table.name}' TBLPROPERTIES ({_properties()})"
    )
    known = spark.table(name(table)).columns
    if added := [field for field in table.columns if field.name not in known]:
        spark.sql(f"ALTER TABLE {name(table)} ADD COLUMNS ({_columns(added)})")


def _columns(fields: Iterable[StructField]) -> str:
    return ", ".join(f"{field.name} {field.dataType.simpleString()}" for field in fields)


def _properties() -> str:
    return ", ".join(f"'{key}'='{value}'" for key, value in _PROPERTIES.items())


def head(spark: SparkSession, table: Table, branch: str = "main") -> Snapshot | None:
    """Return the newest snapshot of a branch with the newest position on its way; None for an empty table.

    Maintenance commits carry no position: the one before them still holds.
    """
    commits = _lineage(spark, table, branch)
    positions = (commit.summary[READ_THROUGH] for commit in commits if READ_THROUGH in commit.summary)
    return Snapshot(commits[0].snapshot_id, next(positions, None)) if commits else None


def bytes_added(spark: SparkSession, table: Table, branch: str) -> int:
    """Return the bytes of data files that a branch has written since it left `main`."""
    published = {commit.snapshot_id for commit in _lineage(spark, table, "main")}
    commits = [commit for commit in _lineage(spark, table, branch) if commit.snapshot_id not in published]
    return sum(int(commit.summary.get("added-files-size", 0)) for commit in commits)


def _lineage(spark: SparkSession, table: Table, branch: str) -> list[Row]:
    """Return a branch's snapshots, newest first."""
    refs = spark.table(f"{name(table)}.refs").where(F.col("name") == branch).select("snapshot_id").collect()
    commits = spark.table(f"{name(table)}.snapshots").select("snapshot_id", "parent_id", "summary").collect()
    by_id = {commit.snapshot_id: commit for commit in commits}
    lineage: list[Row] = []
    at = refs[0].snapshot_id if refs else None
    while at in by_id:
        lineage.append(by_id[at])
        at = by_id[at].parent_id
    return lineage


def open_branch(spark: SparkSession, table: Table, branch: str) -> None:
    """Start the run's branch at `main`, and drop the branches that earlier runs left behind."""
    refs = spark.table(f"{name(table)}.refs").where("type = 'BRANCH' and name <> 'main'").collect()
    for ref in refs:
        spark.sql(f"ALTER TABLE {name(table)} DROP BRANCH IF EXISTS `{ref.name}`")
    spark.sql(f"ALTER TABLE {name(table)} CREATE BRANCH `{branch}`")


def append(rows: DataFrame, table: Table, branch: str, read_through: str) -> None:
    """Add rows to the branch, sorted as the table says, and the position with them in one commit."""
    sort = table.sorted_by
    stored = _as_stored(rows, rows.sparkSession.table(name(table, branch)))
    writer = stored.repartitionByRange(*sort).sortWithinPartitions(*sort).writeTo(name(table, branch))
    writer.option(_SNAPSHOT_PROPERTY, read_through).append()


def merge(rows: DataFrame, table: Table, branch: str, read_through: str, newer: str = "true") -> None:
    """Insert or replace rows by the table's key on the branch; a row that exists is replaced where ``newer`` holds.

    ``newer`` compares `source` with `target`. MERGE cannot carry a snapshot property from SQL, so an empty commit
    behind it carries the position: both become visible with the fast-forward.
    """
    spark, target = rows.sparkSession, name(table, branch)
    view = f"{table.name}_to_merge"
    _as_stored(rows, spark.table(target)).createOrReplaceTempView(view)
    replaced = ", ".join(f"target.{column} = source.{column}" for column in table.columns.names)
    matches = " AND ".join(f"target.{column} = source.{column}" for column in table.key)
    spark.sql(
        f"MERGE INTO {target} AS target USING {view} AS source ON {matches} "
        f"WHEN MATCHED AND {newer} THEN UPDATE SET {replaced} WHEN NOT MATCHED THEN INSERT *"
    )
    spark.catalog.dropTempView(view)
    move_position(spark, target, read_through)


def move_position(spark: SparkSession, target: str, read_through: str) -> None:
    """Commit a position and no row to a table or to one of its branches, by its identifier."""
    nothing = spark.table(target).limit(0).writeTo(target)
    nothing.option(_SNAPSHOT_PROPERTY, read_through).append()


def _as_stored(rows: DataFrame, target: DataFrame) -> DataFrame:
    """Return the rows with all of the table's columns: one that a newer deployment has added is null in them."""
    unknown = {
        field.name: F.lit(None).cast(field.dataType) for field in target.schema if field.name not in rows.columns
    }
    return rows.withColumns(unknown)


def read_added(spark: SparkSession, table: Table, after: int | None, until: int | None) -> DataFrame:
    """Return the rows that the snapshots after ``after``, up to ``until``, added; all rows if ``after`` is None."""
    if until is None or after == until:
        return spark.table(name(table)).limit(0)
    reader = spark.read
    if after is not None:
        return reader.option("start-snapshot-id", after).option("end-snapshot-id", until).table(name(table))
    rows = reader.option("snapshot-id", until).table(name(table))
    # A snapshot is read in the schema it was written with, which may lack columns that came since.
    return _as_stored(rows, spark.table(name(table)))


def publish(spark: SparkSession, tables: Sequence[Table], branch: str) -> None:
    """Make each table's branch its `main`, in the order given, and drop the branch.

    Killed in between, the next run goes on: each table knows what it has read.
    """
    for table in tables:
        try:
            spark.sql(f"CALL {CATALOG}.system.fast_forward('{table.full_name}', 'main', '{branch}')")
        except Exception as error:
            if not any(fault in str(error) for fault in ("ancestor", "Ref does not exist")):
                raise
            raise PublishError(table) from error
    for table in tables:
        spark.sql(f"ALTER TABLE {name(table)} DROP BRANCH `{branch}`")

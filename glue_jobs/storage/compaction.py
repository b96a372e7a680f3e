"""Tables of many small files and deletions, written anew as few sorted ones.

Iceberg's own `rewrite_data_files` commits to `main` only, up to 1.10: a run whose branches began before such a commit
could publish its leading table and not the others. So what is rewritten is staged on branches and published like a run.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from glue_jobs.schemas.table import Table
from glue_jobs.storage import iceberg, publishing
from glue_jobs.storage.iceberg import CATALOG, READ_THROUGH, name

FILES_TO_SPARE = 4
# Iceberg aims at 128 MB; a quarter of it keeps what was just rewritten from being rewritten again.
_BYTES_A_FILE = 32 * 1024 * 1024


class CompactionError(Exception):
    """What was written anew is not what was there; nothing of it is published."""


def compact(spark: SparkSession, tables: Sequence[Table], branch: str) -> dict[str, int]:
    """Return how many partitions of each of a job's tables were rewritten, by the table's full name.

    No row changes, and what a table says of itself stays true: its head carries the position, and one that has read all
    of the leading table has read its new head. Raises PublishError, with nothing changed, if a run of the job published
    meanwhile.
    """
    lead, *others = tables
    published = publishing.roll_forward(spark, tables)
    scattered = {table.full_name: scattered_partitions(spark, table) for table in tables}
    lost = {table.full_name for table in tables if _lost_position(spark, table)}
    if published is None or not (any(scattered.values()) or lost):
        return {}
    publishing.lead_on(spark, lead, branch, published)
    _stage(spark, lead, branch, scattered[lead.full_name], {publishing.BRANCH: branch})
    rewritten = str(iceberg.load(spark, lead).snapshot(branch).snapshotId())
    for table in others:
        position = {READ_THROUGH: rewritten} if _has_read_all(spark, table, lead) else {}
        if scattered[table.full_name] or position or table.full_name in lost:
            publishing.open_branch(spark, table, branch)
            _stage(spark, table, branch, scattered[table.full_name], position)
    publishing.publish(spark, tables, branch)
    return {full_name: len(partitions) for full_name, partitions in scattered.items()}


def scattered_partitions(spark: SparkSession, table: Table) -> list[int]:
    """Return the partitions that lie in more files, deletions included, than their bytes need."""
    files, size = "file_count + position_delete_file_count", "total_data_file_size_in_bytes"
    partitions = spark.table(f"{name(table)}.partitions")
    found = partitions.where(f"{files} > {FILES_TO_SPARE} + {size} / {_BYTES_A_FILE}").select("partition.*")
    return sorted(number for (number,) in found.collect() if number is not None)


def _has_read_all(spark: SparkSession, table: Table, lead: Table) -> bool:
    """Whether no row was added to the leading table since the snapshot up to which another table has read it."""
    head = iceberg.head(spark, table)
    if head is None or head.read_through is None:
        return False
    return iceberg.added_since(spark, lead, int(head.read_through), "main").records == 0


def _lost_position(spark: SparkSession, table: Table) -> bool:
    """Whether only an older snapshot says how far the source was read: another tool has committed since."""
    head = iceberg.head(spark, table)
    newest = iceberg.load(spark, table).currentSnapshot()
    return bool(head and head.read_through) and READ_THROUGH not in dict(newest.summary())


def _stage(
    spark: SparkSession, table: Table, branch: str, partitions: Sequence[int], changed: Mapping[str, str]
) -> None:
    """Rewrite partitions of a branch; its last commit carries the branch's properties, some of them changed."""
    head = iceberg.head(spark, table, branch)
    properties = {**(head.properties if head else {}), **changed}
    rows = _rows_of(spark, table, branch, partitions)
    if emptied := [number for number in partitions if number not in rows]:
        _drop_files(spark, table, branch, emptied)
    if rows:
        _rewrite(spark, table, branch, rows, properties)
    else:
        iceberg.commit_properties(spark, table, branch, properties)


def _rows_of(spark: SparkSession, table: Table, branch: str, partitions: Sequence[int]) -> dict[int, int]:
    """Return how many rows each of these partitions of a branch holds; one that holds none is not among them."""
    if not partitions:
        return {}
    rows = spark.table(name(table, branch)).where(_is_in(table, partitions))
    return dict(rows.groupBy(F.expr(_partition(table))).count().collect())


def _drop_files(spark: SparkSession, table: Table, branch: str, emptied: Iterable[int]) -> None:
    """Take partitions without a row out of a branch: an overwrite replaces only what it writes to.

    SQL's DELETE by a partition's number looks for rows, and finds none.
    """
    java: Any = spark
    handle = iceberg.load(spark, table)
    [field] = handle.spec().fields()
    expressions = java._jvm.org.apache.iceberg.expressions.Expressions
    partition = expressions.transform(handle.schema().findColumnName(field.sourceId()), field.transform())
    delete = handle.newDelete()
    for number in emptied:
        delete.deleteFromRowFilter(expressions.equal(partition, number))
    delete.toBranch(branch).commit()


def _rewrite(
    spark: SparkSession, table: Table, branch: str, rows_of: Mapping[int, int], properties: Mapping[str, str]
) -> None:
    rows = spark.table(name(table, branch)).where(_is_in(table, rows_of))
    options = {f"snapshot-property.{key}": value for key, value in properties.items()}
    rows.writeTo(name(table, branch)).options(**{"distribution-mode": "range", **options}).overwritePartitions()
    if (written := _rows_added(spark, table, branch)) != (there := sum(rows_of.values())):
        raise CompactionError(f"{table.full_name}: {there:,} rows became {written:,}")


def _is_in(table: Table, partitions: Iterable[int]) -> str:
    return f"{_partition(table)} IN ({', '.join(map(str, partitions))})"


def _partition(table: Table) -> str:
    (transform,) = table.partitioned_by
    return f"{CATALOG}.system.{transform}"


def _rows_added(spark: SparkSession, table: Table, branch: str) -> int:
    return int(iceberg.load(spark, table).snapshot(branch).summary().get("added-records") or 0)

"""What a table no longer needs: former snapshots, and files that no snapshot names."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pyarrow.fs
from pyspark.sql import SparkSession

from glue_jobs.schemas.table import Table
from glue_jobs.storage.files import open_filesystem
from glue_jobs.storage.iceberg import CATALOG, load, totals

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class TableSize:
    """The files of a table as readers see it, and all that lies at its location: former snapshots and orphans too."""

    files: int
    bytes: int
    stored_files: int
    stored_bytes: int


def table_size(spark: SparkSession, table: Table, lake: str) -> TableSize:
    """Return how large a table is."""
    known = totals(load(spark, table))
    filesystem, root = open_filesystem(lake)
    location = pyarrow.fs.FileSelector(f"{root}/{table.namespace}/{table.name}", recursive=True, allow_not_found=True)
    stored = [entry.size for entry in filesystem.get_file_info(location) if entry.is_file]
    return TableSize(
        files=known["total-data-files"] + known["total-delete-files"],
        bytes=known["total-files-size"],
        stored_files=len(stored),
        stored_bytes=sum(stored),
    )


def expire_snapshots(spark: SparkSession, table: Table, older_than: datetime, needed: Collection[int]) -> int:
    """Return how many snapshots went: the older ones, but for the newest, the ``needed`` and all that came after those.

    ``needed`` may name snapshots of other tables as well.
    """
    committed = _commit_times(spark, table)
    floor = min([older_than, *(at for snapshot, at in committed.items() if snapshot in needed)])
    if all(at >= floor for at in committed.values()):
        return 0
    spark.sql(
        f"CALL {CATALOG}.system.expire_snapshots(table => '{table.full_name}', older_than => {_literal(floor)}, "
        "retain_last => 1, stream_results => true)"
    )
    return len(committed) - len(_commit_times(spark, table))


def remove_orphan_files(spark: SparkSession, table: Table, older_than: datetime) -> int:
    """Return how many files went that no snapshot names and that were written before: not those of a running job."""
    # Listed by what reads the table, so that a path has one spelling.
    removed = spark.sql(
        f"CALL {CATALOG}.system.remove_orphan_files(table => '{table.full_name}', "
        f"older_than => {_literal(older_than)}, prefix_listing => true)"
    )
    return removed.count()


def _commit_times(spark: SparkSession, table: Table) -> dict[int, datetime]:
    snapshots = load(spark, table).snapshots()
    return {at.snapshotId(): _EPOCH + timedelta(milliseconds=at.timestampMillis()) for at in snapshots}


def _literal(moment: datetime) -> str:
    return f"TIMESTAMP '{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f} UTC'"

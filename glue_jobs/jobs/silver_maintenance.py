"""The Glue job ``silver_maintenance``: Silver's tables in few files, with the former snapshots that are promised.

Its arguments are in ``glue_jobs/jobs/arguments.py``. Compaction is one more run of the job whose tables it rewrites: on
branches, published with the leading table or not at all. Of two runs at once the later one changes nothing and says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain

from pyspark.sql import SparkSession

from glue_jobs.jobs import silver_api, silver_tasks
from glue_jobs.jobs.arguments import parse_arguments
from glue_jobs.jobs.as_glue_job import Measured, run_as_glue_job
from glue_jobs.jobs.outcome import Observer, to_log
from glue_jobs.schemas.table import Table
from glue_jobs.session import lake_settings, start_session
from glue_jobs.storage import iceberg
from glue_jobs.storage.compaction import CompactionError, compact
from glue_jobs.storage.maintenance import TableSize, expire_snapshots, remove_orphan_files, table_size

# The tables of each job, the leading one first.
JOBS = {"silver_tasks": silver_tasks.TABLES, "silver_api": silver_api.TABLES}
# Longer than any job runs: a younger file may be one that it has yet to commit.
ORPHANED_FOR = timedelta(days=3)


@dataclass(frozen=True)
class Upkeep:
    """One run of maintenance: where, under which id, since when snapshots stay, and before when files are orphans."""

    spark: SparkSession
    lake: str
    run_id: str
    retained_since: datetime
    orphaned_before: datetime


@dataclass(frozen=True)
class Maintained:
    """What maintenance did to one table, and how large the table was before and after."""

    table: str
    partitions_rewritten: int
    snapshots_expired: int
    orphans_removed: int
    before: TableSize
    after: TableSize


def main(argv: Sequence[str], observe: Observer = to_log) -> list[Maintained]:
    """Return what was done to each Silver table; raise PublishError if a run of its job published meanwhile."""
    arguments = parse_arguments(argv, "silver_maintenance")
    spark = start_session(arguments.job, lake_settings(arguments.lake))
    now = datetime.now(UTC)
    retained_since = now - timedelta(days=arguments.retention_days)
    return maintain(Upkeep(spark, arguments.lake, arguments.run_id, retained_since, now - ORPHANED_FOR), JOBS, observe)


def maintain(upkeep: Upkeep, jobs: Mapping[str, Sequence[Table]], observe: Observer) -> list[Maintained]:
    """Return what was done to each table of these jobs; a table of two jobs is there once."""
    spark, lake = upkeep.spark, upkeep.lake
    tables = list({table.full_name: table for table in chain.from_iterable(jobs.values())}.values())
    for table in tables:
        iceberg.create_or_evolve(spark, table, lake)
    before = [table_size(spark, table, lake) for table in tables]
    rewritten: dict[str, int] = {}
    for job, its_tables in jobs.items():
        rewritten |= compact(spark, its_tables, f"{job}_maintenance_{upkeep.run_id}")
    needed = _named_snapshots(spark, tables)
    done = []
    for table, size in zip(tables, before, strict=True):
        expired = expire_snapshots(spark, table, upkeep.retained_since, needed)
        orphans = remove_orphan_files(spark, table, upkeep.orphaned_before)
        after = table_size(spark, table, lake)
        done.append(Maintained(table.full_name, rewritten.get(table.full_name, 0), expired, orphans, size, after))
        observe(_line(done[-1]))
    return done


def _named_snapshots(spark: SparkSession, tables: Iterable[Table]) -> set[int]:
    """Return the snapshots up to which some table has read its source: the next run reads on from there."""
    heads = [iceberg.head(spark, table) for table in tables]
    named = chain.from_iterable(head.properties.values() for head in heads if head)
    return {int(value) for value in named if value.isdigit()}


def _line(done: Maintained) -> str:
    return (
        f"{done.table}: {done.before.files:,} files are now {done.after.files:,}, "
        f"{done.snapshots_expired:,} snapshots expired, {done.orphans_removed:,} orphans removed, "
        f"{done.before.stored_bytes:,} bytes stored are now {done.after.stored_bytes:,}"
    )


def measure(done: Sequence[Maintained], _: datetime) -> Measured:
    """Return what maintenance did to all tables together, what they store now, and each table's files."""
    metrics = {
        "PartitionsRewritten": sum(table.partitions_rewritten for table in done),
        "SnapshotsExpired": sum(table.snapshots_expired for table in done),
        "OrphansRemoved": sum(table.orphans_removed for table in done),
        "StoredBytes": sum(table.after.stored_bytes for table in done),
    }
    return Measured(metrics, {table.table: table.after.files for table in done})


if __name__ == "__main__":
    run_as_glue_job("silver_maintenance", main, measure, (CompactionError,))

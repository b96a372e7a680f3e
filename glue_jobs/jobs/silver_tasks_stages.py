"""What ``silver_tasks`` writes to its branch, table by table, before anything is audited."""

from dataclasses import dataclass

from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F

from data_quality.suites import quarantine as quarantine_suite
from data_quality.suites import task_changes as task_changes_suite
from data_quality.suites import tasks as tasks_suite
from data_quality.suites import tasks_per_user_daily as daily_suite
from glue_jobs.jobs.write_audit_publish import Run, Staged
from glue_jobs.schemas import bronze
from glue_jobs.schemas.silver import QUARANTINE, TASK_CHANGES, TASKS, TASKS_PER_USER_DAILY
from glue_jobs.schemas.table import Table
from glue_jobs.storage import iceberg, ledger
from glue_jobs.storage.bronze import read_bronze, read_claimed
from glue_jobs.transforms.task_changes import keep_typed, parse_task_changes, to_quarantine, with_claimed_images
from glue_jobs.transforms.tasks import SEQUENCE, keep_latest_change, to_tasks
from glue_jobs.transforms.tasks_per_user_daily import to_tasks_per_user_daily, with_activity_date

BRONZE_PREFIX = "bronze/task_changes/"


@dataclass(frozen=True)
class Batch:
    """What Bronze holds that Silver has not read: parsed rows, and the ledger position behind them."""

    parsed: DataFrame
    rows: int
    rejected: int
    days: Column
    position: ledger.Position
    published: iceberg.Snapshot | None


def read_batch(run: Run) -> Batch | None:
    """Return what the ledger lists beyond the position ``silver.task_changes`` was published with, or None.

    Where the ledger has only grown by other tables' objects the position moves alone: no later run reads them again.
    """
    published = iceberg.head(run.spark, TASK_CHANGES)
    read_through = published.read_through if published else None
    position = ledger.Position.from_json(read_through) if read_through else None
    arrivals = ledger.read_after(run.lake, BRONZE_PREFIX, position)
    if arrivals.position is None:
        return None
    if not arrivals.object_keys:
        if arrivals.ledger_objects:
            iceberg.move_position(run.spark, iceberg.name(TASK_CHANGES), arrivals.position.to_json())
        return None
    rows = read_bronze(run.spark, run.lake, arrivals.object_keys, bronze.TASK_CHANGES)
    parsed, tally = _parsed(rows)
    if tally["claimed"]:
        # Rare, so it is paid when it happens: most batches are parsed once, and nothing is looked up beside Bronze.
        parsed.unpersist()
        images = read_claimed(run.spark, run.lake, sorted(tally["claimed"]), bronze.CLAIMED_IMAGES)
        parsed, tally = _parsed(with_claimed_images(rows, images))
    return Batch(parsed, tally["rows"], tally["rejected"], _days_of(parsed), arrivals.position, published)


def _parsed(rows: DataFrame) -> tuple[DataFrame, Row]:
    """Return the rows typed, and their number, how many have a fault, and the objects that hold images for some."""
    parsed = parse_task_changes(rows).persist()
    counts = F.count("*").alias("rows"), F.count("reason").alias("rejected")
    return parsed, parsed.agg(*counts, F.collect_set("images_object").alias("claimed")).collect()[0]


def stage_quarantine(run: Run, batch: Batch) -> Staged:
    """Write the rows that could not be typed; a row that is there already stays as it is."""
    iceberg.open_branch(run.spark, QUARANTINE, run.branch)
    known = run.spark.table(iceberg.name(QUARANTINE)).select("event_id")
    quarantined = to_quarantine(batch.parsed, F.current_timestamp()).join(known, "event_id", "left_anti").persist()
    iceberg.append(quarantined, QUARANTINE, run.branch, batch.position.to_json())
    return Staged(
        QUARANTINE,
        quarantine_suite.audited(quarantined, batch.rejected, batch.rows),
        quarantine_suite.expectations(),
        rows_in=batch.rejected,
        rows_out=quarantined.count(),
    )


def stage_task_changes(run: Run, batch: Batch) -> Staged:
    """Write the changes that are not there yet, by ``event_id``."""
    iceberg.open_branch(run.spark, TASK_CHANGES, run.branch)
    # A change that comes again has the same changed_at: only those days of the table can hold it already.
    known = run.spark.table(iceberg.name(TASK_CHANGES)).where(batch.days).select("event_id")
    new = keep_typed(batch.parsed).join(known, "event_id", "left_anti").select(TASK_CHANGES.columns.names)
    iceberg.append(new, TASK_CHANGES, run.branch, batch.position.to_json())
    staged = iceberg.head(run.spark, TASK_CHANGES, run.branch)
    added = iceberg.read_added(run.spark, TASK_CHANGES, _id(batch.published), _id(staged))
    return Staged(
        TASK_CHANGES,
        task_changes_suite.audited(added, run.staged(TASK_CHANGES).where(batch.days)),
        task_changes_suite.expectations(),
        rows_in=batch.rows,
        rows_out=added.count(),
        rejected=batch.rejected,
    )


def stage_tasks(run: Run) -> Staged | None:
    """Write the latest state of every task that the unread changes touch; None if there are none."""
    added, newest = _unread_changes(run, TASKS)
    rows_in = added.count()
    if not rows_in:
        return None
    latest = to_tasks(keep_latest_change(added)).persist()
    iceberg.open_branch(run.spark, TASKS, run.branch)
    iceberg.merge(latest, TASKS, run.branch, str(newest), newer=_IS_NEWER)
    return Staged(
        TASKS,
        tasks_suite.audited(added, run.staged(TASKS)),
        tasks_suite.expectations(),
        rows_in=rows_in,
        rows_out=latest.count(),
    )


def stage_tasks_per_user_daily(run: Run) -> Staged | None:
    """Write anew every (day, user) that the unread changes touch; None if there are none."""
    added, newest = _unread_changes(run, TASKS_PER_USER_DAILY)
    rows_in = added.count()
    if not rows_in:
        return None
    pairs = with_activity_date(added).select("activity_date", "user_id").distinct()
    history = with_activity_date(iceberg.read_added(run.spark, TASK_CHANGES, None, newest).where(_days_of(added)))
    touched = history.join(F.broadcast(pairs), ["activity_date", "user_id"], "left_semi")
    daily = to_tasks_per_user_daily(touched).persist()
    iceberg.open_branch(run.spark, TASKS_PER_USER_DAILY, run.branch)
    iceberg.merge(daily, TASKS_PER_USER_DAILY, run.branch, str(newest))
    return Staged(
        TASKS_PER_USER_DAILY,
        daily_suite.audited(touched, run.staged(TASKS_PER_USER_DAILY)),
        daily_suite.expectations(),
        rows_in=rows_in,
        rows_out=daily.count(),
    )


_IS_NEWER = " > ".join(SEQUENCE.format(f"{side}.last_sequence_number") for side in ("source", "target"))


def _unread_changes(run: Run, table: Table) -> tuple[DataFrame, int | None]:
    """Return the changes that ``table`` has not consumed, and the snapshot of ``task_changes`` they reach.

    That is the one this run has staged, if it did; else the published one.
    """
    consumed = iceberg.head(run.spark, table)
    newest = iceberg.head(run.spark, TASK_CHANGES, run.branch) or iceberg.head(run.spark, TASK_CHANGES)
    after = int(consumed.read_through) if consumed and consumed.read_through else None
    return iceberg.read_added(run.spark, TASK_CHANGES, after, _id(newest)), _id(newest)


def _id(snapshot: iceberg.Snapshot | None) -> int | None:
    return snapshot.id if snapshot else None


def _days_of(changes: DataFrame) -> Column:
    """Return the condition that holds on the days these changes span.

    Text carries the bounds: a collected timestamp would pass through the driver's own time zone.
    """
    day = F.date_trunc("day", "changed_at")
    first, last = changes.agg(F.min(day).cast("string"), F.max(day).cast("string")).collect()[0]
    changed_at, end = F.col("changed_at"), F.lit(last).cast("timestamp") + F.expr("INTERVAL 1 DAY")
    return (changed_at >= F.lit(first).cast("timestamp")) & (changed_at < end)

"""What Bronze holds that ``silver_tasks`` has not read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from glue_jobs.jobs.quarantine import Source, read_source
from glue_jobs.jobs.write_audit_publish import Run
from glue_jobs.schemas import bronze
from glue_jobs.storage.bronze import read_claimed
from glue_jobs.storage.days import DayRange, covering_ranges
from glue_jobs.transforms.task_changes import with_claimed_images

BRONZE = Source("bronze.task_changes", "event_id", bronze.TASK_CHANGES)
_PREFIX = "bronze/task_changes/"
# Slices of a batch's time, each for one task: more of them than tasks that run at once keep those all busy.
_SLICES = 32


@dataclass(frozen=True)
class Batch:
    """Bronze rows, what a first look at them found, and the ledger position behind them.

    ``cuts`` are the times, in Unix seconds, that cut the rows into slices of about equal size.
    """

    bronze_rows: DataFrame
    rows: int
    objects: int
    days: Sequence[DayRange]
    cuts: Sequence[int]
    newest_at: datetime | None
    read_through: str | None


def read_batch(run: Run, replay_quarantine: bool) -> Batch | None:
    """Return what the ledger lists beyond the position ``silver.task_changes`` was published with, or None.

    All that it lists for a rebuild; a replay adds the rows in quarantine.
    """
    arrivals = run.arrivals(_PREFIX)
    if not arrivals.ledger_objects and not replay_quarantine:
        return None
    # One pass over narrow columns: with what it finds, the images are neither kept in memory nor parsed twice.
    narrow = read_source(run, BRONZE, arrivals, replay_quarantine, ["changed_at", "images_object"])
    seconds = F.unix_timestamp("changed_at")
    [seen] = narrow.agg(
        F.count("*").alias("rows"),
        F.collect_set(F.to_date("changed_at")).alias("days"),
        F.percentile_approx(seconds, [n / _SLICES for n in range(1, _SLICES)]).alias("cuts"),
        F.max(seconds).alias("newest"),
        F.collect_set("images_object").alias("claimed"),
    ).collect()
    if not arrivals.ledger_objects and not seen.rows:
        return None
    rows = read_source(run, BRONZE, arrivals, replay_quarantine)
    if seen.claimed:
        images = read_claimed(run.spark, run.lake, sorted(seen.claimed), bronze.CLAIMED_IMAGES)
        rows = with_claimed_images(rows, images)
    return Batch(
        bronze_rows=rows,
        rows=seen.rows,
        objects=len(arrivals.object_keys),
        days=covering_ranges(seen.days),
        cuts=sorted(set(seen.cuts or [])),
        newest_at=datetime.fromtimestamp(seen.newest, UTC) if seen.newest is not None else None,
        read_through=arrivals.position.to_json() if arrivals.position else None,
    )

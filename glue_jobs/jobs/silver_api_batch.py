"""What Bronze holds that ``silver_api`` has not read."""

from dataclasses import dataclass
from datetime import UTC, datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from glue_jobs.jobs.quarantine import Source, read_source
from glue_jobs.jobs.write_audit_publish import Run
from glue_jobs.schemas import bronze
from glue_jobs.storage.bronze import read_claimed
from glue_jobs.transforms.api_logs import parse_api_logs, with_claimed_messages

BRONZE = Source("bronze.api_logs", "log_event_id", bronze.API_LOGS)
_PREFIX = "bronze/api_logs/"


@dataclass(frozen=True)
class Batch:
    """Parsed lines, what a first look at them found, and the ledger position behind them.

    Without ``is_new`` there is nothing to read: no line, and no object of other tables to read past.
    """

    parsed: DataFrame
    is_new: bool
    rows: int
    objects: int
    newest_at: datetime | None
    read_through: str | None


def read_batch(run: Run, replay_quarantine: bool) -> Batch:
    """Return what the ledger lists beyond the position ``silver.api_requests`` was published with.

    All that it lists for a rebuild; a replay adds the rows in quarantine.
    """
    arrivals = run.arrivals(_PREFIX)
    narrow = read_source(run, BRONZE, arrivals, replay_quarantine, ["logged_at", "message_object"])
    [seen] = narrow.agg(
        F.count("*").alias("rows"),
        F.max(F.unix_timestamp("logged_at")).alias("newest"),
        F.collect_set("message_object").alias("claimed"),
    ).collect()
    rows = read_source(run, BRONZE, arrivals, replay_quarantine)
    if seen.claimed:
        messages = read_claimed(run.spark, run.lake, sorted(seen.claimed), bronze.CLAIMED_MESSAGE)
        rows = with_claimed_messages(rows, messages)
    return Batch(
        parsed=parse_api_logs(rows),
        is_new=bool(arrivals.ledger_objects or seen.rows),
        rows=seen.rows,
        objects=len(arrivals.object_keys),
        newest_at=datetime.fromtimestamp(seen.newest, UTC) if seen.newest is not None else None,
        read_through=arrivals.position.to_json() if arrivals.position else None,
    )

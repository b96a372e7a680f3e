"""How a job runs as Glue starts it: lines in the driver's log, metrics in CloudWatch, one line where it stops."""

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from awsglue.utils import GlueArgumentError

from data_quality.gate import GateFailedError
from glue_jobs.jobs.outcome import JobOutcome
from glue_jobs.storage.ledger import LedgerError
from glue_jobs.storage.publishing import PublishError
from glue_jobs.storage.unreadable import BronzeError

NAMESPACE = "TaskLake"
DIMENSION = "JobName"
Done = TypeVar("Done")

_COUNTS = {"RowsIn": "rows_in", "RowsOut": "rows_out", "Deduplicated": "deduplicated", "Quarantined": "rejected"}
_UNITS = {"Lag": "Seconds", "Seconds": "Seconds", "StoredBytes": "Bytes"}


@dataclass(frozen=True)
class Measured:
    """A run's metrics by name, and what its line says of each table besides, which is no metric."""

    metrics: Mapping[str, float]
    tables: Mapping[str, object]


def run_as_glue_job(
    job: str,
    main: Callable[[Sequence[str]], Done],
    measure: Callable[[Done, datetime], Measured],
    stopped_by: tuple[type[Exception], ...] = (),
) -> None:
    """Run a job on the process's arguments and print its metrics; exit with one line where it cannot go on.

    ``stopped_by`` are the job's own errors, besides those that every job has. The gate's is a metric too: an alarm
    tells it from a job that was killed.
    """
    started = time.monotonic()
    try:
        done = main(sys.argv)
    except (GlueArgumentError, GateFailedError, LedgerError, PublishError, BronzeError, *stopped_by) as error:
        if isinstance(error, GateFailedError):
            print(metrics_line(job, Measured(_of_run(started, gate_failed=1), {}), datetime.now(UTC)), flush=True)
        sys.exit(f"{job}: {error}")
    now = datetime.now(UTC)
    measured = measure(done, now)
    metrics = {**measured.metrics, **_of_run(started, gate_failed=0)}
    print(metrics_line(job, Measured(metrics, measured.tables), now), flush=True)


def _of_run(started: float, gate_failed: int) -> dict[str, float]:
    return {"Seconds": round(time.monotonic() - started, 3), "GateFailed": gate_failed}


def measure_outcome(outcome: JobOutcome, now: datetime) -> Measured:
    """Return the counts of a run that made tables, and how long ago the newest change was that it brought."""
    counted = outcome.tables[:1] if outcome.is_led else outcome.tables
    metrics: dict[str, float] = {
        name: sum(getattr(table, field) for table in counted) for name, field in _COUNTS.items()
    }
    metrics["BronzeObjects"] = outcome.bronze_objects
    if outcome.newest_at:
        metrics["Lag"] = round((now - outcome.newest_at).total_seconds(), 3)
    return Measured(metrics, {table.table: table.verdict for table in outcome.tables})


def metrics_line(job: str, measured: Measured, now: datetime) -> str:
    """Return a run's metrics as a line in CloudWatch's embedded metric format."""
    metrics = [{"Name": name, "Unit": _UNITS.get(name, "Count")} for name in measured.metrics]
    directive = {"Namespace": NAMESPACE, "Dimensions": [[DIMENSION]], "Metrics": metrics}
    return json.dumps(
        {
            "_aws": {"Timestamp": int(now.timestamp() * 1000), "CloudWatchMetrics": [directive]},
            DIMENSION: job,
            **measured.metrics,
            "tables": measured.tables,
        },
        separators=(",", ":"),
    )

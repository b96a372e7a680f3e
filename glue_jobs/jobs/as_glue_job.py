"""How a job runs as Glue starts it: lines in the driver's log, metrics in CloudWatch, one line where it stops."""

import json
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from awsglue.utils import GlueArgumentError

from data_quality.gate import GateFailedError
from glue_jobs.jobs.outcome import JobOutcome
from glue_jobs.storage.ledger import LedgerError
from glue_jobs.storage.publishing import PublishError

_COUNTS = {"RowsIn": "rows_in", "RowsOut": "rows_out", "Deduplicated": "deduplicated", "Quarantined": "rejected"}


def run_as_glue_job(
    job: str, main: Callable[[Sequence[str]], JobOutcome], stopped_by: tuple[type[Exception], ...] = ()
) -> None:
    """Run a job on the process's arguments and print its metrics; exit with one line where it cannot go on.

    ``stopped_by`` are the job's own errors, besides those that every job has.
    """
    try:
        outcome = main(sys.argv)
    except (GlueArgumentError, GateFailedError, LedgerError, PublishError, *stopped_by) as error:
        sys.exit(f"{job}: {error}")
    print(metrics_line(job, outcome, datetime.now(UTC)), flush=True)


def metrics_line(job: str, outcome: JobOutcome, now: datetime) -> str:
    """Return the run's metrics, with the newest change's lag, as a line in CloudWatch's embedded metric format."""
    counted = outcome.tables[:1] if outcome.is_led else outcome.tables
    values: dict[str, float] = {
        name: sum(getattr(table, field) for table in counted) for name, field in _COUNTS.items()
    }
    units = dict.fromkeys(_COUNTS, "Count") | {"BronzeObjects": "Count"}
    values["BronzeObjects"] = outcome.bronze_objects
    if outcome.newest_at:
        values["Lag"], units["Lag"] = round((now - outcome.newest_at).total_seconds(), 3), "Seconds"
    metrics = [{"Name": name, "Unit": unit} for name, unit in units.items()]
    directive = {"Namespace": "TaskLake", "Dimensions": [["JobName"]], "Metrics": metrics}
    return json.dumps(
        {
            "_aws": {"Timestamp": int(now.timestamp() * 1000), "CloudWatchMetrics": [directive]},
            "JobName": job,
            **values,
            "tables": {table.table: table.verdict for table in outcome.tables},
        },
        separators=(",", ":"),
    )

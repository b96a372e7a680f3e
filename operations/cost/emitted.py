"""What the functions and the jobs write to CloudWatch: how many metrics a line has, and its bytes."""

import json
from contextlib import redirect_stdout
from datetime import UTC, datetime
from io import StringIO

from cdc_lambda.batch import Batch
from cdc_lambda.delivery import Receipt
from cdc_lambda.invocation_log import to_directive, to_metrics


def emitted_metrics() -> dict[str, int]:
    """Return how many metrics one line of a function, and one of a job, makes."""
    # Great Expectations takes seconds to import.
    from glue_jobs.jobs.as_glue_job import measure_outcome, run_as_glue_job  # noqa: PLC0415
    from glue_jobs.jobs.outcome import JobOutcome, TableOutcome  # noqa: PLC0415

    outcome, said = JobOutcome([TableOutcome("silver.tasks")], newest_at=datetime(2025, 1, 1, tzinfo=UTC)), StringIO()
    with redirect_stdout(said):
        run_as_glue_job("job", lambda _: outcome, measure_outcome)
    names = json.loads(said.getvalue())["_aws"]["CloudWatchMetrics"][0]["Metrics"]
    return {"function": len(_function_metrics()), "job": len(names)}


def _function_metrics() -> dict[str, int]:
    return to_metrics(Batch(received=100, oldest_at="2025-10-15 10:00:00.000"), Receipt(), 1_760_522_400)


def function_log_bytes() -> int:
    """Return the bytes of a function's own line, without what is a few bytes more or less in each."""
    metrics = _function_metrics()
    return len(json.dumps(metrics | {"_aws": to_directive(metrics, 1_760_522_400)})) + 300

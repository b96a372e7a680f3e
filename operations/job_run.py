"""A run of one of the lake's Glue jobs, started by hand and followed to its end."""

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from operations.aws_errors import error_code, error_message
from operations.deployed_lake import DeployedLake
from operations.errors import OperationError, OptionError, StillRunningError
from operations.progress import Stages

SECONDS_BETWEEN_LOOKS: Final = 10.0
# docs/aws-semantics.md#glue-job-arguments-9
_ENDED: Final = {"SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT", "ERROR", "EXPIRED"}
SILVER: Final = "silver_tasks", "silver_api"
GOLD: Final = "gold"
MAINTENANCE: Final = "silver_maintenance"
# The template's Timeout is a daily run's. Years take longer, and Glue would stop them after an hour of work.
REBUILD_MINUTES: Final = 24 * 60
LOG_GROUP: Final = "/task-lake/jobs/output"


def run_job(
    lake: DeployedLake,
    stages: Stages,
    job: str,
    arguments: Mapping[str, str],
    sleep: Callable[[float], object] = time.sleep,
) -> int:
    """Start a job with these arguments over its defaults and return its seconds; raise OperationError if it fails."""
    glue = lake.account.client("glue")
    # The root is a default too; docs/aws-semantics.md#glue-job-arguments-4 says why it is given all the same.
    run_id = _start(glue, lake, job, {"--LAKE": lake.root, **arguments})
    with stages.stage(f"Glue    {job}", 1) as bar:
        try:
            while (run := glue.get_job_run(JobName=job, RunId=run_id)["JobRun"])["JobRunState"] not in _ENDED:
                bar.say(f"{run['JobRunState']} {run_id}")
                sleep(SECONDS_BETWEEN_LOOKS)
        except KeyboardInterrupt as error:
            raise StillRunningError(
                f"{job} runs on, as {run_id}: `aws glue batch-stop-job-run --job-name {job} --job-run-ids {run_id}` "
                f"stops it, its log is {LOG_GROUP}"
            ) from error
    if run["JobRunState"] != "SUCCEEDED":
        raise OperationError(failure(job, run))
    return int(run.get("ExecutionTime", 0))


def failure(job: str, run: Mapping[str, Any]) -> str:
    """Return why a run failed, in one line; ``run`` is Glue's description of it."""
    said = " ".join(run.get("ErrorMessage", "").removeprefix("SystemExit: ").split()) or "Glue names no cause"
    log = f"its log: {LOG_GROUP}, stream {run['Id']}" if "Id" in run else f"its log: {LOG_GROUP}"
    return f"{job} ended {run.get('JobRunState', 'FAILED')}: {said.rstrip('.')}; {log}"


def _start(glue: Any, lake: DeployedLake, job: str, arguments: Mapping[str, str]) -> str:
    try:
        longer = {"Timeout": REBUILD_MINUTES} if "--REBUILD" in arguments else {}
        return str(glue.start_job_run(JobName=job, Arguments=dict(arguments), **longer)["JobRunId"])
    except ClientError as error:
        code = error_code(error)
        if code == "ConcurrentRunsExceededException":
            raise OperationError(
                f"a run of {job} is under way, and one at a time may be: wait for it to end, then type this again"
            ) from error
        if code == "EntityNotFoundException":
            raise OptionError(f"there is no Glue job {job}: `make deploy{lake.option}`") from error
        if code == "InvalidInputException":
            raise OptionError(f"Glue does not take this for {job}: {error_message(error)}") from error
        raise

"""The last executions of the state machine, and the last run of each job."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from operations.account import Account
from operations.aws_errors import error_code
from operations.status.section import Line, ago, lasting

JOBS = ("silver_tasks", "silver_api", "silver_maintenance", "gold")
_SHOWN = 5
_FAILED = {"ABORTED", "ERROR", "EXPIRED", "FAILED", "STOPPED", "TIMED_OUT", "TIMEOUT"}


def executions(account: Account, now: datetime) -> Iterator[Line]:
    """Yield a line an execution, the newest first; red if the newest one that ended did not end well."""
    machine = f"arn:{account.partition}:states:{account.region}:{account.id}:stateMachine:task-lake"
    states = account.client("stepfunctions")
    try:
        found = states.list_executions(stateMachineArn=machine, maxResults=_SHOWN)["executions"]
    except ClientError as error:
        if error_code(error) != "StateMachineDoesNotExist":
            raise
        yield Line("there is no state machine task-lake yet", is_note=True)
        return
    if not found:
        yield Line("none yet")
    newest = next((number for number, one in enumerate(found) if one["status"] != "RUNNING"), None)
    for number, one in enumerate(found):
        until = one.get("stopDate") or now
        said = f"{ago(one['startDate'], now):<18} {one['status']:<10} {lasting(until - one['startDate'])}"
        yield Line(said, is_red=number == newest and one["status"] in _FAILED)


def job_runs(account: Account, now: datetime) -> Iterator[Line]:
    """Yield a line a job: how its last run went; red if it failed."""
    glue = account.client("glue")
    for job in JOBS:
        try:
            found = glue.get_job_runs(JobName=job, MaxResults=1)["JobRuns"]
        except ClientError as error:
            if error_code(error) != "EntityNotFoundException":
                raise
            yield Line(f"{job:<20} is not deployed", is_note=True)
            continue
        yield _job_run(job, found[0], now) if found else Line(f"{job:<20} never ran")


def _job_run(job: str, run: dict[str, Any], now: datetime) -> Line:
    state, seconds = run["JobRunState"], run.get("ExecutionTime", 0)
    # Jobs without auto scaling have no DPUSeconds. docs/aws-semantics.md#cloudformation-7
    dpu_seconds = run.get("DPUSeconds") or seconds * run.get("MaxCapacity", 0)
    took = f"{lasting(timedelta(seconds=seconds))}, {dpu_seconds / 3600:.2f} DPU-hours"
    why = f": {' '.join(run.get('ErrorMessage', '').split())}" if state in _FAILED else ""
    return Line(f"{job:<20} {ago(run['StartedOn'], now):<18} {state:<10} {took}{why}", is_red=state in _FAILED)

"""An execution of the lake's state machine: started by hand, and followed to its end."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from botocore.exceptions import ClientError

from operations.aws_errors import error_code
from operations.deployed_lake import DeployedLake
from operations.errors import OperationError, OptionError, StillRunningError
from operations.job_run import GOLD, MAINTENANCE, SILVER, failure
from operations.progress import Bar

STATE_MACHINE: Final = "task-lake"
SECONDS_BETWEEN_LOOKS: Final = 10.0
_FAILURES: Final = "TaskFailed", "TaskTimedOut", "TaskStartFailed", "TaskSubmitFailed"


def run_input(from_date: str, to_date: str, is_maintenance: bool) -> dict[str, Any]:
    """Return the state machine's input; raise OptionError for days that are none, or in the wrong order."""
    if bool(from_date) != bool(to_date):
        raise OptionError("say both days, FROM_DATE=YYYY-MM-DD TO_DATE=YYYY-MM-DD, or none")
    days: dict[str, Any] = {"from_date": from_date, "to_date": to_date} if from_date else {}
    for name, text in days.items():
        parse_day(name.upper(), text)
    if from_date > to_date:
        raise OptionError(f"FROM_DATE={from_date} is after TO_DATE={to_date}: the first day is not after the last")
    return days | ({"maintenance": True} if is_maintenance else {})


def parse_day(name: str, text: str) -> date:
    """Return the day that an option says; raise OptionError if it is none."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if day.year < 2000 or text != day.isoformat():
        raise OptionError(f"{name}={text} is no day: say it as YYYY-MM-DD, such as 2025-10-15")
    return day


def start(lake: DeployedLake, given: Mapping[str, Any]) -> str:
    """Start the state machine and return the execution's ARN; raise OperationError if one is running already."""
    account = lake.account
    steps = account.client("stepfunctions")
    machine = f"arn:{account.partition}:states:{account.region}:{account.id}:stateMachine:{STATE_MACHINE}"
    try:
        running = steps.list_executions(stateMachineArn=machine, statusFilter="RUNNING")["executions"]
        if running:
            raise OperationError(
                f"a run is under way since {running[0]['startDate']:%Y-%m-%d %H:%M %Z}, and one at a time may be: "
                f"{watch(lake, running[0]['executionArn'])}"
            )
        return str(steps.start_execution(stateMachineArn=machine, input=json.dumps(given))["executionArn"])
    except ClientError as error:
        if error_code(error) == "StateMachineDoesNotExist":
            raise OptionError(f"there is no state machine {STATE_MACHINE}: `make deploy{lake.option}`") from error
        raise


def watch(lake: DeployedLake, arn: str) -> str:
    """Return where an execution can be watched."""
    if lake.account.partition != "aws":
        return arn
    region = lake.account.region
    return f"https://{region}.console.aws.amazon.com/states/home?region={region}#/v2/executions/details/{arn}"


def follow(lake: DeployedLake, arn: str, bar: Bar, sleep: Callable[[float], object] = time.sleep) -> None:
    """Return when the execution has ended well; raise OperationError, a line a failed job, if it did not."""
    steps, history = lake.account.client("stepfunctions"), _History()
    wanted = history.jobs_of(json.loads(steps.describe_execution(executionArn=arn)["input"]))
    try:
        while True:
            # Looked at before its events: the last ones are there once it has ended.
            execution = steps.describe_execution(executionArn=arn)
            for line in history.read(_events(steps, arn, history.seen)):
                bar.say(line)
            bar.reach(len(history.done & wanted), len(wanted))
            if execution["status"] != "RUNNING":
                break
            sleep(SECONDS_BETWEEN_LOOKS)
    except KeyboardInterrupt as error:
        raise StillRunningError(f"the run goes on: {watch(lake, arn)}") from error
    if execution["status"] != "SUCCEEDED":
        cause = execution.get("cause") or execution.get("error") or "it says no more"
        ended = f"the run ended {execution['status']}: {' '.join(cause.split())}"
        row = f"docs/runbook.md#state-machine-{execution['status'].lower().replace('_', '-')}"
        raise OperationError(
            "\n".join([*history.failures.values(), f"{ended}; {row} says what to do; {watch(lake, arn)}"])
        )


@dataclass
class _History:
    """What the events of an execution, read in their order, tell of its jobs."""

    seen: int = 0
    done: set[str] = field(default_factory=set)
    failures: dict[str, str] = field(default_factory=dict)
    # The state that an event belongs to: Step Functions names it where the state is entered, and in no other event.
    _states: dict[int, str] = field(default_factory=dict)

    @staticmethod
    def jobs_of(given: Mapping[str, Any]) -> set[str]:
        """Return the jobs that a run of this input runs."""
        return {*SILVER, GOLD, *([MAINTENANCE] if given.get("maintenance") else [])}

    def read(self, events: list[Mapping[str, Any]]) -> Iterator[str]:
        """Take new events and yield what is worth showing of them."""
        for event in events:
            self.seen = event["id"]
            entered = event.get("stateEnteredEventDetails", {}).get("name")
            state = entered or self._states.get(event.get("previousEventId", 0), "")
            self._states[event["id"]] = state
            if entered:
                yield f"{state} begins"
            elif event["type"] == "TaskSucceeded":
                self.done.add(state)
                self.failures.pop(state, None)
            elif event["type"] in _FAILURES:
                self.failures[state] = _failure(state, event)
                yield f"{state} failed"


def _events(steps: Any, arn: str, seen: int) -> list[Mapping[str, Any]]:
    """Return the events after one that was seen, in their order; those before it are not asked for again."""
    found: list[Mapping[str, Any]] = []
    pages = steps.get_paginator("get_execution_history")
    for page in pages.paginate(executionArn=arn, reverseOrder=True, includeExecutionData=True):
        found += [event for event in page["events"] if event["id"] > seen]
        if not page["events"] or page["events"][-1]["id"] <= seen:
            break
    return found[::-1]


def _failure(state: str, event: Mapping[str, Any]) -> str:
    details: Mapping[str, Any] = next((value for name, value in event.items() if name.endswith("EventDetails")), {})
    cause = details.get("cause") or details.get("error") or "no cause is given"
    try:
        run = json.loads(cause)
        return failure(run["JobName"], run)
    except (ValueError, LookupError, TypeError):
        return f"{state} failed: {' '.join(cause.split())}"

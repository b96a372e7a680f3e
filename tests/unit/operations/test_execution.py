import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from operations.account import Account
from operations.deployed_lake import DeployedLake
from operations.errors import OperationError, OptionError, StillRunningError
from operations.execution import follow, parse_day, run_input, start, watch
from tests.unit.operations.fakes import FakeBar, deployed_lake, refusal

MACHINE = "arn:aws:states:eu-central-1:123456789012:stateMachine:task-lake"
ARN = "arn:aws:states:eu-central-1:123456789012:execution:task-lake:one"

Event = dict[str, Any]


class FakeStepFunctions:
    """Step Functions with one state machine; each look at its execution finds some more events."""

    def __init__(self, *looks: list[Event], status: str = "SUCCEEDED", given: str = "{}", cause: str = "") -> None:
        self.looks, self.events = list(looks), list[Event]()
        self.status, self.given, self.cause = status, given, cause
        self.running: list[Mapping[str, Any]] = []
        self.refused: ClientError | None = None
        self.started: list[Mapping[str, Any]] = []
        self.events_read = 0

    def list_executions(self, **call: Any) -> Any:
        assert call["statusFilter"] == "RUNNING"
        if self.refused:
            raise self.refused
        return {"executions": self.running}

    def start_execution(self, **call: Any) -> Any:
        self.started.append(call)
        return {"executionArn": ARN}

    def describe_execution(self, **_: Any) -> Any:
        is_over = not self.looks
        end = {"status": self.status, "cause": self.cause} if is_over else {"status": "RUNNING"}
        return {"input": self.given, **end}

    def get_paginator(self, name: str) -> Any:
        assert name == "get_execution_history"
        return self

    def paginate(self, **call: Any) -> Iterator[Any]:
        assert call["reverseOrder"]
        self.events += self.looks.pop(0) if self.looks else []
        newest_first = self.events[::-1]
        for first in range(0, len(newest_first), 2):
            self.events_read += 2
            yield {"events": newest_first[first : first + 2]}
        yield {"events": []}


class Events:
    """The events of a state machine's history, as Step Functions numbers and links them."""

    def __init__(self) -> None:
        self.next_id = 1
        self.last: dict[str, int] = {}

    def entered(self, state: str) -> Event:
        return self._event(state, "TaskStateEntered", stateEnteredEventDetails={"name": state})

    def succeeded(self, state: str) -> Event:
        return self._event(state, "TaskSucceeded", taskSucceededEventDetails={"resourceType": "glue"})

    def failed(self, state: str, cause: str) -> Event:
        return self._event(state, "TaskFailed", taskFailedEventDetails={"error": "States.TaskFailed", "cause": cause})

    def _event(self, state: str, kind: str, **details: Any) -> Event:
        event = {"id": self.next_id, "previousEventId": self.last.get(state, 0), "type": kind, **details}
        self.last[state] = self.next_id
        self.next_id += 1
        return event


def job_failure(job: str, message: str) -> str:
    return json.dumps({"JobName": job, "Id": "jr_1", "JobRunState": "FAILED", "ErrorMessage": message})


def followed(steps: FakeStepFunctions, sleep: Any = lambda _: None) -> FakeBar:
    bar: Any = FakeBar()
    follow(deployed_lake(stepfunctions=steps), ARN, bar, sleep)
    told: FakeBar = bar
    return told


def test_without_days_the_input_is_empty() -> None:
    assert run_input("", "", is_maintenance=False) == {}
    assert run_input("", "", is_maintenance=True) == {"maintenance": True}


def test_days_are_handed_on() -> None:
    assert run_input("2025-10-14", "2025-10-15", False) == {"from_date": "2025-10-14", "to_date": "2025-10-15"}


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2025-10-14", "", "say both days"),
        ("", "2025-10-14", "say both days"),
        ("2025-10-15", "2025-10-14", "FROM_DATE=2025-10-15 is after TO_DATE=2025-10-14"),
        ("2025-02-30", "2025-03-01", "FROM_DATE=2025-02-30 is no day: say it as YYYY-MM-DD"),
        ("2025-03-01", "20250302", "TO_DATE=20250302 is no day"),
        ("0001-01-01", "2025-03-01", "FROM_DATE=0001-01-01 is no day"),
        ("yesterday", "2025-03-01", "FROM_DATE=yesterday is no day"),
    ],
)
def test_days_that_are_none_are_one_line_and_the_inputs_fault(first: str, last: str, said: str) -> None:
    with pytest.raises(OptionError) as end:
        run_input(first, last, is_maintenance=False)
    assert said in str(end.value)
    assert end.value.exit_code == 2


def test_a_day_is_a_day() -> None:
    assert parse_day("SINCE", "2025-10-15").day == 15


def test_the_state_machine_is_started_with_the_input() -> None:
    steps = FakeStepFunctions()
    assert start(deployed_lake(stepfunctions=steps), {"maintenance": True}) == ARN
    assert steps.started == [{"stateMachineArn": MACHINE, "input": '{"maintenance": true}'}]


def test_a_run_under_way_is_named_and_no_other_is_started() -> None:
    steps = FakeStepFunctions()
    steps.running = [{"executionArn": ARN, "startDate": datetime(2025, 10, 15, 2, 15, tzinfo=UTC)}]
    with pytest.raises(OperationError, match=f"a run is under way since 2025-10-15 02:15 UTC.*{ARN}"):
        start(deployed_lake(stepfunctions=steps), {})
    assert steps.started == []


def test_a_lake_without_a_state_machine_says_to_deploy() -> None:
    steps = FakeStepFunctions()
    steps.refused = refusal("StateMachineDoesNotExist", "ListExecutions")
    with pytest.raises(OptionError, match="there is no state machine task-lake: `make deploy STAGE=dev`"):
        start(deployed_lake(stepfunctions=steps), {})


def test_another_refusal_is_the_terminals_to_tell() -> None:
    steps = FakeStepFunctions()
    steps.refused = refusal("AccessDeniedException", "ListExecutions")
    with pytest.raises(ClientError):
        start(deployed_lake(stepfunctions=steps), {})


def test_where_to_watch_is_a_page_of_the_console_where_there_is_one() -> None:
    lake = deployed_lake()
    assert watch(lake, ARN).startswith("https://eu-central-1.console.aws.amazon.com/states/")
    china = Account(lake.account.session, lake.account.id, "aws-cn", "cn-north-1")
    assert watch(DeployedLake(china, lake.stage, lake.bucket), ARN) == ARN


def test_a_run_is_followed_job_by_job_to_its_end() -> None:
    events = Events()
    steps = FakeStepFunctions(
        [events.entered("silver_tasks"), events.entered("silver_api")],
        [events.succeeded("silver_api"), events.succeeded("silver_tasks"), events.entered("gold")],
        [events.succeeded("gold")],
    )
    bar = followed(steps)
    assert bar.said == ["silver_tasks begins", "silver_api begins", "gold begins"]
    assert bar.reached[0] == (0, 3)
    assert bar.reached[-1] == (3, 3)


def test_events_that_were_seen_are_not_read_again() -> None:
    events = Events()
    looks = [[events.entered(f"state {number}")] for number in range(20)]
    steps = FakeStepFunctions(*looks)
    followed(steps)
    assert steps.events_read <= 4 * 21


def test_a_weekly_run_has_one_job_more() -> None:
    assert followed(FakeStepFunctions([], given='{"maintenance": true}')).reached == [(0, 4), (0, 4)]


def test_a_run_that_fails_names_each_job_that_did_with_its_own_words() -> None:
    events = Events()
    steps = FakeStepFunctions(
        [events.entered("silver_tasks"), events.entered("silver_api")],
        [
            events.failed("silver_tasks", job_failure("silver_tasks", "SystemExit: silver_tasks: the gate stopped it")),
            events.failed("silver_api", "no machine\nwas free"),
        ],
        status="FAILED",
        cause="silver_tasks: FAILED, jr_1",
    )
    with pytest.raises(OperationError) as end:
        followed(steps)
    lines = str(end.value).splitlines()
    log = "its log: /task-lake/jobs/output, stream jr_1"
    assert lines[0] == f"silver_tasks ended FAILED: silver_tasks: the gate stopped it; {log}"
    assert lines[1] == "silver_api failed: no machine was free"
    assert lines[2].startswith(
        "the run ended FAILED: silver_tasks: FAILED, jr_1; docs/runbook.md#state-machine-failed says"
    )
    assert end.value.exit_code == 1


def test_a_job_that_was_well_in_the_second_round_is_not_among_the_failed() -> None:
    events = Events()
    steps = FakeStepFunctions(
        [events.entered("silver_tasks"), events.failed("silver_tasks", job_failure("silver_tasks", "OOM"))],
        [events.entered("silver_tasks"), events.succeeded("silver_tasks"), events.entered("gold")],
        [events.failed("gold", job_failure("gold", "SystemExit: gold: no"))],
        status="FAILED",
    )
    with pytest.raises(OperationError) as end:
        followed(steps)
    assert [line.partition(" ")[0] for line in str(end.value).splitlines()] == ["gold", "the"]


@pytest.mark.parametrize(("status", "row"), [("ABORTED", "aborted"), ("TIMED_OUT", "timed-out")])
def test_a_run_that_somebody_stopped_or_that_took_too_long_says_so(status: str, row: str) -> None:
    with pytest.raises(OperationError, match=f"the run ended {status}: it says no more; .*#state-machine-{row} says"):
        followed(FakeStepFunctions(status=status))


def test_an_interrupt_ends_the_waiting_and_says_that_the_run_goes_on() -> None:
    def interrupt(_seconds: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(StillRunningError, match="the run goes on: https://"):
        followed(FakeStepFunctions([], []), interrupt)

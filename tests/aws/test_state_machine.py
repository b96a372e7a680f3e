"""The state machine, run on the emulator under its own role: the happy path, what fails, what is refused.

Glue's runs are the emulator's: they succeed at once. One that fails is given by its mock configuration, which Step
Functions Local had, and which names a state, an attempt, and what the call answers.
"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

import pytest
from botocore.exceptions import ClientError

from tests.aws.deployment import Deployment
from tests.aws.listener import Listener

JOBS = ("silver_tasks", "silver_api", "silver_maintenance", "gold")
# 30 s are 0.15: longer than a look at the crawler takes, and the second round comes soon.
WAIT_SCALE = 0.005
SUCCEEDED = {"Return": {"JobRunState": "SUCCEEDED"}}


def ended(state: str, said: str = "") -> dict[str, Any]:
    """Return how a job's run ends that did not succeed: its JobRun is the error's cause."""
    run = {"Id": "jr_1", "JobRunState": state, "ErrorMessage": said}
    return {"Throw": {"Error": "States.TaskFailed", "Cause": json.dumps(run)}}


GATE = ended("FAILED", "SystemExit: silver_api: expect_a(c): 2 unexpected, such as 'ada'")


@dataclass(frozen=True)
class Ended:
    """How an execution ended, the states it entered, and what the topic was told."""

    status: str
    error: str | None
    cause: str
    states: list[str]
    messages: list[str]


@dataclass(frozen=True)
class Machine:
    """The deployed state machine, who hears its messages, and a way to say how jobs end."""

    deployed: Deployment
    listener: Listener

    @property
    def arn(self) -> str:
        return self.deployed.resources["StateMachine"]

    def start(self, given: object, case: str = "") -> str:
        sfn = self.deployed.client("stepfunctions")
        suffix = f"#{case}" if case else ""
        return str(sfn.start_execution(stateMachineArn=f"{self.arn}{suffix}", input=json.dumps(given))["executionArn"])

    def end(self, execution: str) -> Ended:
        sfn = self.deployed.client("stepfunctions")
        deadline = time.monotonic() + 60
        while (found := sfn.describe_execution(executionArn=execution))["status"] == "RUNNING":
            assert time.monotonic() < deadline, "the execution hangs"
            time.sleep(0.1)
        events = sfn.get_execution_history(executionArn=execution, maxResults=1000)["events"]
        states = [one["stateEnteredEventDetails"]["name"] for one in events if "stateEnteredEventDetails" in one]
        return Ended(found["status"], found.get("error"), found.get("cause", ""), states, self.listener.told())

    def run(self, given: object = {}, **ends: list[dict[str, Any]]) -> Ended:
        """Return how an execution ends in which the jobs named end so, attempt by attempt; the last one lasts."""
        responses = {
            job: {
                f"{number}-9" if answer is answers[-1] else str(number): answer for number, answer in enumerate(answers)
            }
            for job, answers in ends.items()
        }
        cases = {"task-lake": {"TestCases": {"case": {job: job for job in ends}}}}
        self.configure("_sfn_mock_config", {"StateMachines": cases, "MockedResponses": responses})
        return self.end(self.start(given, "case" if ends else ""))

    def configure(self, name: str, value: object) -> None:
        body = json.dumps({f"stepfunctions.{name}": value}).encode()
        url = f"{self.deployed.emulator.plain_url}/_ministack/config"
        with build_opener(ProxyHandler({})).open(Request(url, data=body, method="POST")) as answer:
            assert name in json.loads(answer.read())["applied"].popitem()[0]

    def runs(self, job: str) -> list[dict[str, Any]]:
        return list(self.deployed.client("glue").get_job_runs(JobName=job)["JobRuns"])


@pytest.fixture(scope="module")
def machine(deployed: Deployment) -> Iterator[Machine]:
    made = Machine(deployed, Listener(deployed, "of-the-state-machine"))
    made.configure("_SFN_WAIT_SCALE", WAIT_SCALE)
    yield made
    made.configure("_SFN_WAIT_SCALE", 0)


@pytest.fixture
def new_runs(machine: Machine) -> Callable[[], dict[str, list[dict[str, Any]]]]:
    """Return each job's runs since the test began."""
    before = {job: {run["Id"] for run in machine.runs(job)} for job in JOBS}
    return lambda: {job: [run for run in machine.runs(job) if run["Id"] not in before[job]] for job in JOBS}


Runs = Callable[[], dict[str, list[dict[str, Any]]]]


def test_a_daily_run_crawls_and_runs_each_job_but_maintenance(machine: Machine, new_runs: Runs) -> None:
    done = machine.run()
    assert (done.status, done.messages) == ("SUCCEEDED", [])
    assert done.states[-4:] == ["gold", "Judge", "HasFailed", "Done"]
    assert {job: len(runs) for job, runs in new_runs().items()} == {**dict.fromkeys(JOBS, 1), "silver_maintenance": 0}
    assert machine.deployed.client("glue").get_crawler(Name="bronze")["Crawler"]["LastCrawl"]["Status"] == "SUCCEEDED"


def test_a_weekly_run_maintains_behind_the_jobs(machine: Machine, new_runs: Runs) -> None:
    done = machine.run({"maintenance": True})
    assert done.status == "SUCCEEDED"
    assert done.states.index("FromBronze") < done.states.index("silver_maintenance") < done.states.index("gold")
    assert {job: len(runs) for job, runs in new_runs().items()} == dict.fromkeys(JOBS, 1)


def test_days_are_handed_to_silvers_jobs(machine: Machine, new_runs: Runs) -> None:
    assert machine.run({"from_date": "2025-10-15", "to_date": "2025-10-16"}).status == "SUCCEEDED"
    started = new_runs()
    for job in ("silver_tasks", "silver_api"):
        [run] = started[job]
        assert run["Arguments"]["--FROM_DATE"] == "2025-10-15"
        assert run["Arguments"]["--TO_DATE"] == "2025-10-16"
    assert "--FROM_DATE" not in started["gold"][0]["Arguments"]


@pytest.mark.parametrize(
    "given",
    [
        {"from_date": "2025-10-15"},
        {"from_date": "2025-10-16", "to_date": "2025-10-15"},
        {"day": "2025-10-15"},
        [],
    ],
    ids=json.dumps,
)
def test_a_bad_input_ends_at_once_and_says_what_is_meant(machine: Machine, new_runs: Runs, given: object) -> None:
    done = machine.run(given)
    assert (done.status, done.error, done.states) == ("FAILED", "BadInput", ["CheckInput", "BadInput"])
    assert '{"from_date": "YYYY-MM-DD", "to_date": "YYYY-MM-DD"}' in done.cause
    assert not any(new_runs().values())


def test_a_second_start_changes_nothing_and_names_the_first(machine: Machine, new_runs: Runs) -> None:
    first = machine.start({})
    second = machine.end(machine.start({}))
    assert (second.status, second.error) == ("FAILED", "AnotherRunIsUnderWay")
    assert first.rpartition(":")[2] in second.cause
    assert machine.end(first).status == "SUCCEEDED"
    assert {len(runs) for job, runs in new_runs().items() if job != "silver_maintenance"} == {1}


def test_what_the_gate_stops_stops_nothing_else_is_told_once_and_not_tried_again(
    machine: Machine, new_runs: Runs
) -> None:
    done = machine.run(silver_api=[GATE])
    assert (done.status, done.error, done.cause) == ("FAILED", "PartsFailed", "silver_api: FAILED, run jr_1")
    assert done.states.count("FromBronze") == 1
    assert {job: len(runs) for job, runs in new_runs().items()} == {
        "silver_tasks": 1,
        "silver_api": 0,
        "silver_maintenance": 0,
        "gold": 1,
    }
    [message] = done.messages
    first, *_, execution = message.splitlines()
    assert first == "silver_api: FAILED, run jr_1"
    assert execution.startswith("arn:aws:states:")
    assert "docs/runbook.md" in message
    assert "make start" in message
    assert "ada" not in message, "what a job says may quote values"


@pytest.mark.parametrize("end", [ended("FAILED", "Command failed with exit code 10"), ended("TIMEOUT"), ended("ERROR")])
def test_a_job_that_was_killed_has_one_second_round(machine: Machine, end: dict[str, Any]) -> None:
    done = machine.run(gold=[end, SUCCEEDED])
    assert (done.status, done.messages) == ("SUCCEEDED", [])
    assert done.states.count("FromBronze") == done.states.count("gold") == 2


def test_a_second_round_is_the_last(machine: Machine) -> None:
    done = machine.run({"maintenance": True}, silver_maintenance=[ended("TIMEOUT")])
    assert (done.status, done.cause) == ("FAILED", "silver_maintenance: TIMEOUT, run jr_1")
    assert done.states.count("silver_maintenance") == 2
    assert len(done.messages) == 1


def test_what_somebody_stopped_is_not_started_again(machine: Machine) -> None:
    done = machine.run(silver_tasks=[ended("STOPPED")])
    assert (done.status, done.cause) == ("FAILED", "silver_tasks: STOPPED, run jr_1")
    assert done.states.count("FromBronze") == 1


def test_each_part_that_failed_is_named(machine: Machine) -> None:
    done = machine.run(silver_tasks=[GATE], gold=[GATE])
    assert done.cause == "silver_tasks: FAILED, run jr_1; gold: FAILED, run jr_1"


def test_its_role_may_start_the_lakes_jobs_and_no_other(machine: Machine) -> None:
    glue = machine.deployed.client("glue", "StateMachineRole")
    with pytest.raises(ClientError, match="AccessDenied"):
        glue.start_job_run(JobName="somebody_elses")
    with pytest.raises(ClientError, match="AccessDenied"):
        glue.start_crawler(Name="somebody_elses")
    with pytest.raises(ClientError, match="AccessDenied"):
        glue.delete_job(JobName="gold")
    with pytest.raises(ClientError, match="AccessDenied"):
        machine.deployed.client("stepfunctions", "StateMachineRole").start_execution(stateMachineArn=machine.arn)
    with pytest.raises(ClientError, match="AccessDenied"):
        machine.deployed.client("s3", "StateMachineRole").list_objects_v2(Bucket=machine.deployed.bucket)


def test_a_schedules_role_may_start_it_and_do_nothing_else(machine: Machine) -> None:
    scheduled = machine.deployed.client("stepfunctions", "ScheduleRole")
    execution = scheduled.start_execution(stateMachineArn=machine.arn, input='"bad"')["executionArn"]
    assert machine.end(execution).error == "BadInput"
    with pytest.raises(ClientError, match="AccessDenied"):
        scheduled.stop_execution(executionArn=execution)
    schedules = machine.deployed.client("scheduler").list_schedules(NamePrefix="task-lake-")["Schedules"]
    assert {one["Name"] for one in schedules} == {"task-lake-daily", "task-lake-weekly-maintenance"}
    assert {one["Target"]["Arn"] for one in schedules} == {machine.arn}

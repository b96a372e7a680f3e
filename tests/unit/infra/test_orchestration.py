"""The state machine is whole: each state is reached, each job run, each right used, and nothing is tried in vain."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import lint_file  # type: ignore[import-untyped]

from glue_jobs.jobs.arguments import ARGUMENTS
from infra.cloudformation import Intrinsic
from tests.unit.infra.policies import all_resources, listed, places, statements_of

ROOT = Path(__file__).parents[3]
TEMPLATE = ROOT / "infra" / "orchestration.yaml"
RESOURCES = all_resources()
MACHINE = RESOURCES["StateMachine"]["Properties"]
DEFINITION = MACHINE["Definition"]
JOBS = {one["Properties"]["Name"]: one["Properties"] for one in RESOURCES.values() if one["Type"] == "AWS::Glue::Job"}
RUN_A_JOB = "glue:startJobRun.sync"


def machines(definition: dict[str, Any] = DEFINITION) -> Iterator[dict[str, Any]]:
    """Yield the definition and each machine in it: a branch's states name no state of another."""
    yield definition
    for state in definition["States"].values():
        for branch in state.get("Branches", []):
            yield from machines(branch)


def all_states() -> dict[str, dict[str, Any]]:
    return {name: state for machine in machines() for name, state in machine["States"].items()}


STATES = all_states()
TASKS = {name: state for name, state in STATES.items() if state["Type"] == "Task"}
JOB_STATES = {name: state for name, state in TASKS.items() if state["Resource"].argument.endswith(RUN_A_JOB)}
each_job_state = pytest.mark.parametrize("name", JOB_STATES)


def followers(state: dict[str, Any]) -> set[str]:
    """Return the states that may come after this one."""
    asked = [state, *state.get("Choices", []), *state.get("Catch", [])]
    return {one[key] for one in asked for key in ("Next", "Default") if key in one}


def test_every_state_is_reached_and_leads_to_one_that_is_there() -> None:
    for machine in machines():
        reached, waiting = set(), {machine["StartAt"]}
        while waiting:
            name = waiting.pop()
            reached.add(name)
            waiting |= followers(machine["States"][name]) - reached
        assert reached == machine["States"].keys()


def test_a_states_name_is_one_states_whatever_the_branch() -> None:
    assert sum(len(machine["States"]) for machine in machines()) == len(STATES)


@pytest.mark.parametrize(
    ("right", "wrong"), [("Type: Succeed", "Type: Success"), ("Next: HasFailed", "Nxt: HasFailed")]
)
def test_cfn_lint_reads_the_definition(tmp_path: Path, right: str, wrong: str) -> None:
    assert lint_file(TEMPLATE) == []
    broken = tmp_path / "orchestration.yaml"
    broken.write_text(TEMPLATE.read_text(encoding="utf-8").replace(right, wrong, 1), encoding="utf-8")
    assert {found.rule.id for found in lint_file(broken)} == {"E3601"}


@each_job_state
def test_a_state_that_runs_a_job_is_named_as_the_job(name: str) -> None:
    assert JOB_STATES[name]["Arguments"]["JobName"] == name


def test_every_job_is_run_and_no_other() -> None:
    assert JOB_STATES.keys() == JOBS.keys()


@each_job_state
def test_a_job_is_given_no_argument_that_it_does_not_take(name: str) -> None:
    given = JOB_STATES[name]["Arguments"].get("Arguments", {}).keys()
    days = {f"--{argument.name}" for argument in ARGUMENTS if argument.name.endswith("_DATE") and name in argument.jobs}
    assert given == days


@each_job_state
def test_a_job_that_ended_is_not_started_again_by_its_state(name: str) -> None:
    """``States.TaskFailed`` and ``States.ALL`` match a run that the gate stopped, which would fail again."""
    errors = [error for retrier in JOB_STATES[name]["Retry"] for error in retrier["ErrorEquals"]]
    assert errors
    assert all(error.startswith("Glue.") for error in errors)


@each_job_state
def test_a_job_that_fails_stops_no_other_part(name: str) -> None:
    [catcher] = JOB_STATES[name]["Catch"]
    assert catcher["ErrorEquals"] == ["States.ALL"]
    assert catcher["Next"] == JOB_STATES[name]["Next"]
    assert name in str(catcher)


@each_job_state
def test_glue_ends_a_job_before_its_state_gives_it_up(name: str) -> None:
    assert JOB_STATES[name]["TimeoutSeconds"] > JOBS[name]["Timeout"] * 60


def test_every_call_is_tried_again_with_growing_pauses() -> None:
    for name, task in TASKS.items():
        backoff = task["Retry"][-1]
        assert backoff["BackoffRate"] > 1, name
        assert backoff["JitterStrategy"] == "FULL", name
        assert backoff["MaxDelaySeconds"] <= 300, name


def test_an_execution_ends_before_the_next_days() -> None:
    assert DEFINITION["TimeoutSeconds"] < 24 * 3600


def test_what_failed_is_told_and_fails_the_execution() -> None:
    assert STATES["HasFailed"]["Default"] == "Tell"
    assert followers(STATES["Tell"]) == {"PartsFailed"}
    assert STATES["PartsFailed"]["Type"] == "Fail"
    assert "Cause" not in STATES["Tell"]["Arguments"]["Message"], "a job's message may quote values"


def test_a_crawler_that_runs_on_is_told_apart_from_one_that_failed() -> None:
    choices = STATES["HasCrawled"]["Choices"]
    by_next = {choice["Next"]: choice["Condition"] for choice in choices}
    assert [choice["Next"] for choice in choices].index("WaitForCrawler") == 0, "it is waited for before it is judged"
    assert "!= 'READY'" in by_next["CrawlUnderWay"]
    assert STATES["HasCrawled"]["Default"] == "CrawlFailed"
    said = {name: STATES[name]["Output"]["failed"][0] for name in ("CrawlUnderWay", "CrawlFailed")}
    assert said["CrawlUnderWay"] == {"part": "crawler bronze", "error": {"Error": "still running after an hour"}}
    assert said["CrawlFailed"] == {"part": "crawler bronze", "error": {"Error": "FAILED"}}


# What a state's call asks of IAM. A job that is waited for is also looked at, and stopped with the execution.
ACTIONS = {
    "aws-sdk:sfn:listExecutions": {"states:ListExecutions"},
    "aws-sdk:glue:startCrawler": {"glue:StartCrawler"},
    "aws-sdk:glue:getCrawler": {"glue:GetCrawler"},
    RUN_A_JOB: {"glue:StartJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:BatchStopJobRun"},
    # The topic is encrypted.
    "sns:publish": {"sns:Publish", "kms:Decrypt", "kms:GenerateDataKey"},
}
# docs/aws-semantics.md#step-functions-4
LOGS_AND_TRACES = ("logs:", "xray:")


def test_its_role_may_do_what_the_states_do_and_nothing_else() -> None:
    called = {task["Resource"].argument.removeprefix("arn:${AWS::Partition}:states:::") for task in TASKS.values()}
    may = {action for one in statements_of("StateMachineRole", RESOURCES) for action in listed(one["Action"])}
    needed = {action for call in called for action in ACTIONS[call]}
    assert {action for action in may if not action.startswith(LOGS_AND_TRACES)} == needed


def test_its_role_names_each_job_the_crawler_and_itself() -> None:
    may = statements_of("StateMachineRole", RESOURCES)
    assert places(may, "glue:StartJobRun") == {f"job/{job}" for job in JOBS}
    crawlers = {one["Properties"]["Name"] for one in RESOURCES.values() if one["Type"] == "AWS::Glue::Crawler"}
    assert places(may, "glue:StartCrawler") == {f"crawler/{crawler}" for crawler in crawlers}
    asked = {state["Arguments"]["Name"] for state in TASKS.values() if "Crawler" in state["Resource"].argument}
    assert asked == crawlers
    assert places(may, "states:ListExecutions") == {MACHINE["StateMachineName"]}


def test_it_is_logged_and_traced() -> None:
    assert MACHINE["TracingConfiguration"] == {"Enabled": True}
    [destination] = MACHINE["LoggingConfiguration"]["Destinations"]
    assert destination["CloudWatchLogsLogGroup"]["LogGroupArn"] == Intrinsic("GetAtt", "StateMachineLogGroup.Arn")


@pytest.mark.parametrize(
    ("schedule", "given"), [("DailySchedule", {}), ("WeeklyMaintenanceSchedule", {"maintenance": True})]
)
def test_a_schedule_starts_it_and_its_role_may_do_no_more(schedule: str, given: dict[str, Any]) -> None:
    target = RESOURCES[schedule]["Properties"]["Target"]
    assert json.loads(target["Input"]) == given
    assert target["Arn"] == Intrinsic("Ref", "StateMachine")
    assert target["RoleArn"] == Intrinsic("GetAtt", "ScheduleRole.Arn")
    [statement] = statements_of("ScheduleRole", RESOURCES)
    assert (statement["Action"], statement["Resource"]) == ("states:StartExecution", Intrinsic("Ref", "StateMachine"))

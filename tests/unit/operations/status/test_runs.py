from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from operations.status.runs import executions, job_runs
from tests.unit.operations.fake_account import FakeAccount
from tests.unit.operations.status.answers import NOW, Answers, execution, refused


@pytest.mark.parametrize(
    ("states", "red"),
    [
        (["SUCCEEDED", "FAILED"], []),
        (["FAILED", "SUCCEEDED"], ["FAILED"]),
        (["RUNNING", "TIMED_OUT"], ["TIMED_OUT"]),
        (["RUNNING"], []),
        (["ABORTED"], ["ABORTED"]),
    ],
)
def test_the_newest_execution_that_ended_is_red_if_it_failed(
    aws: FakeAccount, states: list[str], red: list[str]
) -> None:
    found = [execution(state, hours) for hours, state in enumerate(states)]
    aws.fakes["stepfunctions"] = Answers(list_executions={"executions": found})
    lines = list(executions(aws, NOW))
    assert len(lines) == len(states)
    assert [state for line, state in zip(lines, states, strict=True) if line.is_red] == red


def test_executions_say_when_and_how_long(aws: FakeAccount) -> None:
    aws.fakes["stepfunctions"] = Answers(list_executions={"executions": [execution("SUCCEEDED", 2, minutes=90)]})
    [line] = executions(aws, NOW)
    assert line.text.split() == ["2", "h", "ago", "SUCCEEDED", "1", "h", "30", "min"]
    machine = "arn:aws:states:eu-central-1:123456789012:stateMachine:task-lake"
    assert aws.fakes["stepfunctions"].asked[0]["stateMachineArn"] == machine


def test_no_execution_and_no_state_machine_are_said(aws: FakeAccount) -> None:
    aws.fakes["stepfunctions"] = Answers(list_executions={"executions": []})
    assert [line.text for line in executions(aws, NOW)] == ["none yet"]
    aws.fakes["stepfunctions"] = Answers(list_executions=refused("StateMachineDoesNotExist"))
    assert [line.text for line in executions(aws, NOW)] == ["there is no state machine task-lake yet"]
    aws.fakes["stepfunctions"] = Answers(list_executions=refused("Throttling"))
    with pytest.raises(ClientError):
        list(executions(aws, NOW))


def test_a_jobs_last_run_says_its_state_its_time_and_its_dpu_hours_and_is_red_if_it_failed(aws: FakeAccount) -> None:
    started = {"StartedOn": NOW - timedelta(hours=1)}
    runs = {
        "silver_tasks": [{**started, "JobRunState": "SUCCEEDED", "ExecutionTime": 600, "DPUSeconds": 900.0}],
        "silver_api": [
            {
                **started,
                "JobRunState": "FAILED",
                "ExecutionTime": 360,
                "MaxCapacity": 2.0,
                "ErrorMessage": "gate\nfailed",
            }
        ],
        "gold": [],
    }

    def job(given: dict[str, Any]) -> dict[str, Any]:
        if given["JobName"] not in runs:
            raise refused("EntityNotFoundException")
        return {"JobRuns": runs[given["JobName"]]}

    aws.fakes["glue"] = Answers(get_job_runs=job)
    lines = list(job_runs(aws, NOW))
    assert [" ".join(line.text.split()) for line in lines] == [
        "silver_tasks 1 h ago SUCCEEDED 10 min, 0.25 DPU-hours",
        "silver_api 1 h ago FAILED 6 min, 0.20 DPU-hours: gate failed",
        "silver_maintenance is not deployed",
        "gold never ran",
    ]
    assert [line.is_red for line in lines] == [False, True, False, False]

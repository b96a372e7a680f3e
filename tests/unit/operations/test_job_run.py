from typing import Any

import pytest
from botocore.exceptions import ClientError
from rich.console import Console

from operations.errors import OperationError, OptionError, StillRunningError
from operations.job_run import REBUILD_MINUTES, run_job
from operations.progress import Stages
from tests.unit.operations.fakes import BUCKET, deployed_lake, refusal


class FakeGlue:
    """Glue's job runs: one run, which is found in one state after the other."""

    def __init__(self, *states: str, refused: ClientError | None = None, **details: Any) -> None:
        self.states = list(states)
        self.refused = refused
        self.details = details
        self.started: list[dict[str, Any]] = []

    def start_job_run(self, **call: Any) -> Any:
        if self.refused:
            raise self.refused
        self.started.append(call)
        return {"JobRunId": "jr_1"}

    def get_job_run(self, JobName: str, RunId: str) -> Any:  # noqa: N803
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        return {"JobRun": {"Id": RunId, "JobName": JobName, "JobRunState": state, **self.details}}


def run(glue: FakeGlue, sleep: Any = lambda _: None, argument: str = "--REPLAY_QUARANTINE") -> int:
    with Stages(Console(quiet=True)) as stages:
        return run_job(deployed_lake(glue=glue), stages, "silver_tasks", {argument: "true"}, sleep)


def test_a_run_has_its_own_arguments_and_the_lakes_root_and_ends_with_its_seconds() -> None:
    glue, naps = FakeGlue("STARTING", "RUNNING", "SUCCEEDED", ExecutionTime=153), list[float]()
    assert run(glue, naps.append) == 153
    arguments = {"--LAKE": f"s3://{BUCKET}", "--REPLAY_QUARANTINE": "true"}
    assert glue.started == [{"JobName": "silver_tasks", "Arguments": arguments}]
    assert len(naps) == 2


def test_a_rebuild_has_longer_than_a_days_run() -> None:
    glue = FakeGlue("SUCCEEDED")
    run(glue, argument="--REBUILD")
    assert glue.started[0]["Timeout"] == REBUILD_MINUTES


@pytest.mark.parametrize("state", ["FAILED", "STOPPED", "TIMEOUT", "ERROR", "EXPIRED"])
def test_a_run_that_fails_says_what_the_job_said_and_where_its_log_is(state: str) -> None:
    glue = FakeGlue("RUNNING", state, ErrorMessage="SystemExit: silver_tasks: the gate stopped it.\n")
    with pytest.raises(OperationError) as end:
        run(glue)
    log = "its log: /task-lake/jobs/output, stream jr_1"
    assert str(end.value) == f"silver_tasks ended {state}: silver_tasks: the gate stopped it; {log}"
    assert end.value.exit_code == 1


def test_a_run_that_fails_without_a_word_says_so() -> None:
    with pytest.raises(OperationError, match="ended FAILED: Glue names no cause"):
        run(FakeGlue("FAILED"))


def test_a_run_beside_another_is_refused_in_one_line() -> None:
    with pytest.raises(OperationError, match="a run of silver_tasks is under way, and one at a time may be"):
        run(FakeGlue("x", refused=refusal("ConcurrentRunsExceededException", "StartJobRun")))


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("EntityNotFoundException", "there is no Glue job silver_tasks: `make deploy STAGE=dev`"),
        ("InvalidInputException", "Glue does not take this for silver_tasks: says AWS"),
    ],
)
def test_what_glue_does_not_know_is_the_inputs_fault(code: str, said: str) -> None:
    with pytest.raises(OptionError, match=said):
        run(FakeGlue("x", refused=refusal(code, "StartJobRun")))


def test_another_refusal_is_the_terminals_to_tell() -> None:
    with pytest.raises(ClientError):
        run(FakeGlue("x", refused=refusal("AccessDeniedException", "StartJobRun")))


def test_an_interrupt_ends_the_waiting_and_says_that_the_run_goes_on() -> None:
    def interrupt(_seconds: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(StillRunningError, match="silver_tasks runs on, as jr_1: `aws glue batch-stop-job-run"):
        run(FakeGlue("RUNNING"), interrupt)

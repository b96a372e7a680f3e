from datetime import timedelta
from typing import Any

import pytest

from operations.errors import OperationError, OptionError
from operations.stage import stage_named
from operations.status.section import ago, lasting, section
from operations.status.status import status
from tests.unit.operations.fake_account import FakeAccount
from tests.unit.operations.fake_cloudformation import FakeStack
from tests.unit.operations.status.answers import DEV, NOW, deployed, refused


def test_a_lake_that_does_well_is_read_and_nothing_is_red(aws: FakeAccount, capsys: pytest.CaptureFixture[str]) -> None:
    deployed(aws)
    status(aws, DEV, NOW)
    said = capsys.readouterr().out
    titles = [line for line in said.splitlines() if not line.startswith(" ")]
    assert titles == [
        "Stack",
        "Capture",
        "Bronze",
        "Silver",
        "Executions",
        "Jobs, their last runs",
        "Failure stores",
        "Alarms",
        "Cost of the last 7 days",
    ]
    assert "task-lake-dev CREATE_COMPLETE 3 h ago, version v1" in said


def test_something_red_ends_with_one_and_the_runbook(aws: FakeAccount) -> None:
    deployed(aws)
    aws.client("s3").put_object(Bucket="lake", Key="errors/firehose/api_logs/x", Body=b"")
    with pytest.raises(OperationError, match=r"1 line is red: docs/runbook.md") as raised:
        status(aws, DEV, NOW)
    assert raised.value.exit_code == 1


@pytest.mark.parametrize("state", ["ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_FAILED", "UPDATE_ROLLBACK_COMPLETE"])
def test_a_stage_that_is_half_deployed_is_red_and_still_read(
    aws: FakeAccount, capsys: pytest.CaptureFixture[str], state: str
) -> None:
    deployed(aws, state).resources = []
    with pytest.raises(OperationError, match="red"):
        status(aws, DEV, NOW)
    said = capsys.readouterr().out
    assert f"task-lake-dev {state}" in said
    assert "is not deployed" in said


def test_a_stage_at_work_is_not_red(aws: FakeAccount) -> None:
    deployed(aws, "UPDATE_IN_PROGRESS")
    status(aws, DEV, NOW)


@pytest.mark.parametrize("state", ["", "REVIEW_IN_PROGRESS"])
def test_a_stage_that_is_not_there_is_said_with_those_that_are(aws: FakeAccount, state: str) -> None:
    if state:
        aws.cloudformation.add(FakeStack(DEV.stack_name, state))
    prod = stage_named("prod")
    aws.cloudformation.add(FakeStack(prod.stack_name, "CREATE_COMPLETE", tags=prod.tags))
    with pytest.raises(
        OptionError,
        match=r"no stage dev in account 123456789012, eu-central-1; stages there: prod: .make deploy",
    ):
        status(aws, DEV, NOW)


def test_what_aws_does_not_tell_is_one_line_and_the_rest_goes_on() -> None:
    def read() -> Any:
        raise refused("AccessDenied")

    [line] = section("Cost", read).lines
    assert line.text.startswith("not known: not allowed to call Ask (says AWS)")
    assert (line.is_note, line.is_red) == (True, False)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (61, "1 min 1 s"),
        (3600, "1 h"),
        (12_060, "3 h 21 min"),
        (90_061, "1 d 1 h"),
        (-5, "0 s"),
    ],
)
def test_a_length_of_time_is_said_in_two_units(seconds: int, said: str) -> None:
    assert lasting(timedelta(seconds=seconds)) == said
    assert ago(NOW - timedelta(seconds=seconds), NOW) == f"{said} ago"

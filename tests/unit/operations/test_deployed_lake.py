import os
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from operations import deployed_lake
from operations.account import Account
from operations.credentials import in_environment
from operations.errors import OptionError
from operations.stack import Stack

ACCOUNT = Account(boto3.Session(region_name="eu-central-1"), "123456789012", "aws", "eu-central-1")


@pytest.fixture
def stacks(monkeypatch: pytest.MonkeyPatch) -> dict[str, Stack]:
    """The account's stacks by name."""
    found: dict[str, Stack] = {}
    monkeypatch.setattr(deployed_lake, "open_account", lambda: ACCOUNT)
    monkeypatch.setattr(deployed_lake, "find_stack", lambda _, name: found.get(name))
    return found


def stack(**outputs: str) -> Stack:
    return Stack("task-lake-dev", "id", "CREATE_COMPLETE", {}, outputs, {}, datetime.now(UTC))


def test_a_deployed_lake_knows_its_bucket_and_how_it_is_named_in_a_command(stacks: dict[str, Stack]) -> None:
    stacks["task-lake-dev"] = stack(LakeBucketName="the-bucket")
    lake = deployed_lake.open_deployed("dev")
    assert (lake.root, lake.option) == ("s3://the-bucket", " STAGE=dev")


@pytest.mark.parametrize("name", ["", "Dev", "x" * 30])
def test_a_stage_that_is_none_is_not_looked_for(name: str) -> None:
    with pytest.raises(OptionError, match="STAGE="):
        deployed_lake.open_deployed(name)


@pytest.mark.parametrize("outputs", [None, {}])
def test_a_stage_that_is_not_deployed_or_only_half_says_how_to_get_there(
    outputs: dict[str, str] | None, stacks: dict[str, Stack]
) -> None:
    if outputs is not None:
        stacks["task-lake-dev"] = stack(**outputs)
    with pytest.raises(OptionError) as end:
        deployed_lake.open_deployed("dev")
    assert str(end.value) == (
        "task-lake-dev is not deployed in eu-central-1 of account 123456789012: "
        "`make deploy STAGE=dev`, or set AWS_REGION or AWS_PROFILE to where it is"
    )
    assert end.value.exit_code == 2


def test_what_boto3_found_is_in_the_environment_for_as_long_as_it_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    session: Any = boto3.Session("key", "secret", "token", region_name="eu-central-1")
    with in_environment(Account(session, "1", "aws", "eu-central-1")):
        found = [os.environ[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")]
        assert [*found, os.environ["AWS_REGION"]] == ["key", "secret", "token", "eu-central-1"]
    assert os.environ["AWS_REGION"] == "us-east-1"
    assert "AWS_SESSION_TOKEN" not in os.environ

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    ReadTimeoutError,
    UnauthorizedSSOTokenError,
    UnknownServiceError,
)
from moto import mock_aws

from operations.account import Account, check_region, open_account
from operations.aws_errors import operation_error
from operations.errors import AccountError, OperationError

TABLE = "arn:aws:dynamodb:{region}:{account}:table/todo-app-data"


@pytest.fixture(autouse=True)
def machine_without_aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def account() -> Iterator[Account]:
    with mock_aws():
        yield open_account(boto3.Session(region_name="eu-central-1"))


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "says AWS"}}, "GetCallerIdentity")


def test_an_account_knows_its_id_its_partition_and_its_region(account: Account) -> None:
    assert (account.id, account.partition, account.region) == ("123456789012", "aws", "eu-central-1")
    assert account.client("s3").meta.region_name == "eu-central-1"
    assert account.client("s3", "us-east-1").meta.region_name == "us-east-1"


def test_without_a_region_it_says_what_to_set() -> None:
    with pytest.raises(AccountError, match="no AWS region is set: set AWS_REGION"):
        open_account()


def test_the_region_is_that_of_the_environment_as_with_every_sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        assert open_account().region == "us-east-1"
        monkeypatch.setenv("AWS_REGION", "eu-west-1")
        assert open_account().region == "eu-west-1"


def test_without_credentials_it_says_how_to_log_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    with pytest.raises(AccountError, match="no AWS credentials are found: log in"):
        open_account()


def test_an_unknown_profile_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(AccountError, match=r"AWS_PROFILE is unknown .*nobody"):
        open_account()


def test_a_region_that_cannot_be_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    with pytest.raises(AccountError, match=r"AWS_REGION is no region.s name .*nowhere!"):
        open_account(boto3.Session(region_name="nowhere!"))


def test_an_endpoint_that_nobody_serves_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    with pytest.raises(AccountError, match=r"AWS cannot be reached .*127\.0\.0\.1:1"):
        open_account(boto3.Session(region_name="eu-central-1"))


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (refused("ExpiredToken"), "have expired: log in"),
        (refused("InvalidClientTokenId"), r"does not know the credentials \(InvalidClientTokenId\): log in"),
        (refused("SignatureDoesNotMatch"), "does not know the credentials"),
        (refused("AccessDenied"), r"not allowed to call GetCallerIdentity \(says AWS\): ask for it"),
        (NoCredentialsError(), "no AWS credentials are found"),
        (PartialCredentialsError(provider="env", cred_var="x"), "no AWS credentials are found"),
        (UnauthorizedSSOTokenError(), "no AWS credentials can be had .*SSO"),
        (ProfileNotFound(profile="x"), "AWS_PROFILE is unknown"),
        (ConnectTimeoutError(endpoint_url="https://a"), "AWS cannot be reached"),
        (ReadTimeoutError(endpoint_url="https://a"), "AWS cannot be reached"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_account_at_fault_is_one_line_and_a_next_step(error: Exception, said: str) -> None:
    with pytest.raises(AccountError, match=said) as raised:
        raise operation_error(error)  # type: ignore[arg-type]
    assert raised.value.exit_code == 2
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "error", [refused("Throttling"), UnknownServiceError(service_name="x", known_service_names="y")]
)
def test_another_fault_of_a_call_is_no_fault_of_the_account(error: Exception) -> None:
    said = operation_error(error)  # type: ignore[arg-type]
    assert type(said) is OperationError
    assert said.exit_code == 1


@pytest.mark.parametrize(
    ("region", "owner", "said"),
    [
        (
            "us-east-1",
            "123456789012",
            r"SOURCE_STREAM is in us-east-1, but this is eu-central-1: set AWS_REGION=us-east-1",
        ),
        ("eu-central-1", "210987654321", "SOURCE_STREAM belongs to account 210987654321, but this is 123456789012"),
    ],
)
def test_what_lies_elsewhere_is_refused(account: Account, region: str, owner: str, said: str) -> None:
    with pytest.raises(AccountError, match=said):
        check_region(account, "SOURCE_STREAM", TABLE.format(region=region, account=owner))


def test_what_lies_here_is_taken(account: Account) -> None:
    check_region(account, "SOURCE_STREAM", TABLE.format(region=account.region, account=account.id))

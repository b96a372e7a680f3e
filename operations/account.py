"""The AWS account that a command works in."""

import os
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from operations.aws_errors import NO_REGION, operation_error
from operations.errors import AccountError

_CONFIG = Config(connect_timeout=10, retries={"mode": "standard", "total_max_attempts": 5})


@dataclass(frozen=True)
class Account:
    """An account in one region, whose credentials have been seen to work."""

    session: boto3.Session
    id: str
    partition: str
    region: str

    def client(self, service: str, region: str = "") -> Any:
        """Return boto3's client for the service, in the account's region or another one."""
        return _client(self.session, service, region or self.region)


def open_account(session: boto3.Session | None = None) -> Account:
    """Return the account of the user's credentials and region; raise OperationError if there is none to use."""
    try:
        # boto3 itself reads AWS_DEFAULT_REGION alone: every other SDK, AWS_REGION first.
        session = session or boto3.Session(region_name=os.environ.get("AWS_REGION") or None)
        if not session.region_name:
            raise AccountError(NO_REGION)
        caller = _client(session, "sts", session.region_name).get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        raise operation_error(error) from error
    return Account(session, caller["Account"], caller["Arn"].split(":")[1], session.region_name)


def check_region(account: Account, name: str, arn: str) -> None:
    """Raise AccountError if what the ARN names lies in another account or region than the command works in."""
    region, owner = arn.split(":")[3:5]
    if region != account.region:
        raise AccountError(f"{name} is in {region}, but this is {account.region}: set AWS_REGION={region}")
    if owner != account.id:
        raise AccountError(f"{name} belongs to account {owner}, but this is {account.id}: set AWS_PROFILE")


def _client(session: Any, service: str, region: str) -> Any:
    return session.client(service, region_name=region, config=_CONFIG)

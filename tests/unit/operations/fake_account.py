"""An account of moto's, in which a test puts fakes in the place of some services."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import boto3
from moto import mock_aws

from operations.account import Account
from tests.unit.operations.fake_cloudformation import FakeCloudFormation

REGION = "eu-central-1"
_KEYS: dict[str, Any] = {"aws_access_key_id": "x", "aws_secret_access_key": "x"}
_SESSION = boto3.Session(region_name=REGION, **_KEYS)


@cache
def _client(service: str, region: str) -> Any:
    """Return moto's client, made once: that takes longer than a test."""
    session: Any = _SESSION
    return session.client(service, region_name=region)


@dataclass(frozen=True)
class FakeAccount(Account):
    """moto's services, and CloudFormation as ``cloudformation`` scripts it."""

    cloudformation: FakeCloudFormation = field(default_factory=FakeCloudFormation)
    fakes: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str, region: str = "") -> Any:
        """Return the fake, or moto's client."""
        fakes = {"cloudformation": self.cloudformation, **self.fakes}
        return fakes[service] if service in fakes else _client(service, region or self.region)


@contextmanager
def account() -> Iterator[FakeAccount]:
    """Give an empty account."""
    with mock_aws():
        yield FakeAccount(_SESSION, "123456789012", "aws", REGION)


def no_sleep(_seconds: float) -> None:
    """Take no time."""

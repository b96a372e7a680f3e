"""A deployed lake whose services are fakes, each answering as its own API does."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from operations.account import Account
from operations.deployed_lake import DeployedLake
from operations.stage import Stage

BUCKET = "task-lake-dev-1a2b"


class FakeSession:
    """boto3's session: it gives the clients it was given."""

    def __init__(self, clients: Mapping[str, Any]) -> None:
        self._clients = clients

    def client(self, service: str, **_: Any) -> Any:
        """Return the service's fake."""
        return self._clients[service]

    def get_credentials(self) -> None:
        """Return none."""


def deployed_lake(**clients: Any) -> DeployedLake:
    """Return the lake of the stage dev, whose services are these."""
    session: Any = FakeSession(clients)
    return DeployedLake(Account(session, "123456789012", "aws", "eu-central-1"), Stage("dev"), BUCKET)


def refusal(code: str, operation: str, message: str = "says AWS") -> ClientError:
    """Return what a client raises where AWS refuses a call."""
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


class FakeBar:
    """A bar that remembers what it was told."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.reached: list[tuple[int, int]] = []

    def say(self, line: str) -> None:
        """Remember a line."""
        self.said.append(line)

    def reach(self, done: int, total: int) -> None:
        """Remember how many are done."""
        self.reached.append((done, total))

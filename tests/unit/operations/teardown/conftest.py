import pytest

from tests.unit.operations.fake_account import FakeAccount
from tests.unit.operations.fake_cloudformation import FakeCloudFormation
from tests.unit.operations.teardown.lake import deployed, make_key


@pytest.fixture
def key(aws: FakeAccount) -> str:
    """Give a key with the stage's tags."""
    return make_key(aws)


@pytest.fixture
def cloudformation(aws: FakeAccount, key: str) -> FakeCloudFormation:
    """Give the CloudFormation of a deployed lake."""
    return deployed(aws, key)


@pytest.fixture
def lake_key(cloudformation: FakeCloudFormation, key: str) -> str:
    """Give the key of a deployed lake."""
    return key

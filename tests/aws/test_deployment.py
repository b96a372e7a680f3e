"""The templates deploy, and what they made is gone with them, except for the data and its key."""

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from operations.account import open_account
from operations.teardown.teardown import teardown
from tests.aws.deployment import STAGE, deploy
from tests.aws.emulator import start
from tests.aws.inventory import inventory

Inventory = Mapping[str, set[str]]


@dataclass(frozen=True)
class Lifetime:
    """An account's resources before the lake, with it, and after its teardown; and the lake's bucket."""

    before: Inventory
    deployed: Inventory
    torn_down: Inventory
    bucket: str


@pytest.fixture(scope="module")
def lifetime(tmp_path_factory: pytest.TempPathFactory) -> Lifetime:
    with start(tmp_path_factory.mktemp("lifetime")) as emulator:
        before = inventory(emulator)
        lake = deploy(emulator)
        lake.client("s3").put_object(Bucket=lake.bucket, Key="bronze/task_changes/a", Body=b"kept")
        deployed = inventory(emulator)
        with emulator.signed_in():
            teardown(open_account(), STAGE, deletes_data=False, is_yes=True, sleep=lambda _: None)
        return Lifetime(before, deployed, inventory(emulator), lake.bucket)


def test_a_deployment_makes_resources_of_every_kind_that_is_looked_at(lifetime: Lifetime) -> None:
    grown = {kind for kind, names in lifetime.deployed.items() if names - lifetime.before[kind]}
    # Nobody subscribes to the alarms of a stage without an address.
    assert set(lifetime.deployed) - grown <= {"sns subscriptions"}


def test_a_teardown_leaves_the_bucket_and_its_key_and_nothing_else(lifetime: Lifetime) -> None:
    left = {kind: names - lifetime.before[kind] for kind, names in lifetime.torn_down.items()}
    assert {kind for kind, names in left.items() if names} == {"s3 buckets", "kms keys"}
    assert left["s3 buckets"] == {lifetime.bucket}
    assert len(left["kms keys"]) == 1

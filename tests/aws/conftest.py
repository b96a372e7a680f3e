"""What the lane shares: one emulator, with the lake deployed on it."""

from collections.abc import Iterator

import pytest

from tests.aws.deployment import Deployment, deploy
from tests.aws.emulator import Emulator, start


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """Give the emulator of the lane, empty when the first test asks for it."""
    with start(tmp_path_factory.mktemp("emulator")) as running:
        yield running


@pytest.fixture(scope="session")
def deployed(emulator: Emulator) -> Deployment:
    """Give the lake on the lane's emulator, its demo table and log groups included."""
    return deploy(emulator)


@pytest.fixture(scope="module")
def own_lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Give a lake of the module's own, which may hold what no job could read."""
    with start(tmp_path_factory.mktemp("emulator")) as running:
        yield deploy(running)

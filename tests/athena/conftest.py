"""What the lane's tests share: one Trino for all of their lakes."""

from collections.abc import Iterator

import pytest

from local.trino import running_trino, stop_trino


@pytest.fixture(scope="session")
def trino(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Give the port of a Trino; an engine brings it the lake that it is asked about."""
    folder = tmp_path_factory.mktemp("trino")
    yield running_trino(folder, print)
    stop_trino(folder)

"""Folders that the jobs' user can reach: pytest's own are its user's alone."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    with TemporaryDirectory(prefix="like-glue-") as name:
        path = Path(name)
        path.chmod(0o755)
        yield path

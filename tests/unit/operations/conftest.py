from collections.abc import Iterator

import pytest

from tests.unit.operations.fake_account import FakeAccount, account


@pytest.fixture
def aws() -> Iterator[FakeAccount]:
    """Give an account that has nothing."""
    with account() as empty:
        yield empty


@pytest.fixture(autouse=True)
def nobody_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("operations.question.sys.stdin.isatty", lambda: False, raising=False)

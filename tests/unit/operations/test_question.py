import io

import pytest
from rich.console import Console

from operations.errors import OperationError, OptionError
from operations.question import ask, check_can_ask


def quiet() -> Console:
    return Console(file=io.StringIO())


def test_without_a_terminal_and_without_yes_nothing_begins() -> None:
    with pytest.raises(OptionError, match="say YES=1 to go on unasked"):
        check_can_ask(is_yes=False)


def test_with_yes_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builtins.input", lambda: pytest.fail("asked"))
    check_can_ask(is_yes=True)
    ask(quiet(), "Go?", "dev", is_yes=True)


def test_the_answer_asked_for_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builtins.input", lambda: " dev ")
    ask(quiet(), "Go?", "dev", is_yes=False)


def refuse() -> str:
    raise EOFError


@pytest.mark.parametrize("answer", [lambda: "y", lambda: "", refuse], ids=["another", "none", "end of input"])
def test_any_other_answer_changes_nothing(monkeypatch: pytest.MonkeyPatch, answer: object) -> None:
    monkeypatch.setattr("builtins.input", answer)
    with pytest.raises(OperationError, match="nothing was deployed or deleted"):
        ask(quiet(), "Go?", "dev", is_yes=False)

"""`python -m validation`: what it runs, what it says, and how it ends."""

from pathlib import Path

import pytest
from typer.testing import CliRunner
from typer.testing import Result as Ended

from validation import __main__ as command
from validation.lakes import StoppedError
from validation.page import sections
from validation.registry import Name, Note, Validation
from validation.result import Result, equal


@pytest.fixture
def page(tmp_path: Path) -> Path:
    return tmp_path / "validation.md"


def typed(page: Path, *words: str) -> Ended:
    return CliRunner().invoke(command.app, [*words, "--page", str(page)], env={"VALIDATION": ""})


def runs(lost: dict[Name, int], monkeypatch: pytest.MonkeyPatch) -> list[Name]:
    """Let each validation find so many records lost; return those that were run, as they are."""
    ran: list[Name] = []

    def found(name: Name) -> Validation:
        def validate(folder: Path, note: Note) -> Result:
            assert list(folder.iterdir()) == []
            ran.append(name)
            note("a step")
            return Result("", checks=[equal("records lost", 0, lost.get(name, 0))])

        return validate

    monkeypatch.setattr(command, "validation", found)
    return ran


def test_all_are_run_in_the_pages_order_and_each_writes_its_section(
    page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = runs({}, monkeypatch)
    assert typed(page).exit_code == 0
    assert ran == list(Name)
    assert all("**Pass: 1 of 1 checks hold**" in text for text in sections(page).values())


def test_one_is_run_alone(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = runs({}, monkeypatch)
    assert typed(page, "cost").exit_code == 0
    assert ran == [Name.COST]


def test_a_check_that_does_not_hold_fails_the_command_names_it_and_stops_no_other(
    page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = runs({Name.END_TO_END: 3}, monkeypatch)
    ended = typed(page)
    assert ended.exit_code == 1
    assert "✗ end-to-end: records lost: 3, expected 0" in ended.output
    assert f"not valid: end-to-end; see {page}" in ended.output.replace("\n", "")
    assert ran == list(Name)
    assert "**1 of 1 checks do not hold**" in sections(page)[Name.END_TO_END]


def test_a_command_of_the_lake_that_fails_fails_the_validation_in_one_line(
    page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(_: Name) -> Validation:
        def validate(folder: Path, note: Note) -> Result:
            raise StoppedError("`local run` exits 1: the disk is full")

        return validate

    monkeypatch.setattr(command, "validation", stopped)
    ended = typed(page, "load")
    assert ended.exit_code == 1
    assert "✗ `local run` exits 1: the disk is full" in ended.output
    assert not page.exists()


def test_an_unknown_name_is_refused_with_those_there_are(page: Path) -> None:
    ended = typed(page, "speed")
    assert ended.exit_code == 2
    assert "VALIDATION=speed is none: choose one of load, end-to-end, cost, errors, schema-evolution" in ended.output

"""docs/validation.md: a section a validation, of which a run writes its own."""

from pathlib import Path

import pytest

from local.java import ROOT
from validation.page import reproducible, sections, to_section, write_section
from validation.registry import DEMANDS, Name, validation
from validation.result import Figures, Result, at_most, equal

GOOD = Result("How it was done.", [Figures("Rows", ["layer", "rows"], [("a | b", 1_000)])], [equal("lost", 0, 0)])
BAD = Result("How it was done.", checks=[equal("lost", 0, 3), equal("twice", 0, 0)])
PAGE = ROOT / "docs" / "validation.md"


def test_a_new_page_has_every_section_in_order_and_says_which_was_not_run(tmp_path: Path) -> None:
    page = tmp_path / "docs" / "validation.md"
    write_section(page, Name.ERRORS, GOOD)
    assert list(sections(page)) == list(Name)
    not_run = [name for name, text in sections(page).items() if "Not run yet." in text]
    assert not_run == [name for name in Name if name != Name.ERRORS]


def test_a_run_replaces_its_own_section_alone(tmp_path: Path) -> None:
    page = tmp_path / "validation.md"
    write_section(page, Name.COST, GOOD)
    write_section(page, Name.LOAD, BAD)
    former = page.read_text()
    write_section(page, Name.LOAD, GOOD)
    assert sections(page)[Name.COST] == to_section(Name.COST, GOOD)
    assert sections(page)[Name.LOAD] == to_section(Name.LOAD, GOOD)
    write_section(page, Name.LOAD, BAD)
    assert page.read_text() == former


def test_a_section_has_the_demand_the_command_the_figures_and_each_check() -> None:
    text = to_section(Name.END_TO_END, GOOD)
    assert text.startswith(f"## End to end\n\n> {DEMANDS[Name.END_TO_END]}\n\n**Pass: 1 of 1 checks hold**")
    assert "`make validate VALIDATION=end-to-end`" in text
    assert "| a \\| b | 1,000 |" in text
    assert "| lost | 0 | 0 | ✓ |" in text


def test_a_check_that_does_not_hold_is_the_verdict() -> None:
    text = to_section(Name.LOAD, BAD)
    assert "**1 of 2 checks do not hold**" in text
    assert "| lost | 0 | 3 | ✗ |" in text


def test_what_is_of_the_moment_is_no_reproducible_line() -> None:
    timed = [Figures("Seconds", ["stage", "s"], [("gold", seconds := 3)], is_timed=True)]
    lines = [
        reproducible(to_section(Name.LOAD, Result("", figures, [at_most("run", 10, found, " s", is_timed=True)])))
        for figures, found in (
            (timed, seconds),
            ([Figures("Seconds", ["stage", "s"], [("gold", 4)], is_timed=True)], 5),
        )
    ]
    assert lines[0] == lines[1]


def test_the_committed_page_has_the_section_of_each_validation_and_each_holds() -> None:
    written = sections(PAGE)
    assert list(written) == list(Name) == list(DEMANDS)
    for name, text in written.items():
        assert "**Pass: " in text, name
        assert "✗" not in text, name


@pytest.mark.parametrize("name", Name)
def test_each_validation_is_a_module_that_validates(name: Name) -> None:
    assert callable(validation(name))

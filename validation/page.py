"""docs/validation.md: a section a validation, each between its own markers and made by its own run."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.machine import machine
from validation.registry import DEMANDS, Name
from validation.result import TIMED, Check, Figures, Result, cell

_PREAMBLE = f"""# Validation

What the decision record demands of this lake, checked on a laptop: the real functions, jobs and SQL, the simulated
services of [aws-semantics.md](aws-semantics.md). `make validate` runs all five and writes this page, `make validate
VALIDATION=<name>` one section; a check that does not hold fails the command. A line with {TIMED} is of the machine and
the moment; every other line comes out the same each time.
"""
_NOT_RUN = "Not run yet."
_FIGURE = re.compile(r"[\d.,]+( ?[%A-Za-z/-]+)?")
_SECTION = re.compile(r"<!-- (?P<name>[\w-]+): begin -->\n(?P<text>.*?)\n<!-- (?P=name): end -->", re.DOTALL)


def sections(page: Path) -> dict[str, str]:
    """Return the text of each section that the page has, by the validation's name; none for a page not yet written."""
    text = page.read_text(encoding="utf-8") if page.exists() else ""
    return {found["name"]: found["text"] for found in _SECTION.finditer(text)}


def write_section(page: Path, name: Name, result: Result) -> None:
    """Write a validation's section into the page, as a whole; the others stay as they are."""
    written: Mapping[str, str] = {**sections(page), name: to_section(name, result)}
    body = "".join(
        f"\n<!-- {each}: begin -->\n{written.get(each, _empty(each))}\n<!-- {each}: end -->\n" for each in Name
    )
    page.parent.mkdir(parents=True, exist_ok=True)
    unfinished = page.with_name(f".{page.name}")
    unfinished.write_text(_PREAMBLE + body, encoding="utf-8")
    unfinished.replace(page)


def to_section(name: Name, result: Result) -> str:
    """Return a result as Markdown: the demand, the verdict, the figures, and then each check."""
    failed, of = len(result.failures), len(result.checks)
    verdict = f"**{failed} of {of} checks do not hold**" if failed else f"**Pass: {of} of {of} checks hold**"
    kind = machine()
    command = f"`make validate VALIDATION={name}`"
    parts = [
        _heading(name),
        f"{verdict} in {command}, on {kind['cores']} cores, {kind['system']}, Python {kind['python']}. {TIMED}",
        result.story.strip(),
        *(_table(figures) for figures in result.figures),
        _checks(result.checks),
    ]
    return "\n\n".join(parts)


def reproducible(text: str) -> list[str]:
    """Return the lines of a section that come out the same on every machine."""
    return [line for line in text.splitlines() if TIMED not in line]


def _empty(name: Name) -> str:
    return f"{_heading(name)}\n\n{_NOT_RUN}"


def _heading(name: Name) -> str:
    return f"## {name.replace('-', ' ').capitalize()}\n\n> {DEMANDS[name]}"


def _table(figures: Figures) -> str:
    title = f"**{figures.title}**{f' {TIMED}' if figures.is_timed else ''}"
    return f"{title}\n\n{_markdown(figures.columns, [list(map(cell, row)) for row in figures.rows], figures.is_timed)}"


def _checks(checks: Sequence[Check]) -> str:
    rows = [
        [
            f"{check.name}{f' {TIMED}' if check.is_timed else ''}",
            check.expected,
            check.found,
            "✓" if check.holds else "✗",
        ]
        for check in checks
    ]
    return (
        f"**What must hold**\n\n{_markdown(['check', 'expected', 'found', ''], [list(map(cell, row)) for row in rows])}"
    )


def _markdown(columns: Sequence[str], rows: Sequence[list[str]], is_timed: bool = False) -> str:
    marked = [[f"{first} {TIMED}", *rest] for first, *rest in rows] if is_timed else rows
    rules = [
        "---:" if at and all(map(_is_figure, cells)) else "---" for at, cells in enumerate(zip(*rows, strict=True))
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in [list(columns), rules, *marked])


def _is_figure(text: str) -> bool:
    """Return whether a cell is a number with its unit, or nothing."""
    return not text or bool(_FIGURE.fullmatch(text))

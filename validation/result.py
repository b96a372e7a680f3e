"""What a validation finds: figures to read, and checks that hold or do not."""

from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field

# Marks what only holds for the machine and the moment: every other line of the page comes out the same each time.
TIMED = "⏱"


@dataclass(frozen=True)
class Check:
    """Something that must hold, in words, with what was found."""

    name: str
    expected: str
    found: str
    holds: bool
    is_timed: bool = False

    def __str__(self) -> str:
        """Return the line that says what failed."""
        return f"{self.name}: {self.found}, expected {self.expected}"


def equal(name: str, expected: object, found: object) -> Check:
    """Return the check that two values are the same."""
    return Check(name, _text(expected), _text(found), expected == found)


def at_most(name: str, limit: float, found: float, unit: str = "", *, is_timed: bool = False) -> Check:
    """Return the check that a figure keeps a limit."""
    return Check(name, f"at most {_text(limit)}{unit}", f"{_text(found)}{unit}", found <= limit, is_timed)


def at_least(name: str, limit: float, found: float, unit: str = "", *, is_timed: bool = False) -> Check:
    """Return the check that a figure reaches a limit."""
    return Check(name, f"at least {_text(limit)}{unit}", f"{_text(found)}{unit}", found >= limit, is_timed)


def same_rows(name: str, expected: Iterable[object], found: Iterable[object]) -> Check:
    """Return the check that two tables have the same rows, in whatever order; one that only one has is shown."""
    wanted, got = Counter(map(repr, expected)), Counter(map(repr, found))
    missing, foreign = wanted - got, got - wanted
    said = [
        *([f"without {missing.total():,}, such as {min(missing)}"] if missing else []),
        *([f"with {foreign.total():,} others, such as {min(foreign)}"] if foreign else []),
    ]
    return Check(name, _rows(wanted.total()), ", ".join(said) or "the same", not said)


def same_ids(name: str, expected: Set[str], found: Set[str]) -> Check:
    """Return the check that the same records are in two places."""
    missing, foreign = len(expected - found), len(found - expected)
    said = f"{missing:,} missing, {foreign:,} others" if missing or foreign else f"the same {len(found):,}"
    return Check(name, f"those {len(expected):,}", said, not missing and not foreign)


@dataclass(frozen=True)
class Figures:
    """A table of figures; a timed one is of this machine and this moment."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    is_timed: bool = False


@dataclass(frozen=True)
class Result:
    """The outcome of one validation: what it did, what it measured, and what must hold."""

    story: str
    figures: Sequence[Figures] = ()
    checks: Sequence[Check] = field(default_factory=tuple)

    @property
    def failures(self) -> list[Check]:
        """Return the checks that do not hold; nothing checked is a failure too."""
        nothing = Check("checks", "at least one", "none", holds=False)
        return [check for check in self.checks if not check.holds] if self.checks else [nothing]


def _rows(number: int) -> str:
    return "1 row" if number == 1 else f"{number:,} rows"


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def cell(value: object) -> str:
    """Return a value as a Markdown table shows it."""
    return _text(value).replace("|", "\\|")

"""Attributes that come, get a column, have the wrong type or go; and envelopes with a column less or more."""

from collections.abc import Mapping
from pathlib import Path

from local.options import Inputs
from local.traffic.day import day
from validation import recount
from validation.day_parts import write
from validation.edited_tree import edited_tree
from validation.envelopes import with_other_envelopes
from validation.lakes import captured, command, run
from validation.recount import Change, Record
from validation.registry import Note
from validation.result import Figures, Result
from validation.schema_checks import (
    NUMBER,
    REMOVED,
    SET,
    mended_checks,
    promoted_checks,
    rebuilt_checks,
    undeclared_checks,
)

_NUMBER_LINE = f'Attribute("{NUMBER}", "N", LongType()),'
_WRONG_LINE, _RIGHT_LINE = (f'Attribute("{SET}", "{type_}", StringType()),' for type_ in ("S", "SS"))
_STORY = """
The generated day's application writes two attributes that the lake has no column for. Its first half comes as it is;
some of its objects are rewritten as an older and as a newer envelope would have left them. Then an engineer declares
both as [schema.md](schema.md) says, in a copy of the sources, one of them with the wrong type; the second half comes,
in which the application writes `category` no more. The line is corrected and the quarantine sent through again; at
last Silver is made anew from all of Bronze.
"""


def validate(folder: Path, note: Note) -> Result:
    """Return what became of each attribute, step by step, held against the raw records."""
    lake, checks = folder / "lake", []
    records = list(day())
    half = len(records) // 2
    first, second = records[:half], [without(REMOVED, record) for record in records[half:]]
    early, late = recount.task_changes(first), recount.task_changes(second)
    inputs = [Inputs(write(folder / f"half-{at}.jsonl", part)) for at, part in enumerate((first, second), start=1)]

    note("attributes nobody declared, and other envelopes")
    captured(lake, inputs[0])
    others = with_other_envelopes(lake)
    run(lake, inputs[0])
    checks += undeclared_checks(lake, early)

    note("both declared, one with the wrong type")
    run(lake, inputs[1], edited_tree(folder / "mistaken", _NUMBER_LINE, _WRONG_LINE))
    held_back = {change.event_id for change in late if SET in change.image}
    checks += promoted_checks(lake, early, late, held_back)

    note("the line corrected, the quarantine replayed")
    mended = edited_tree(folder / "mended", _NUMBER_LINE, _RIGHT_LINE)
    command("replay-quarantine", "--lake", str(lake), tree=mended)
    checks += mended_checks(lake, early, late)

    note("Silver made anew")
    command("rebuild", "--lake", str(lake), tree=mended)
    checks += rebuilt_checks(lake, [*early, *late])
    return Result(_STORY, [_steps(early, late, held_back, others)], checks)


def without(name: str, record: Record) -> Record:
    """Return the record as an application writes it that has given the attribute up."""
    change = dict(record["dynamodb"])
    for image in ("NewImage", "OldImage"):
        if image in change:
            change[image] = {key: value for key, value in change[image].items() if key != name}
    return {**record, "dynamodb": change}


def _steps(early: list[Change], late: list[Change], held_back: set[str], others: Mapping[str, int]) -> Figures:
    rows = [
        (
            "undeclared",
            f"`{NUMBER}` and `{SET}` come",
            f"{len(recount.values(early, NUMBER))} and {len(recount.values(early, SET))} changes have them in `extra`",
        ),
        (
            "another envelope",
            f"{others['older']} objects without `images_object`, {others['newer']} with a column more",
            "all read",
        ),
        ("declared", f"`{_NUMBER_LINE}`", "a column, in old rows too"),
        ("wrong type", f"`{_WRONG_LINE}`", f"{len(held_back)} new changes to `silver.quarantine`, the rest goes on"),
        ("mended", f"`{_RIGHT_LINE}`, `make replay-quarantine`", "all in Silver, none left"),
        ("removed", f"`{REMOVED}` comes no more", "null in new rows, as it was in old ones"),
        ("rebuilt", "`make rebuild`", "both columns in every row that has them"),
    ]
    return Figures("Step by step", ["step", "what happens", "what the lake does"], rows)

"""Attributes that come, get a column, have the wrong type or go; and envelopes with a column less or more."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local.options import Inputs
from local.traffic.day import day
from validation import recount
from validation.day_parts import write
from validation.edited_tree import edited_tree
from validation.envelopes import with_other_envelopes
from validation.lakes import Row, asked, captured, command, run
from validation.layers import layers
from validation.recount import Change, Record
from validation.recounted import silver_checks
from validation.registry import Note
from validation.result import Check, Figures, Result, equal, same_ids

# The application writes both, and `TASK_ATTRIBUTES` has neither.
NUMBER, SET = "estimate_minutes", "tags"
REMOVED = "category"
_NUMBER_LINE = f'Attribute("{NUMBER}", "N", LongType()),'
_WRONG_LINE, _RIGHT_LINE = (f'Attribute("{SET}", "{type_}", StringType()),' for type_ in ("S", "SS"))
_STORY = """
The generated day's application writes two attributes that the lake has no column for. Its first half comes as it is;
some of its objects are rewritten as an older and as a newer envelope would have left them. Then an engineer declares
both as [schema.md](schema.md) says, in a copy of the sources, one of them with the wrong type; the second half comes,
in which the application writes `category` no more. The line is corrected and the quarantine sent through again; at
last Silver is made anew from all of Bronze.
"""
Values = Mapping[str, Any]


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


def undeclared_checks(lake: Path, early: list[Change]) -> list[Check]:
    """Return the checks that what nobody declared can be asked for at once, and that no envelope is refused."""
    said = f"json_extract_scalar(element_at(extra, '{NUMBER}'), '$.N')"
    rows = asked(lake, f"select event_id, {said} as value from silver.task_changes where {said} is not null")
    wanted = {event_id: value["N"] for event_id, value in recount.values(early, NUMBER).items()}
    return [
        same_values(f"undeclared: `{NUMBER}` in `extra`, asked for at once", wanted, rows),
        same_ids("undeclared: changes of Silver, other envelopes' too", _ids(early), layers(lake).silver_changes),
    ]


def promoted_checks(lake: Path, early: list[Change], late: list[Change], held_back: set[str]) -> list[Check]:
    """Return the checks that old rows and new ones have the column, and that the wrong type stops its rows alone."""
    found = layers(lake)
    through = [change for change in (*early, *late) if change.event_id not in held_back]
    reasons = {row["reason"] for row in asked(lake, "select reason from silver.quarantine")}
    return [
        _numbers(lake, "declared", through),
        equal(
            f"declared: rows that have `{NUMBER}` in `extra` still",
            0,
            _count(lake, f"element_at(extra, '{NUMBER}') is not null"),
        ),
        same_ids(f"wrong type: the new rows with `{SET}` are in quarantine", held_back, found.quarantine),
        equal("wrong type: why", f"{SET} is not of type S", ", ".join(sorted(reasons))),
        same_ids("wrong type: all other rows went on", _ids(through), found.silver_changes),
        equal(
            f"wrong type: old rows keep `{SET}` in `extra`",
            len(recount.values(early, SET)),
            _count(lake, f"element_at(extra, '{SET}') is not null"),
        ),
    ]


def mended_checks(lake: Path, early: list[Change], late: list[Change]) -> list[Check]:
    """Return the checks that the replay brought what was held back, and that what went is null in new rows alone."""
    changes, found = [*early, *late], layers(lake)
    old = sum(REMOVED in change.image for change in early)
    return [
        equal("mended: rows left in quarantine", 0, len(found.quarantine)),
        same_ids("mended: changes of Silver", _ids(changes), found.silver_changes),
        _sets(lake, "mended: the column of the rows that were held back", recount.values(late, SET)),
        *(_named(check, "mended") for check in silver_checks(lake, changes)),
        equal(f"removed: rows with `{REMOVED}`, those of before", old, _count(lake, f"{REMOVED} is not null")),
    ]


def rebuilt_checks(lake: Path, changes: list[Change]) -> list[Check]:
    """Return the checks that Silver from nothing has both columns everywhere."""
    return [
        _numbers(lake, "rebuilt", changes),
        _sets(lake, "rebuilt: the column of old rows too", recount.values(changes, SET)),
        *(_named(check, "rebuilt") for check in silver_checks(lake, changes)),
    ]


def _numbers(lake: Path, step: str, changes: list[Change]) -> Check:
    rows = asked(lake, f"select event_id, {NUMBER} as value from silver.task_changes where {NUMBER} is not null")
    wanted = {event_id: int(value["N"]) for event_id, value in recount.values(changes, NUMBER).items()}
    return same_values(f"{step}: `{NUMBER}` of old rows and new ones", wanted, rows)


def _sets(lake: Path, name: str, values: Values) -> Check:
    rows = asked(lake, f"select event_id, {SET} as value from silver.task_changes where {SET} is not null")
    found = [{**row, "value": json.loads(row["value"])} for row in rows]
    return same_values(name, {event_id: value["SS"] for event_id, value in values.items()}, found)


def same_values(name: str, wanted: Values, rows: list[Row]) -> Check:
    """Return the check that each change has its value, and no other change has one."""
    found = {row["event_id"]: row["value"] for row in rows}
    different = sum(found.get(each) != wanted.get(each) for each in wanted.keys() | found.keys())
    return Check(name, f"{len(wanted):,} values", f"{different:,} differ" if different else "the same", not different)


def _named(check: Check, step: str) -> Check:
    return Check(f"{step}: {check.name}", check.expected, check.found, check.holds)


def _ids(changes: list[Change]) -> set[str]:
    return {change.event_id for change in changes}


def _count(lake: Path, condition: str) -> int:
    [row] = asked(lake, f"select count(*) as found from silver.task_changes where {condition}")
    return int(row["found"])


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

"""What must hold of attributes that come, get a column, have the wrong type or go."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from validation import recount
from validation.lakes import Row, asked
from validation.layers import layers
from validation.recount import Change
from validation.recounted import silver_checks
from validation.result import Check, equal, same_ids

# The application writes both, and `TASK_ATTRIBUTES` has neither.
NUMBER, SET = "estimate_minutes", "tags"
REMOVED = "category"


Values = Mapping[str, Any]


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

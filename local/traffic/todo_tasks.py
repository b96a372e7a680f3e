"""What users of the to-do application do with a task: each action makes the item's next version."""

import random
from collections.abc import Callable, Mapping
from typing import Any

from local.traffic.todo_table import Item

Action = Callable[[Item, int, random.Random], Item]

DAY = 86_400
_KEEP_DONE_DAYS = 30
_VERBS = ("Call", "Fix", "Write", "Review", "Buy", "Prüfe", "Réserver", "Order", "Plan", "Send", "確認する:")
_THINGS = (
    "the invoice",
    "la réunion",
    "Müller's contract",
    "tests",
    "a café table",
    "slides ✓",
    "牛乳",
    "the roof",
    "taxes",
)
_CATEGORIES = ("work", "home", "errands", "santé", "study")
_PRIORITIES = ("low", "medium", "high", "urgent")


def new_task(user_id: str, task_id: str, moment: int, rng: random.Random) -> Item:
    """Return a pending task; each optional attribute is missing now and then, as in every real table."""
    attributes: dict[str, Any] = {
        "title": {"S": f"{rng.choice(_VERBS)} {rng.choice(_THINGS)}"},
        "status": {"S": "pending"},
        "created_at": {"N": str(moment)},
        "updated_at": {"N": str(moment)},
    }
    optional = {
        "description": (0.5, {"S": f"{rng.choice(_THINGS)}, {rng.choice(_THINGS)}"}),
        "priority": (0.8, {"S": rng.choice(_PRIORITIES)}),
        "category": (0.6, {"S": rng.choice(_CATEGORIES)}),
        "due_date": (0.4, {"S": f"2025-11-{rng.randint(1, 30):02d}"}),
        # Not modelled downstream: an application adds attributes without asking the lake.
        "tags": (0.05, {"SS": sorted(rng.sample(_CATEGORIES, 2))}),
        "estimate_minutes": (0.05, {"N": str(rng.randint(1, 16) * 15)}),
    }
    attributes |= {name: value for name, (chance, value) in optional.items() if rng.random() < chance}
    return _with_keys(user_id, task_id, attributes)


def edit(task: Item, moment: int, rng: random.Random) -> Item:
    """Return the task with a new title or priority."""
    changed = rng.choice(
        [
            {"title": {"S": f"{rng.choice(_VERBS)} {rng.choice(_THINGS)}"}},
            {"priority": {"S": rng.choice(_PRIORITIES)}},
        ]
    )
    return _changed(task, moment, changed)


def start(task: Item, moment: int, rng: random.Random) -> Item:
    """Return the task in progress."""
    return _changed(task, moment, {"status": {"S": "in_progress"}})


def complete(task: Item, moment: int, rng: random.Random) -> Item:
    """Return the task completed; it expires by itself some weeks later."""
    expires = str(moment + _KEEP_DONE_DAYS * DAY)
    done = {"status": {"S": "completed"}, "completed_at": {"N": str(moment)}, "ttl": {"N": expires}}
    return _changed(task, moment, done)


def cancel(task: Item, moment: int, rng: random.Random) -> Item:
    """Return the task cancelled."""
    return _changed(task, moment, {"status": {"S": "cancelled"}})


def reopen(task: Item, moment: int, rng: random.Random) -> Item:
    """Return a finished task as pending again."""
    unfinished = {name: value for name, value in task.items() if name not in ("completed_at", "ttl")}
    return _changed(unfinished, moment, {"status": {"S": "pending"}})


def status(task: Item) -> str:
    """Return the task's status."""
    return str(task["status"]["S"])


def _changed(task: Item, moment: int, changes: dict[str, Any]) -> Item:
    user_id, task_id = task["PK"]["S"].removeprefix("TASK#"), task["SK"]["S"].removeprefix("TASK#")
    attributes = {
        name: value for name, value in task.items() if name not in ("PK", "SK") and not name.startswith("GSI")
    }
    return _with_keys(user_id, task_id, attributes | changes | {"updated_at": {"N": str(moment)}})


def _with_keys(user_id: str, task_id: str, attributes: Mapping[str, Any]) -> Item:
    """Return the item with its keys; an index whose attribute is missing does not hold the item."""
    keys = {"PK": f"TASK#{user_id}", "SK": f"TASK#{task_id}"}
    for number, name in enumerate(("status", "priority", "category", "due_date"), start=1):
        if name in attributes:
            keys[f"GSI{number}PK"] = f"USER#{user_id}"
            keys[f"GSI{number}SK"] = f"{name.upper()}#{attributes[name]['S']}#{task_id}"
    return {name: {"S": value} for name, value in keys.items()} | dict(attributes)

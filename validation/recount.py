"""What the tables must say, counted from the raw records in plain Python: no Spark, no SQL, none of the lake's code."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from typing import Any

Record = dict[str, Any]
Key = tuple[str, str]
# Averages of averages differ in their last digits.
DIGITS = 4

_CLOSED, OPEN = ("completed", "cancelled"), ("pending", "in_progress")


@dataclass(frozen=True)
class Change:
    """One change of a task, as its stream record tells it; ``image`` is after it, or before a removal."""

    event_id: str
    kind: str
    key: Key
    date: str
    image: dict[str, Any]
    status: str | None
    old_status: str | None
    is_expiry: bool

    @property
    def is_completion(self) -> bool:
        """Return whether the change finished the task."""
        return self.status == "completed" != self.old_status

    @property
    def completion_hours(self) -> float | None:
        """Return the hours from the task's creation to its completion."""
        if "completed_at" not in self.image:
            return None
        return (int(self.image["completed_at"]["N"]) - int(self.image["created_at"]["N"])) / 3_600


def task_changes(records: Iterable[Record]) -> list[Change]:
    """Return the changes of tasks, each once and in the stream's order; other entities' are none."""
    found: dict[str, Change] = {}
    for record in records:
        change = record["dynamodb"]
        user, task = (change["Keys"][part]["S"] for part in ("PK", "SK"))
        if user.startswith("TASK#") and task.startswith("TASK#"):
            found.setdefault(record["eventID"], _change(record, (user[5:], task[5:])))
    return list(found.values())


def _change(record: Record, key: Key) -> Change:
    change = record["dynamodb"]
    new, old = change.get("NewImage"), change.get("OldImage")
    return Change(
        event_id=record["eventID"],
        kind=record["eventName"],
        key=key,
        date=f"{datetime.fromtimestamp(change['ApproximateCreationDateTime'], UTC):%Y-%m-%d}",
        image=new or old,
        status=new["status"]["S"] if new else None,
        old_status=old["status"]["S"] if old else None,
        is_expiry=record["eventName"] == "REMOVE" and "userIdentity" in record,
    )


def counts(changes: Iterable[Change]) -> dict[str, int]:
    """Return the counts of tasks that the changes add up to, those that are not zero, by Silver's and Gold's names."""
    counted: Counter[str] = Counter()
    for change in changes:
        counted[{"INSERT": "tasks_created", "MODIFY": "tasks_updated"}.get(change.kind, _removed(change))] += 1
        if change.status in (*_CLOSED, "in_progress") and change.status != change.old_status:
            counted[f"tasks_{'started' if change.status == 'in_progress' else change.status}"] += 1
        if change.old_status in _CLOSED and change.status in OPEN:
            counted["tasks_reopened"] += 1
    return dict(sorted(counted.items()))


def _removed(change: Change) -> str:
    return "tasks_expired" if change.is_expiry else "tasks_deleted"


def values(changes: Iterable[Change], name: str) -> dict[str, Any]:
    """Return an attribute's DynamoDB-JSON by the change that has it."""
    return {change.event_id: change.image[name] for change in changes if name in change.image}


def latest(changes: Iterable[Change]) -> dict[Key, Change]:
    """Return each task's last change: the stream has them in order."""
    return {change.key: change for change in changes}


def last_statuses(changes: Iterable[Change]) -> list[tuple[str, str, str, bool]]:
    """Return the user, task, status and whether it is deleted of each task, in order."""
    states = latest(changes).items()
    return sorted((*key, change.image["status"]["S"], change.kind == "REMOVE") for key, change in states)


def user_days(changes: Sequence[Change]) -> list[tuple[str, str, dict[str, int]]]:
    """Return `silver.tasks_per_user_daily`: date, user and the counts that are not zero."""
    groups = grouped(changes, lambda change: (change.date, change.key[0]))
    return sorted(((*key, counts(of_user)) for key, of_user in groups.items()), key=lambda row: row[:2])


def percentile(values: Sequence[float], percent: int) -> float | None:
    """Return the nearest-rank percentile; None of no values."""
    return sorted(values)[ceil(percent * len(values) / 100) - 1] if values else None


def grouped(items: Iterable[Any], key: Callable[[Any], Any]) -> dict[Any, list[Any]]:
    """Return the items by their key, each group in order."""
    groups: dict[Any, list[Any]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return groups

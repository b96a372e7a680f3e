"""What the tables must say, counted from the raw records in plain Python: no Spark, no SQL, none of the lake's code."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

Record = dict[str, Any]
Key = tuple[str, str]
# Averages of averages differ in their last digits.
DIGITS = 4

_CLOSED, _OPEN = ("completed", "cancelled"), ("pending", "in_progress")
_COHORTS = {"completed_within_1_day": 1, "completed_within_3_days": 3, "completed_within_7_days": 7}
_COHORTS |= {"completed_within_30_days": 30}


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
        if change.old_status in _CLOSED and change.status in _OPEN:
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


def throughput(changes: Sequence[Change]) -> list[tuple[Any, ...]]:
    """Return `gold.task_throughput_daily`: date, active users, created, completed, and the average hours."""
    rows = []
    for date, of_day in sorted(_grouped(changes, lambda change: change.date).items()):
        said = counts(of_day)
        hours = [change.completion_hours for change in of_day if change.is_completion]
        known = [each for each in hours if each is not None]
        users = {change.key[0] for change in of_day}
        average = round(sum(known) / len(known), DIGITS) if known else None
        rows.append((date, len(users), said.get("tasks_created", 0), said.get("tasks_completed", 0), average))
    return rows


def user_days(changes: Sequence[Change]) -> list[tuple[str, str, dict[str, int]]]:
    """Return `silver.tasks_per_user_daily`: date, user and the counts that are not zero."""
    grouped = _grouped(changes, lambda change: (change.date, change.key[0]))
    return sorted(((*key, counts(of_user)) for key, of_user in grouped.items()), key=lambda row: row[:2])


def productivity(changes: Sequence[Change]) -> list[tuple[str, int, int, float | None, int]]:
    """Return `gold.user_productivity`: user, tasks, those completed, their median hours, and active days."""
    states = _grouped(latest(changes).values(), lambda change: change.key[0])
    days = _grouped((change for change in changes if not change.is_expiry), lambda change: change.key[0])
    rows = []
    for user, tasks in sorted(states.items()):
        done = [task for task in tasks if task.image["status"]["S"] == "completed"]
        median = percentile([task.completion_hours for task in done if task.completion_hours is not None], 50)
        active = {change.date for change in days.get(user, [])}
        rows.append((user, len(tasks), len(done), None if median is None else round(median, DIGITS), len(active)))
    return rows


def open_tasks(changes: Sequence[Change]) -> list[tuple[str, str, str, int, int]]:
    """Return `gold.task_status_current` without ages: status, priority, category, tasks, and those overdue."""
    as_of = max(change.date for change in changes)
    found: dict[tuple[str, str, str], list[bool]] = defaultdict(list)
    for change in latest(changes).values():
        image = change.image
        if change.kind != "REMOVE" and image["status"]["S"] in _OPEN:
            group = (image["status"]["S"], *(image.get(name, {"S": "none"})["S"] for name in ("priority", "category")))
            found[group].append("due_date" in image and image["due_date"]["S"] < as_of)
    return sorted((*group, len(overdue), sum(overdue)) for group, overdue in found.items())


def trends(changes: Sequence[Change]) -> list[tuple[str, str, int, int, int]]:
    """Return `gold.category_trends_weekly`: Monday, category, created, completed, and active users."""
    grouped = _grouped(changes, lambda change: (_monday(change.date), change.image.get("category", {"S": "none"})["S"]))
    rows = []
    for group, of_group in sorted(grouped.items()):
        said, users = counts(of_group), {change.key[0] for change in of_group if not change.is_expiry}
        rows.append((*group, said.get("tasks_created", 0), said.get("tasks_completed", 0), len(users)))
    return rows


def cohorts(changes: Sequence[Change]) -> list[tuple[str, int, int, int, int, int]]:
    """Return `gold.task_cohort_completion`: day of creation, tasks, and those finished within 1, 3, 7 and 30 days."""
    rows: dict[str, list[int]] = defaultdict(lambda: [0] * (1 + len(_COHORTS)))
    for change in latest(changes).values():
        row = rows[f"{datetime.fromtimestamp(int(change.image['created_at']['N']), UTC):%Y-%m-%d}"]
        row[0] += 1
        hours = change.completion_hours if change.image["status"]["S"] == "completed" else None
        for at, days in enumerate(_COHORTS.values(), start=1):
            row[at] += hours is not None and hours <= 24 * days
    return [(date, *row) for date, row in sorted(rows.items())]  # type: ignore[misc]


def api_health(log_events: Iterable[Record]) -> list[tuple[str, str, int, int, int, int, int]]:
    """Return `gold.api_health_daily`: date, route, requests, 4xx, 5xx, and the median and 99th percentile in ms."""
    requests = {line["request_id"]: line for line in _access_lines(log_events)}.values()
    grouped = _grouped(requests, lambda line: (_date_of_ms(line["requested_at_ms"]), line["route"]))
    rows = []
    for group, lines in sorted(grouped.items()):
        families, latencies = (
            Counter(line["status_code"] // 100 for line in lines),
            [line["latency_ms"] for line in lines],
        )
        speeds = (percentile(latencies, percent) for percent in (50, 99))
        rows.append((*group, len(lines), families[4], families[5], *speeds))
    return rows


def percentile(values: Sequence[float], percent: int) -> float | None:
    """Return the nearest-rank percentile; None of no values."""
    return sorted(values)[ceil(percent * len(values) / 100) - 1] if values else None


def _access_lines(log_events: Iterable[Record]) -> Iterator[dict[str, Any]]:
    for event in log_events:
        if event["message"].startswith("{"):
            line = json.loads(event["message"])
            if line.get("log") == "access":
                yield line


def _grouped(items: Iterable[Any], key: Any) -> dict[Any, list[Any]]:
    groups: dict[Any, list[Any]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return groups


def _monday(date: str) -> str:
    day = datetime.fromisoformat(date)
    return f"{day - timedelta(days=day.weekday()):%Y-%m-%d}"


def _date_of_ms(milliseconds: int) -> str:
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%Y-%m-%d}"

"""What Gold must say, counted from the raw records in plain Python."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from validation.recount import DIGITS, OPEN, Change, Record, counts, grouped, latest, percentile

_COHORT_DAYS = (1, 3, 7, 30)


def throughput(changes: Sequence[Change]) -> list[tuple[Any, ...]]:
    """Return `gold.task_throughput_daily`: date, active users, created, completed, and the average hours."""
    rows = []
    for date, of_day in sorted(grouped(changes, lambda change: change.date).items()):
        said = counts(of_day)
        hours = [change.completion_hours for change in of_day if change.is_completion]
        known = [each for each in hours if each is not None]
        users = {change.key[0] for change in of_day}
        average = round(sum(known) / len(known), DIGITS) if known else None
        rows.append((date, len(users), said.get("tasks_created", 0), said.get("tasks_completed", 0), average))
    return rows


def productivity(changes: Sequence[Change]) -> list[tuple[str, int, int, float | None, int]]:
    """Return `gold.user_productivity`: user, tasks, those completed, their median hours, and active days."""
    states = grouped(latest(changes).values(), lambda change: change.key[0])
    days = grouped((change for change in changes if not change.is_expiry), lambda change: change.key[0])
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
        if change.kind != "REMOVE" and image["status"]["S"] in OPEN:
            group = (image["status"]["S"], *(image.get(name, {"S": "none"})["S"] for name in ("priority", "category")))
            found[group].append("due_date" in image and image["due_date"]["S"] < as_of)
    return sorted((*group, len(overdue), sum(overdue)) for group, overdue in found.items())


def trends(changes: Sequence[Change]) -> list[tuple[str, str, int, int, int]]:
    """Return `gold.category_trends_weekly`: Monday, category, created, completed, and active users."""
    groups = grouped(changes, lambda change: (_monday(change.date), change.image.get("category", {"S": "none"})["S"]))
    rows = []
    for group, of_group in sorted(groups.items()):
        said, users = counts(of_group), {change.key[0] for change in of_group if not change.is_expiry}
        rows.append((*group, said.get("tasks_created", 0), said.get("tasks_completed", 0), len(users)))
    return rows


def cohorts(changes: Sequence[Change]) -> list[tuple[str, int, int, int, int, int]]:
    """Return `gold.task_cohort_completion`: day of creation, tasks, and those finished within 1, 3, 7 and 30 days."""
    rows: dict[str, list[int]] = defaultdict(lambda: [0] * (1 + len(_COHORT_DAYS)))
    for change in latest(changes).values():
        row = rows[f"{datetime.fromtimestamp(int(change.image['created_at']['N']), UTC):%Y-%m-%d}"]
        row[0] += 1
        hours = change.completion_hours if change.image["status"]["S"] == "completed" else None
        for at, days in enumerate(_COHORT_DAYS, start=1):
            row[at] += hours is not None and hours <= 24 * days
    return [(date, *row) for date, row in sorted(rows.items())]  # type: ignore[misc]


def api_health(log_events: Iterable[Record]) -> list[tuple[str, str, int, int, int, int, int]]:
    """Return `gold.api_health_daily`: date, route, requests, 4xx, 5xx, and the median and 99th percentile in ms."""
    requests = {line["request_id"]: line for line in _access_lines(log_events)}.values()
    groups = grouped(requests, lambda line: (_date_of_ms(line["requested_at_ms"]), line["route"]))
    rows = []
    for group, lines in sorted(groups.items()):
        families, latencies = (
            Counter(line["status_code"] // 100 for line in lines),
            [line["latency_ms"] for line in lines],
        )
        speeds = (percentile(latencies, percent) for percent in (50, 99))
        rows.append((*group, len(lines), families[4], families[5], *speeds))
    return rows


def _access_lines(log_events: Iterable[Record]) -> Iterator[dict[str, Any]]:
    for event in log_events:
        if event["message"].startswith("{"):
            line = json.loads(event["message"])
            if line.get("log") == "access":
                yield line


def _monday(date: str) -> str:
    day = datetime.fromisoformat(date)
    return f"{day - timedelta(days=day.weekday()):%Y-%m-%d}"


def _date_of_ms(milliseconds: int) -> str:
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%Y-%m-%d}"

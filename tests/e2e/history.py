"""A small history of tasks as stream records, and what the lake must make of it, worked out in plain Python."""

import json
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

DAY = 86_400
START = 1_760_486_400  # 2025-10-15T00:00:00Z
ARN = "arn:aws:dynamodb:us-east-1:123456789012:table/todo-app-data/stream/2025-10-15T00:00:00.000"
TTL = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}

# user, task, seconds since START, status after the change (None: deleted, "ttl": expired)
Step = tuple[str, str, int, str | None]
STEPS: list[Step] = [
    ("ada", "t1", 60, "pending"),
    ("ada", "t1", 3_660, "in_progress"),
    ("o'neil b", "t1", 4_000, "pending"),
    ("ada", "t1", 7_260, "completed"),
    ("ada", "t2", 7_300, "completed"),
    ("_hidden", "t3", 8_000, "pending"),
    ("ada", "t1", DAY - 1, "in_progress"),
    ("ada", "t1", DAY, "cancelled"),
    ("o'neil b", "t1", DAY + 10, None),
    ("_hidden", "t3", DAY + 20, "ttl"),
    ("o'neil b", "t1", DAY + 30, "in_progress"),
    ("ada", "t4", 3 * DAY, "pending"),
    ("ada", "t4", 3 * DAY + 7_200, "completed"),
]


# What `records` adds to a step's image: by the step's number, attributes in DynamoDB-JSON.
Attributes = Mapping[int, dict[str, Any]]


def records(steps: Iterable[Step] = STEPS, attributes: Attributes = MappingProxyType({})) -> list[dict[str, Any]]:
    """Return one stream record a step, in stream order, with both images."""
    images: dict[tuple[str, str], dict[str, Any]] = {}
    made = []
    for number, (user, task, seconds, status) in enumerate(steps):
        old = images.pop((user, task), None)
        new = None if status in (None, "ttl") else _image(user, task, seconds, str(status), old)
        if new:
            new |= attributes.get(number, {})
            images[user, task] = new
        made.append(_record(number, user, task, seconds, old, new, expired=status == "ttl"))
    return made


def daily(steps: Iterable[Step] = STEPS, left_out: Container[int] = ()) -> dict[tuple[str, str], dict[str, int]]:
    """Return the counts that are not zero of each (day, user): the definition, without Spark or SQL.

    A step that is left out has happened, and the one after it says so; it is not counted.
    """
    counts: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    statuses: dict[tuple[str, str], str] = {}
    for number, (user, task, seconds, status) in enumerate(steps):
        before = statuses.pop((user, task), None)
        if status not in (None, "ttl"):
            statuses[user, task] = str(status)
        if number in left_out:
            continue
        row = counts[f"{datetime.fromtimestamp(START + seconds, UTC):%Y-%m-%d}", user]
        if status in (None, "ttl"):
            row["tasks_expired" if status else "tasks_deleted"] += 1
            continue
        row["tasks_updated" if before else "tasks_created"] += 1
        entered = {"in_progress": "started", "completed": "completed", "cancelled": "cancelled"}.get(str(status))
        if entered and status != before:
            row[f"tasks_{entered}"] += 1
        if before in ("completed", "cancelled") and status in ("pending", "in_progress"):
            row["tasks_reopened"] += 1
    return {key: dict(row) for key, row in counts.items()}


def states(steps: Iterable[Step] = STEPS, left_out: Container[int] = ()) -> set[tuple[str, str, str, bool, bool]]:
    """Return each task with its last status, whether it is deleted, and whether it has expired."""
    statuses: dict[tuple[str, str], str] = {}
    last: dict[tuple[str, str], tuple[str, bool, bool]] = {}
    for number, (user, task, _, status) in enumerate(steps):
        is_deleted = status in (None, "ttl")
        kept = statuses.pop((user, task), "") if is_deleted else str(status)
        if not is_deleted:
            statuses[user, task] = kept
        if number not in left_out:
            last[user, task] = kept, is_deleted, status == "ttl"
    return {(*task, *state) for task, state in last.items()}


def log_events() -> list[dict[str, Any]]:
    """Return an access log line a step, and a line that is no JSON."""
    lines = [
        json.dumps({"log": "access", "request_id": f"r{number}", "user_id": user, "status_code": 200})
        for number, (user, *_) in enumerate(STEPS)
    ]
    return [
        {
            "logGroup": "/aws/api-gateway/todo-api/access",
            "logStream": "s",
            "id": f"{number:056}",
            "timestamp": (START + seconds) * 1000,
            "message": message,
        }
        for number, ((_, _, seconds, _), message) in enumerate(zip([*STEPS, STEPS[-1]], [*lines, "START"], strict=True))
    ]


def write(path: Path, given: Iterable[dict[str, Any] | str]) -> Path:
    """Write records, or lines as they are, one a line."""
    path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in given))
    return path


def _image(user: str, task: str, seconds: int, status: str, old: dict[str, Any] | None) -> dict[str, Any]:
    created = old["created_at"]["N"] if old else str(START + seconds)
    completed = {"completed_at": {"N": str(START + seconds)}} if status == "completed" else {}
    return {
        "PK": {"S": f"TASK#{user}"},
        "SK": {"S": f"TASK#{task}"},
        "title": {"S": f"Aufgabe {task} — ✓"},
        "status": {"S": status},
        "created_at": {"N": created},
        "updated_at": {"N": str(START + seconds)},
        **completed,
        "labels": {"SS": ["x"]},
    }


def _record(number: int, user: str, task: str, seconds: int, old: Any, new: Any, *, expired: bool) -> dict[str, Any]:
    images = {"OldImage": old, "NewImage": new}
    return {
        "eventID": f"event-{number:04d}",
        "eventName": "REMOVE" if new is None else "MODIFY" if old else "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1",
        "dynamodb": {
            "ApproximateCreationDateTime": float(START + seconds),
            "Keys": {"PK": {"S": f"TASK#{user}"}, "SK": {"S": f"TASK#{task}"}},
            "SequenceNumber": str(10**21 - 5 + number),  # of 21 digits, then of 22: text sorts them wrongly
            "SizeBytes": 300,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
            **{name: image for name, image in images.items() if image},
        },
        "eventSourceARN": ARN,
        **({"userIdentity": TTL} if expired else {}),
    }

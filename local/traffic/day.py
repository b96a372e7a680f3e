"""A day of the to-do application, made up but always the same."""

import gzip
import json
import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.traffic.api_logs import ApiLogs, LogLine
from local.traffic.requests import requests_of
from local.traffic.todo_table import Item, Record, TodoTable
from local.traffic.todo_tasks import DAY, Action, cancel, complete, edit, new_task, reopen, start, status

MIDNIGHT = 1_760_486_400  # 2025-10-15T00:00:00Z
_SEED = 20251015
_OLD_TASKS_PER_USER = 12
# Writes an hour, UTC: a European working day with its lunch, and a quiet night.
HOURS = (2, 1, 1, 1, 1, 2, 5, 12, 22, 26, 24, 21, 14, 20, 24, 22, 19, 15, 12, 11, 10, 8, 6, 4)
# User ids that a path or a URL cannot take as they are.
_ODD_USERS = ("ana+todo@example.org", "Siobhán O'Connor", "josé/maría", ".hidden", "_svc", "100% bob")

_NEXT: dict[str, tuple[tuple[Action | None, ...], tuple[int, ...]]] = {
    "pending": ((edit, start, complete, cancel, None), (42, 44, 6, 4, 4)),
    "in_progress": ((edit, start, complete, cancel, None), (38, 6, 50, 3, 3)),
    "completed": ((edit, reopen, None), (30, 20, 50)),
    "cancelled": ((edit, reopen, None), (20, 30, 50)),
}


@dataclass(frozen=True)
class Volume:
    """How much happens, and when: ``hours`` are the weights of the day's 24; of the changes so many are expiries."""

    users: int = 180
    task_changes: int = 3_000
    expiries: int = 60
    hours: tuple[int, ...] = HOURS


A_DAY = Volume()


def generate_day(events_path: Path, logs_path: Path, volume: Volume = A_DAY) -> None:
    """Write the stream records and the log events of 2025-10-15 as gzip JSON lines, the same everywhere.

    Each file is written as a whole or not at all.
    """
    records = list(day(volume))
    _write(events_path, records)
    _write(logs_path, day_logs(records))


def day(volume: Volume = A_DAY) -> Iterator[Record]:
    """Yield the task changes in order, by default 3,000 of 180 users, and the writes to other entities between them."""
    return _Day(random.Random(_SEED), volume).records()


def day_logs(records: Iterable[Record]) -> list[LogLine]:
    """Return the log events of about 4,000 API requests, oldest first: those that made the changes, and others."""
    rng = random.Random(_SEED)
    return ApiLogs(rng).of(list(requests_of(records, rng)))


def _write(path: Path, lines: Iterable[Mapping[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}")
    with unfinished.open("wb") as raw, gzip.GzipFile("", "wb", mtime=0, fileobj=raw) as file:
        for line in lines:
            file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    unfinished.replace(path)


class _Day:
    def __init__(self, rng: random.Random, volume: Volume) -> None:
        self._rng, self._volume = rng, volume
        self._table = TodoTable(rng)
        self._users = [*_ODD_USERS, *(f"{rng.getrandbits(64):016x}" for _ in range(volume.users - len(_ODD_USERS)))]
        rng.shuffle(self._users)
        self._weights = [1 / rank**0.8 for rank in range(1, volume.users + 1)]
        self._tasks: dict[str, list[Item]] = {user: [] for user in self._users}
        self._expiring: list[Item] = []
        self._load_old_tasks()

    def records(self) -> Iterator[Record]:
        moments = sorted(self._moment() for _ in range(self._volume.task_changes))
        expiries = set(self._rng.sample(range(self._volume.task_changes), self._volume.expiries))
        for number, moment in enumerate(moments):
            if number in expiries:
                yield self._table.delete(self._expiring.pop(), moment, by_ttl=True)
                continue
            (user,) = self._rng.choices(self._users, self._weights)
            if self._rng.random() < 0.03:
                yield self._table.put(self._profile(user, moment), moment)
            yield from self._change(user, moment)

    def _change(self, user: str, moment: int) -> Iterator[Record]:
        tasks = self._tasks[user]
        if not tasks or self._rng.random() < 0.24:
            if self._rng.random() < 0.6:
                yield self._table.put(self._request(moment), moment)
            tasks.append(new_task(user, self._id(), moment, self._rng))
            yield self._table.put(tasks[-1], moment)
            return
        at = self._pick(tasks)
        actions, weights = _NEXT[status(tasks[at])]
        (action,) = self._rng.choices(actions, weights)
        if action is None:
            yield self._table.delete(tasks.pop(at), moment)
        else:
            tasks[at] = action(tasks[at], moment, self._rng)
            yield self._table.put(tasks[at], moment)

    def _pick(self, tasks: list[Item]) -> int:
        """Return the position of a task to work on: mostly an open one."""
        still_open = [at for at, task in enumerate(tasks) if status(task) in ("pending", "in_progress")]
        return self._rng.choice(still_open if still_open and self._rng.random() < 0.93 else range(len(tasks)))

    def _load_old_tasks(self) -> None:
        for user in self._users:
            for _ in range(self._rng.randint(0, 2 * _OLD_TASKS_PER_USER)):
                created = MIDNIGHT - self._rng.randint(1, 60 * DAY)
                task = new_task(user, self._id(), created, self._rng)
                if self._rng.random() < 0.3:
                    task = start(task, self._rng.randint(created, MIDNIGHT - 1), self._rng)
                self._tasks[user].append(task)
                self._table.load(task)
        for _ in range(self._volume.expiries):
            self._load_expiring_task()

    def _load_expiring_task(self) -> None:
        """Add a task that was completed 30 days ago and expires today."""
        completed = MIDNIGHT - self._rng.randint(30 * DAY, 31 * DAY)
        task = new_task(
            self._rng.choice(self._users), self._id(), completed - self._rng.randint(60, 9 * DAY), self._rng
        )
        self._expiring.append(complete(task, completed, self._rng))
        self._table.load(self._expiring[-1])

    def _profile(self, user: str, moment: int) -> Item:
        """Return a user's own entity: personal data, which the filter keeps out of the lake."""
        keys = {"PK": {"S": f"USER#{user}"}, "SK": {"S": "METADATA"}}
        return keys | {
            "email": {"S": f"{user}@example.com"},
            "name": {"S": user},
            "last_seen_at": {"N": str(moment)},
        }

    def _request(self, moment: int) -> Item:
        """Return an idempotency record of the application."""
        key = {"S": f"IDEMPOTENCY#{self._id()}"}
        return {"PK": key, "SK": key, "status": {"S": "COMPLETED"}, "ttl": {"N": str(moment + DAY)}}

    def _moment(self) -> int:
        (hour,) = self._rng.choices(range(24), self._volume.hours)
        return MIDNIGHT + hour * 3_600 + self._rng.randrange(3_600)

    def _id(self) -> str:
        return f"{self._rng.getrandbits(64):016x}"

"""The API requests behind the day's task changes, and those that changed nothing."""

import random
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from local.traffic.todo_table import Record

ANONYMOUS = "-"  # What API Gateway writes for what it lacks.

_TASKS, _TASK = "/tasks", "/tasks/{taskId}"
_WRITES = {"INSERT": ("POST", _TASKS, 201), "MODIFY": ("PUT", _TASK, 200), "REMOVE": ("DELETE", _TASK, 204)}
_REFUSALS = ((400, "title is missing"), (404, "no such task"), (409, "the request was sent before"))


@dataclass(frozen=True)
class Request:
    """One request as API Gateway saw it; ``error`` is what the application said of it, if it failed.

    Lambda numbers its invocations itself: only the application's own line carries API Gateway's ``request_id``.
    """

    started_ms: int
    request_id: str
    invocation_id: str
    user_id: str
    method: str
    route: str
    status_code: int
    latency_ms: int
    error: str | None = None


def requests_of(records: Iterable[Record], rng: random.Random) -> Iterator[Request]:
    """Yield one successful request for each task change by a user, and now and then others shortly before it."""
    for record in records:
        change = record["dynamodb"]
        user_id = change["Keys"]["PK"]["S"].removeprefix("TASK#")
        if user_id == change["Keys"]["PK"]["S"] or "userIdentity" in record:
            continue
        moment_ms = int(change["ApproximateCreationDateTime"]) * 1000
        write = _WRITES[record["eventName"]]
        yield from _before(moment_ms, user_id, write, rng)
        yield _request(moment_ms, user_id, write, rng)


def _before(moment_ms: int, user_id: str, write: tuple[str, str, int], rng: random.Random) -> Iterator[Request]:
    """Yield what came first: a look at the tasks, a refusal, an error of the application, a lapsed session."""
    method, route, _ = write
    look, refused, broken, lapsed = (rng.random() for _ in range(4))
    if look < 0.26:
        yield _request(_earlier(moment_ms, rng), user_id, ("GET", rng.choice((_TASKS, _TASK)), 200), rng)
    if refused < 0.04:
        code, error = rng.choice(_REFUSALS)
        yield _request(_earlier(moment_ms, rng), user_id, (method, route, code), rng, error)
    if broken < 0.015:
        yield _request(_earlier(moment_ms, rng), user_id, (method, route, 502), rng, "KeyError: 'due_date'")
    if lapsed < 0.03:
        yield _request(_earlier(moment_ms, rng), ANONYMOUS, (method, route, 401), rng)


def _earlier(moment_ms: int, rng: random.Random) -> int:
    """Return a moment up to a minute earlier, of the same day."""
    return moment_ms - min(rng.randint(1, 60) * 1000, moment_ms % 86_400_000)


def _request(
    moment_ms: int, user_id: str, call: tuple[str, str, int], rng: random.Random, error: str | None = None
) -> Request:
    method, route, status_code = call
    started_ms, latency_ms = moment_ms + rng.randrange(200), round(rng.lognormvariate(3.6, 0.7)) + 4
    return Request(started_ms, _uuid(rng), _uuid(rng), user_id, method, route, status_code, latency_ms, error)


def _uuid(rng: random.Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))

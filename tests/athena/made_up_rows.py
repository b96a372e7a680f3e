"""Made-up Silver tables: always the same, with every value that engines could take differently."""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa

from athena_queries.lake_tables import SILVER
from tests.unit.athena_queries.cases import schema_of

_ROWS = 3_000
_FIRST = datetime(2025, 8, 4, tzinfo=UTC)  # a Monday
_BUSY = datetime(2025, 10, 15, tzinfo=UTC)  # of which the headers' examples ask
_DAYS = 100
_WORDS = ["a", "B", "Straße", "日本語 🚲", "it's", "100%", "", " a"]
_USERS = ["ada", "Siobhán O'Connor", "josé/maría", "anonymous", "Ada", "日本", "100% bob"]
_POOLS: dict[str, list[Any]] = {
    "user_id": [*_USERS * 20, *(f"u{n}" for n in range(300))],
    "task_id": [*["98085e1e9baa78a6"] * 4, *(f"t{n}" for n in range(40))],
    "event_name": ["INSERT", "MODIFY", "MODIFY", "REMOVE"],
    "status": ["pending", "in_progress", "completed", "cancelled"],
    "priority": ["low", "medium", "high", "urgent"],
    "category": ["home", "Home", "work", "größe", ""],
    "route": ["/tasks", "/tasks/{id}", "/"],
    "method": ["GET", "POST", "DELETE"],
    "status_code": [200, 201, 399, 400, 499, 500, 599],
    "extra": [{}, {"labels": '{"SS":["x"]}'}, {"a": '{"N":"1"}', "B": None}, {"a": "{"}],
}
_POOLS["old_status"] = _POOLS["new_status"] = _POOLS["status"]


def silver() -> dict[str, pa.Table]:
    """Return every Silver table with rows of its types, by name; columns of its key are never NULL."""
    return {table.full_name: _table(table.full_name, table.key) for table in SILVER}


def _table(name: str, key: tuple[str, ...]) -> pa.Table:
    rng = random.Random(name)
    schema = schema_of(name)
    rows = [{field.name: _value(rng, field, field.name in key) for field in schema} for _ in range(_ROWS)]
    unique = {tuple(row[column] for column in key): row for row in rows}
    return pa.Table.from_pylist(list(unique.values()), schema=schema)


def _value(rng: random.Random, field: pa.Field, is_key: bool) -> Any:
    if not is_key and rng.random() < 0.1:
        return None
    if field.name in _POOLS:
        value = rng.choice(_POOLS[field.name])
        return list(value.items()) if isinstance(value, dict) else value
    return next(make(rng) for is_type, make in _MAKERS if is_type(field.type))


def _instant(rng: random.Random) -> datetime:
    """Return a time of that summer and autumn, often a midnight or the microsecond before one."""
    day = _BUSY if rng.random() < 0.3 else _FIRST + timedelta(days=rng.randrange(_DAYS))
    seconds = rng.choice([0, 0, 86_399.999999, rng.randrange(86_400), rng.random() * 86_400])
    return day + timedelta(seconds=seconds)


def _day(rng: random.Random) -> date:
    return _instant(rng).date()


_MAKERS: list[tuple[Callable[[pa.DataType], bool], Callable[[random.Random], Any]]] = [
    (pa.types.is_timestamp, _instant),
    (pa.types.is_date, _day),
    (pa.types.is_boolean, lambda rng: rng.random() < 0.3),
    (pa.types.is_integer, lambda rng: rng.choice([0, 1, 2, 3, 250, 10**6])),
    (pa.types.is_floating, lambda rng: rng.choice([0.0, 1 / 3, 0.5, rng.random() * 1_000, 1e-9, -0.0])),
    (pa.types.is_string, lambda rng: rng.choice(_WORDS) + str(rng.randrange(10**6))),
    (pa.types.is_nested, lambda _: None),
]

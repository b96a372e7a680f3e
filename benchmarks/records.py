"""Real-shaped stream records for the benchmarks: the generated day's task changes, or those of EVENTS."""

import gzip
import json
import os
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from local.traffic.day import day

BATCH_SIZE = 100


def source() -> str:
    """Return where the records come from, for people."""
    return os.environ.get("EVENTS") or "the generated day"


def task_changes(wanted: int) -> Iterator[dict[str, Any]]:
    """Yield so many task changes, each with an event id of its own: what there is, again and again."""
    changes = [record for record in _records() if record["dynamodb"]["Keys"]["PK"]["S"].startswith("TASK#")]
    for number, change in enumerate(islice(cycle(changes), wanted)):
        yield change | {"eventID": f"{number:032x}"}


def events(wanted: int) -> Iterator[bytes]:
    """Yield the records as Lambda events of 100 each, as the bytes that Lambda's runtime gets."""
    records = task_changes(wanted)
    while batch := list(islice(records, BATCH_SIZE)):
        yield json.dumps({"Records": batch}, ensure_ascii=False, separators=(",", ":")).encode()


def _records() -> Iterator[dict[str, Any]]:
    path = os.environ.get("EVENTS")
    if not path:
        return day()
    content = Path(path).read_bytes()
    lines = gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
    return (json.loads(line) for line in lines.splitlines() if line.strip())

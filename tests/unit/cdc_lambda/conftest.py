"""The sample events."""

import base64
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

EVENTS = Path(__file__).parents[2] / "events"

LoadEvent = Callable[[str], dict[str, Any]]


@pytest.fixture
def load_event() -> LoadEvent:
    """Return what reads ``tests/events/<name>.json``."""
    return lambda name: json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture
def load_log_event(load_event: LoadEvent) -> LoadEvent:
    """Return what reads a sample payload of CloudWatch Logs and packs it as CloudWatch Logs does."""
    return lambda name: pack(load_event(name))


def pack(payload: object) -> dict[str, Any]:
    """Return the Lambda event of a log subscription."""
    return {"awslogs": {"data": base64.b64encode(gzip.compress(json.dumps(payload).encode())).decode()}}

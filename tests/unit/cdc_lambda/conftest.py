"""The sample events, and a Lambda context that can run out of time."""

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

"""What one comparison gives: figures to keep, and lines that say how they stand to their goals."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Note = Callable[[str], None]


@dataclass(frozen=True)
class Line:
    """One number beside its goal; without a goal it is there to be compared with."""

    name: str
    value: str
    goal: str = ""


@dataclass(frozen=True)
class Figure:
    """The outcome of one comparison: what `benchmarks/silver.json` keeps of it, and what people read."""

    kept: Mapping[str, Any]
    lines: list[Line]

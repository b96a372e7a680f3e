"""A part of the status: lines, of which some are red."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from botocore.exceptions import BotoCoreError, ClientError

from operations.aws_errors import operation_error
from operations.errors import OperationError


@dataclass(frozen=True)
class Line:
    """One line; red if the operator has something to do, dim if it only says why something is not known."""

    text: str
    is_red: bool = False
    is_note: bool = False


@dataclass(frozen=True)
class Section:
    """Lines under a title."""

    title: str
    lines: tuple[Line, ...]


def section(title: str, read: Callable[[], Iterable[Line]]) -> Section:
    """Return what can be read; where AWS does not tell, the section ends with a line that says why."""
    return Section(title, tuple(_readable(read)))


def ago(moment: datetime, now: datetime) -> str:
    """Return how long ago that was, such as ``3 h 20 min ago``."""
    return f"{lasting(now - moment)} ago"


def lasting(time: timedelta) -> str:
    """Return a length of time in its two largest units."""
    seconds = max(0, round(time.total_seconds()))
    units = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
    parts = []
    for name, size in units:
        count, seconds = divmod(seconds, size)
        parts.append((count, name))
    first = next((place for place, (count, _) in enumerate(parts) if count), len(parts) - 1)
    return " ".join(f"{count} {name}" for count, name in parts[first : first + 2] if count) or "0 s"


def _readable(read: Callable[[], Iterable[Line]]) -> Iterator[Line]:
    try:
        yield from read()
    except (BotoCoreError, ClientError) as error:
        yield Line(f"not known: {operation_error(error)}", is_note=True)
    except OperationError as error:
        yield Line(f"not known: {error}", is_note=True)

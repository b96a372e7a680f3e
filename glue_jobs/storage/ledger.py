"""What arrived in Bronze, in the order of arrival, read from where the last run stopped."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyarrow as pa
import pyarrow.dataset
import pyarrow.fs

from glue_jobs.storage.files import open_filesystem

LEDGER = "bronze_ledger"
# Firehose retries S3 for 24 hours: a ledger object may appear that long after others with later names.
STRAGGLERS = timedelta(hours=25)
_HOUR = "%Y/%m/%d/%H"
_ENTRY = pa.schema([("object_key", pa.string())])


@dataclass(frozen=True)
class Position:
    """How far the ledger was read: its newest object, and which objects of the stragglers' hours were among them."""

    newest: str
    recent: frozenset[str]

    def to_json(self) -> str:
        """Return the position as text for a snapshot's summary."""
        return json.dumps({"newest": self.newest, "recent": sorted(self.recent)}, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Position":
        """Return the position that ``to_json`` wrote."""
        fields = json.loads(text)
        return cls(fields["newest"], frozenset(fields["recent"]))


@dataclass(frozen=True)
class Arrivals:
    """What the ledger lists beyond a position: Bronze keys, sorted and each once, and the position behind them."""

    object_keys: list[str]
    ledger_objects: int
    position: Position | None


def read_after(lake: str, prefix: str, position: Position | None) -> Arrivals:
    """Return the keys under ``prefix`` that arrived after ``position``; all of them if it is None.

    Only the ledger's hours from the position on are listed, so the cost follows what arrived, not what is stored.
    """
    filesystem, root = open_filesystem(lake)
    floor = _floor(position)
    listed = [path.removeprefix(f"{root}/") for path in _list(filesystem, f"{root}/{LEDGER}", floor)]
    unread = [key for key in listed if position is None or _tag(key) not in position.recent]
    if not unread:
        return Arrivals([], 0, position)
    entries = pa.dataset.dataset(
        [f"{root}/{key}" for key in unread], schema=_ENTRY, format="parquet", filesystem=filesystem
    )
    keys = {key for key in entries.to_table()["object_key"].to_pylist() if key.startswith(prefix)}
    return Arrivals(sorted(keys), len(unread), _position_after(listed, position))


def _floor(position: Position | None) -> list[str]:
    """Return the first hour to list, as the path's parts."""
    if position is None:
        return []
    hour = datetime.strptime("/".join(position.newest.split("/")[1:5]), _HOUR)
    return (hour - STRAGGLERS).strftime(_HOUR).split("/")


def _list(filesystem: pyarrow.fs.FileSystem, folder: str, floor: list[str]) -> Iterable[str]:
    """Yield the files below a folder whose year, month, day and hour are not before ``floor``, in order."""
    selector = pyarrow.fs.FileSelector(folder, allow_not_found=True)
    for entry in sorted(filesystem.get_file_info(selector), key=lambda entry: entry.path):
        if entry.is_file:
            yield entry.path
        elif not floor or entry.base_name > floor[0]:
            yield from _list(filesystem, entry.path, [])
        elif entry.base_name == floor[0]:
            yield from _list(filesystem, entry.path, floor[1:])


def _tag(key: str) -> str:
    """Return enough of a ledger object's name to tell it from the others of its hours: the end of its UUID."""
    return key.removesuffix(".parquet")[-12:]


def _position_after(listed: list[str], position: Position | None) -> Position:
    newest = max([*listed, *([position.newest] if position else [])])
    floor = "/".join([LEDGER, *_floor(Position(newest, frozenset()))])
    return Position(newest, frozenset(_tag(key) for key in listed if key >= floor))

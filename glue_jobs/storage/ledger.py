"""What arrived in Bronze, in the order of arrival, read from where the last run stopped."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import pyarrow as pa
import pyarrow.dataset
import pyarrow.fs

from glue_jobs.storage.files import open_filesystem

LEDGER = "bronze_ledger"
# Firehose retries S3 for 24 hours: a ledger object may appear that long after others with later names.
STRAGGLERS = timedelta(hours=25)
HOUR = "%Y/%m/%d/%H"
_DAY_PARTS = 3
# Arrow keeps every file of a dataset in memory until the last one is read.
_AT_ONCE = 1000
_ENTRY = pa.schema([("object_key", pa.string())])


class LedgerError(Exception):
    """All of Bronze is to be read, and no ledger says what that is."""

    def __init__(self, lake: str) -> None:
        super().__init__(f"{lake}/{LEDGER} names nothing, and nothing was rebuilt: run `make rebuild-ledger` first")


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

    Only the ledger's days from the position on are listed, so the cost follows what arrived, not what is stored.
    """
    filesystem, root = open_filesystem(lake)
    listed = list_ledger(filesystem, root, _floor(position.newest) if position else "")
    unread = [key for key in listed if position is None or _tag(key) not in position.recent]
    if not unread:
        return Arrivals([], 0, position)
    keys = {key for key in read_keys(filesystem, root, unread) if key.startswith(prefix)}
    return Arrivals(sorted(keys), len(unread), _position_after(listed, position))


def read_days(lake: str, prefix: str, first: date, last: date) -> Arrivals:
    """Return the keys under ``prefix`` that arrived in the UTC days from first to last; no position is behind them.

    A ledger object lies in the hour of its oldest entry, so the hour before the first day holds some of it: a key more
    than asked for changes nothing.
    """
    filesystem, root = open_filesystem(lake)
    floor, ceiling = datetime.combine(first, time(), UTC) - timedelta(hours=1), f"{LEDGER}/{last:%Y/%m/%d}/~"
    wanted = [key for key in list_ledger(filesystem, root, floor.strftime(HOUR)) if key < ceiling]
    keys = {key for key in read_keys(filesystem, root, wanted) if key.startswith(prefix)}
    return Arrivals(sorted(keys), len(wanted), None)


def list_ledger(filesystem: pyarrow.fs.FileSystem, root: str, floor: str = "") -> list[str]:
    """Return the keys of the ledger's objects from the hour ``floor`` (``YYYY/MM/DD/HH``) on, in order."""
    paths = _list(filesystem, f"{root}/{LEDGER}", floor.split("/")[:_DAY_PARTS] if floor else [])
    keys = (path.removeprefix(f"{root}/") for path in paths)
    return sorted(key for key in keys if key >= f"{LEDGER}/{floor}")


def read_keys(filesystem: pyarrow.fs.FileSystem, root: str, ledger_objects: Sequence[str]) -> Iterator[str]:
    """Yield each Bronze key that these objects of the ledger list; one may come twice."""
    for first in range(0, len(ledger_objects), _AT_ONCE):
        paths = [f"{root}/{key}" for key in ledger_objects[first : first + _AT_ONCE]]
        entries = pyarrow.dataset.dataset(paths, schema=_ENTRY, format="parquet", filesystem=filesystem).to_table()
        yield from entries["object_key"].to_pylist()


def _floor(newest: str) -> str:
    """Return the first hour in which an object may appear after ``newest`` has."""
    hour = datetime.strptime("/".join(newest.split("/")[1:5]), HOUR)
    return (hour - STRAGGLERS).strftime(HOUR)


def _list(filesystem: pyarrow.fs.FileSystem, folder: str, floor: list[str]) -> Iterable[str]:
    """Yield the files below a folder whose year, month and day are not before ``floor``.

    A folder that is wanted whole is one listing, however many folders are in it.
    """
    selector = pyarrow.fs.FileSelector(folder, allow_not_found=True, recursive=not floor)
    for entry in filesystem.get_file_info(selector):
        if entry.is_file:
            yield entry.path
        elif floor and entry.base_name >= floor[0]:
            yield from _list(filesystem, entry.path, floor[1:] if entry.base_name == floor[0] else [])


def _tag(key: str) -> str:
    """Return enough of a ledger object's name to tell it from the others of its hours: the end of its UUID."""
    return key.removesuffix(".parquet")[-12:]


def _position_after(listed: list[str], position: Position | None) -> Position:
    newest = max([*listed, *([position.newest] if position else [])])
    floor = f"{LEDGER}/{_floor(newest)}"
    return Position(newest, frozenset(_tag(key) for key in listed if key >= floor))

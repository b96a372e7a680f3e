"""The ledger remade from a listing: what Bronze holds and the ledger does not name."""

import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.fs
import pyarrow.parquet as pq

from glue_jobs.storage.files import open_filesystem
from glue_jobs.storage.ledger import HOUR, LEDGER, list_ledger, read_keys

BRONZE = "bronze"
# The columns of `LedgerTable` in infra/catalog.yaml.
LEDGER_SCHEMA = pa.schema(
    [("object_key", pa.string()), ("size_bytes", pa.int64()), ("created_at", pa.timestamp("ms", "UTC"))]
)
# Firehose names an object by when its oldest record came.
_ARRIVAL = re.compile(r"-(\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d)-[0-9a-f-]{36}\.parquet$")
_ENTRIES_AN_OBJECT = 100_000
_OBJECTS = uuid.UUID("5b1f6a58-1f2e-5f0c-8a65-6f2f0c8b7d10")
_STAGING = ".staging"


class LedgerRebuildError(Exception):
    """There is neither a ledger nor an object in Bronze that says when it came."""


@dataclass(frozen=True)
class LedgerRebuild:
    """Objects that Bronze holds, those the ledger knew, those it was given, and those it names that are gone."""

    listed: int
    known: int
    added: int
    gone: int = 0

    def warning(self, lake: str) -> str | None:
        """Return what is to be done about objects that are gone, None where none is."""
        if not self.gone:
            return None
        return (
            f"{self.gone:,} objects that the ledger names are gone, and whatever reads them stops: get them back, or "
            f"empty {lake}/{LEDGER}/ and make it anew; docs/runbook.md#an-object-of-bronze-that-cannot-be-read"
        )


def rebuild_ledger(lake: str, observe: Callable[[str], None]) -> LedgerRebuild:
    """Return what was found; afterwards the ledger names every object of Bronze, and each job will read the new ones.

    They go into the newest hour that the ledger or the names in Bronze tell of, which no position has passed. The clock
    tells nothing: on a laptop time is the input's, and behind an object from the future what comes later would look
    read. Run again, it adds nothing; a key that the ledger names twice is read twice, and its rows count once.
    """
    filesystem, root = open_filesystem(lake)
    ledger = list_ledger(filesystem, root)
    known = set(read_keys(filesystem, root, ledger))
    observe(f"ledger: {len(known):,} keys in {len(ledger):,} objects")
    listed = 0
    missing: dict[str, int] = {}
    for objects in _list_bronze(filesystem, root):
        listed += len(objects)
        missing |= {key: size for key, size in objects.items() if key not in known}
    observe(f"Bronze: {listed:,} objects, {len(missing):,} of them not in the ledger")
    if missing:
        _write(filesystem, root, _hour(ledger, missing), missing)
    there = listed - len(missing)
    # The ledger was read first: what it named then and Bronze does not hold now was deleted.
    return LedgerRebuild(listed, there, len(missing), gone=len(known) - there)


def _list_bronze(filesystem: pyarrow.fs.FileSystem, root: str) -> Iterator[dict[str, int]]:
    """Yield the objects of each table and month, by key with their sizes: as many as fit into memory at once."""
    folders = [f"{root}/{BRONZE}"]
    for _ in ("table", "year", "month"):
        folders = [inner for folder in folders for inner in _folders(filesystem, folder)]
    for month in folders:
        found = filesystem.get_file_info(pyarrow.fs.FileSelector(month, recursive=True))
        objects = (entry for entry in found if entry.is_file and entry.extension == "parquet")
        yield {entry.path.removeprefix(f"{root}/"): entry.size for entry in objects}


def _folders(filesystem: pyarrow.fs.FileSystem, folder: str) -> list[str]:
    found = filesystem.get_file_info(pyarrow.fs.FileSelector(folder, allow_not_found=True))
    return sorted(entry.path for entry in found if not entry.is_file)


def _hour(ledger: Sequence[str], missing: Iterable[str]) -> str:
    """Return the hour that every position still reads: the newest one of the ledger and of what it lacks."""
    hours = [key.removeprefix(f"{LEDGER}/").rpartition("/")[0] for key in ledger[-1:]]
    hours += [arrival.strftime(HOUR) for arrival in map(_arrival, missing) if arrival]
    if not hours:
        raise LedgerRebuildError("no ledger is left, and no name of an object in Bronze says when it came")
    return max(hours)


def _arrival(object_key: str) -> datetime | None:
    found = _ARRIVAL.search(object_key)
    return datetime.strptime(found[1], "%Y-%m-%d-%H-%M-%S").replace(tzinfo=UTC) if found else None


def _write(filesystem: pyarrow.fs.FileSystem, root: str, hour: str, missing: Mapping[str, int]) -> None:
    """Write the entries as objects of the ledger, named by what they hold."""
    keys = sorted(missing)
    for first in range(0, len(keys), _ENTRIES_AN_OBJECT):
        some = keys[first : first + _ENTRIES_AN_OBJECT]
        columns = [some, [missing[key] for key in some], [_arrival(key) for key in some]]
        identity = uuid.uuid5(_OBJECTS, "\n".join(some))
        entries = pa.Table.from_arrays(list(map(pa.array, columns, LEDGER_SCHEMA.types)), schema=LEDGER_SCHEMA)
        _put(filesystem, root, f"{LEDGER}/{hour}/bronze-ledger-rebuilt-{identity}.parquet", entries)


def _put(filesystem: pyarrow.fs.FileSystem, root: str, key: str, entries: pa.Table) -> None:
    """Write one object as Firehose does. A run may list the ledger meanwhile: it sees the whole object or none."""
    path = written = f"{root}/{key}"
    in_folders = isinstance(filesystem, pyarrow.fs.LocalFileSystem)
    if in_folders:  # which show a file that is half written; S3 does not
        written = f"{root}/{_STAGING}/{key.rpartition('/')[2]}"
        for file in (path, written):
            filesystem.create_dir(file.rpartition("/")[0])
    pq.write_table(entries, written, filesystem=filesystem, use_deprecated_int96_timestamps=True, store_schema=False)
    if in_folders:
        filesystem.move(written, path)

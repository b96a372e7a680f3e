"""The lake's folder: one version of its layout, one run at a time."""

import json
import shlex
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

# Raised when the layout or a table's meaning changes in a way that older lakes cannot follow.
LAKE_FORMAT = 1
_LABEL = "lake.json"
_UNFINISHED_LABEL = ".lake.json"
_LOCK = ".lock"
# Spark reads paths as patterns and URIs: these would name something else.
_UNUSABLE = set("*?[]{}#%\\'`\n")


class LakeError(Exception):
    """The lake cannot be used as it is; the message is one line that says what to do."""


@contextmanager
def open_lake(path: Path) -> Iterator[Path]:
    """Give the lake's folder as an absolute path, made where it is missing and held by this process alone."""
    lake = path.expanduser().absolute()
    if unusable := _UNUSABLE & set(str(lake)):
        raise LakeError(f"{lake}: Spark cannot use a path with {min(unusable)!r}: choose another LAKE")
    with ExitStack() as held:
        try:
            _refuse_foreign(lake)
            lake.mkdir(parents=True, exist_ok=True)
            held.enter_context(FileLock(lake / _LOCK, timeout=0))
            _check(lake)
        except (FileExistsError, NotADirectoryError) as error:
            raise LakeError(f"{lake} is not a folder: choose another LAKE") from error
        except Timeout as error:
            raise LakeError(f"{lake} is in use by another run: wait for it to end, or choose another LAKE") from error
        except OSError as error:
            raise LakeError(
                f"{error.filename or lake} cannot be written ({error.strerror}): choose another LAKE"
            ) from error
        yield lake


def existing_lake(path: Path) -> Path:
    """Return the lake's folder as an absolute path; raise LakeError if there is no lake."""
    lake = path.expanduser().absolute()
    if not (lake / _LABEL).is_file():
        raise LakeError(f"there is no lake at {lake} yet: `make run` makes one")
    _check(lake)
    return lake


def queried_lake(path: Path) -> Path:
    """Return the lake's folder as an absolute path for reading; raise LakeError if it has no tables."""
    lake = existing_lake(path)
    if not (lake / "catalog.db").is_file():
        raise LakeError(f"the lake at {lake} has no tables yet, its run was interrupted: `make run` goes on")
    return lake


def lake_option(lake: Path) -> str:
    """Return what a make command needs to be told to use this lake: nothing for the default one."""
    return "" if lake == Path(".lake").absolute() else f" LAKE={shlex.quote(str(lake))}"


def _refuse_foreign(lake: Path) -> None:
    """Raise LakeError if the folder holds other things than a lake, before anything is put beside them."""
    if not lake.exists() or (lake / _LABEL).exists():
        return
    if others := sorted(entry.name for entry in lake.iterdir() if entry.name not in (_LOCK, _UNFINISHED_LABEL)):
        raise LakeError(f"{lake} is no lake, it holds {others[0]!r}: choose an empty folder")


def _check(lake: Path) -> None:
    """Label the folder where it is new; raise LakeError if its label is not one of ours."""
    label = lake / _LABEL
    if not label.exists():
        unfinished = lake / _UNFINISHED_LABEL
        unfinished.write_text(json.dumps({"format": LAKE_FORMAT, "path": str(lake)}) + "\n")
        unfinished.replace(label)
    try:
        found = json.loads(label.read_text())
        made_by, made_at = found["format"], found["path"]
    except (ValueError, KeyError, TypeError) as error:
        raise LakeError(f"{label} is damaged: choose another LAKE, or remove this one and run again") from error
    if made_by != LAKE_FORMAT:
        raise LakeError(
            f"{lake} was made by another version of Task Lake (format {made_by}, this one writes {LAKE_FORMAT}): "
            "choose another LAKE, or remove this one and run again"
        )
    if made_at != str(lake):
        raise LakeError(f"{lake} was made at {made_at}, and Iceberg keeps absolute paths: move it back")

"""An object of Bronze that cannot be read: named in one line, from a task of Spark's to whoever started the job."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa

_IN_A_TRACEBACK = re.compile(r"\bBronzeError: (.+)")


class BronzeError(Exception):
    """An object of Bronze that the ledger names cannot be read; the message says which, why and what to do."""


@contextmanager
def unreadable(key: str) -> Iterator[None]:
    """Raise BronzeError in place of what Arrow says of an object."""
    try:
        yield
    except (OSError, ValueError, pa.ArrowException) as error:
        why = "it is gone" if isinstance(error, FileNotFoundError) else " ".join(str(error).split()).rstrip(".")
        raise BronzeError(
            f"{key} cannot be read, and nothing was published: {why}; "
            "docs/runbook.md#an-object-of-bronze-that-cannot-be-read says what to do"
        ) from error


@contextmanager
def bronze_errors() -> Iterator[None]:
    """Raise BronzeError in place of the error of Spark's that a task died of one: there it is a line of its text."""
    try:
        yield
    except Exception as error:
        # What Spark says of itself; the trace below it is kept apart.
        text = f"{error}\n{getattr(error, '_stackTrace', '')}"
        if found := _IN_A_TRACEBACK.search(text):
            raise BronzeError(found[1].strip()) from error
        raise

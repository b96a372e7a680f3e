"""What every door has: it says what an object holds, and hands it over."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO, Protocol, TypeVar

from operations.replay import documents

Parsed = TypeVar("Parsed")


class NotADocumentError(Exception):
    """The object is not what the service writes there; the message says in one line what is wrong."""


@dataclass
class Content:
    """The records of one object, and the reasons of those that are held, or left after they were handed over."""

    records: int
    reasons: Counter[str] = field(default_factory=Counter)
    # The service took none of them, and it is not they that are to blame.
    is_refused: bool = False
    # Of those looked at: what a replay would hand over.
    replayable: int = 0


class Door(Protocol):
    """The service that gave up what an object of its failure store holds."""

    def look(self, body: IO[bytes]) -> Content:
        """Return what the object holds, and why it was given up; raise NotADocumentError."""

    def hand_over(self, body: IO[bytes]) -> Content:
        """Hand every record over; return how many there are, and why some were not taken; raise NotADocumentError."""


def read(parse: Callable[[bytes], Parsed], body: IO[bytes], what: str) -> Parsed:
    """Return a document of Lambda's, which is at most a batch or an event; raise NotADocumentError."""
    try:
        return parse(body.read())
    except documents.NO_DOCUMENT as error:
        raise NotADocumentError(documents.not_a_document(what, error)) from error

"""What happens to a stack and to those nested in it, as it happens; and which failure caused the others."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Any

from operations.stack import NESTED

# What CloudFormation stops because something else failed. docs/aws-semantics.md#cloudformation-5
_CANCELLED = re.compile(r"Resource (creation|update) cancelled", re.IGNORECASE)
_BEGINNINGS = {"CREATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "UPDATE_IN_PROGRESS"}
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class StackEvent:
    """One change of one resource's state."""

    id: str
    stack_id: str
    logical_id: str
    physical_id: str
    type: str
    status: str
    reason: str
    at: datetime

    @property
    def is_of_a_stack(self) -> bool:
        """Whether it tells of a stack, which fails because of what it holds."""
        return self.type == NESTED


@dataclass
class StackEvents:
    """The events of one operation on a stack; begun before it, so that the former ones are known."""

    cloudformation: Any
    stack_id: str
    since: datetime = _LONG_AGO
    seen: list[StackEvent] = field(default_factory=list)

    def skip_former(self) -> "StackEvents":
        """Leave out what has happened until now, by CloudFormation's own clock."""
        self.since = max((event.at for event in self._read(self.stack_id)), default=_LONG_AGO)
        return self

    def of_last_operation(self) -> "StackEvents":
        """Read what happened since the stack was last told to do something."""
        own = [event for event in self._read(self.stack_id) if event.physical_id == self.stack_id]
        begun = next((event.at for event in own if event.status in _BEGINNINGS), _LONG_AGO)
        self.since = begun - timedelta(microseconds=1)
        self.news()
        return self

    def news(self) -> Sequence[StackEvent]:
        """Return the events since the last call, the oldest first."""
        known = {event.id for event in self.seen}
        found: list[StackEvent] = []
        waiting, asked = {self.stack_id} | _nested(self.seen), set[str]()
        while waiting:
            asked.add(stack_id := waiting.pop())
            # The newest come first, so behind one that is known there is none that is not.
            of_stack = list(takewhile(lambda event: event.id not in known, self._read(stack_id)))
            found += of_stack
            waiting |= _nested(of_stack) - asked
        found.sort(key=lambda event: event.at)
        self.seen += found
        return found

    def first_failure(self) -> StackEvent | None:
        """Return the failure that came first and no other explains, or None."""
        failed = sorted((event for event in self.seen if event.status.endswith("_FAILED")), key=lambda event: event.at)
        causes = [event for event in failed if not _CANCELLED.search(event.reason)] or failed
        return next((event for event in causes if not event.is_of_a_stack), next(iter(causes), None))

    def _read(self, stack_id: str) -> Iterator[StackEvent]:
        """Yield the stack's events after ``since``, the newest first."""
        for page in self.cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack_id):
            for event in map(_event, page["StackEvents"]):
                if event.at <= self.since:
                    return
                yield event


def _nested(events: Sequence[StackEvent]) -> set[str]:
    """Return the ids of the stacks nested in those of which the events tell."""
    return {one.physical_id for one in events if one.is_of_a_stack and one.physical_id not in ("", one.stack_id)}


def _event(body: Mapping[str, Any]) -> StackEvent:
    return StackEvent(
        body["EventId"],
        body["StackId"],
        body.get("LogicalResourceId", ""),
        body.get("PhysicalResourceId", ""),
        body.get("ResourceType", ""),
        body.get("ResourceStatus", ""),
        " ".join(body.get("ResourceStatusReason", "").split()),
        body["Timestamp"],
    )

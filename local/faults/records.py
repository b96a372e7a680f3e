"""An input's records as a bad day hands them over: twice, out of order, undecodable, too large."""

import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any, TypeVar

from local.faults.profiles import FaultProfile
from local.stream.stream_record import StreamRecord

_Item = TypeVar("_Item")
# One image of this and its escapes pass Firehose's 1,024,000 bytes; DynamoDB's own limit is 400 KB an item.
_PADDING = "\\" * 390_000


def disturbed(items: Iterable[_Item], profile: FaultProfile, rng: random.Random) -> Iterator[_Item]:
    """Yield every item at least once, and the poison records made besides; what is sent is what is yielded."""
    yield from _reordered(_repeated(items, profile, rng), profile, rng)


def with_bad_records(
    items: Iterable[_Item], profile: FaultProfile, rng: random.Random
) -> Iterator[_Item | StreamRecord]:
    """Yield the items; some task changes made too large for Firehose, some followed by one nobody can decode."""
    for item in items:
        if not isinstance(item, StreamRecord):
            yield item
            continue
        poison, oversize = rng.random(), rng.random()
        yield _oversize(item) if oversize < profile.oversize_records else item
        if poison < profile.poison_records:
            yield _poison(item)


def _repeated(items: Iterable[_Item], profile: FaultProfile, rng: random.Random) -> Iterator[_Item]:
    for item in items:
        yield item
        if rng.random() < profile.duplicated_records:
            yield item


def _reordered(items: Iterable[_Item], profile: FaultProfile, rng: random.Random) -> Iterator[_Item]:
    left = iter(items)
    while window := list(islice(left, profile.reordered_records)):
        rng.shuffle(window)
        yield from window


def _oversize(record: StreamRecord) -> StreamRecord:
    """Return the same change with an attribute that no transform models: what Silver counts stays the same."""
    change = record.body["dynamodb"]
    padded = {
        name: {**change[name], "padding": {"S": _PADDING}}
        for name in ("NewImage", "OldImage")
        if isinstance(change.get(name), dict)
    }
    return _with_body(record, {**record.body, "dynamodb": {**change, **padded}})


def _poison(record: StreamRecord) -> StreamRecord:
    """Return a record of its own that passes the filter and that no envelope can be made of."""
    change = {name: value for name, value in record.body["dynamodb"].items() if name != "ApproximateCreationDateTime"}
    change["SequenceNumber"] = f"{record.sequence_number}9"[-40:]
    body = {**record.body, "eventID": f"poison-{record.body['eventID']}", "dynamodb": change}
    return replace(_with_body(record, body), sequence_number=change["SequenceNumber"])


def _with_body(record: StreamRecord, body: dict[str, Any]) -> StreamRecord:
    return replace(record, body=body, text=json.dumps(body, ensure_ascii=False, separators=(",", ":")))

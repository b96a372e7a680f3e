"""An input's records as a bad day hands them over: twice, out of order, undecodable, too large."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any, TypeVar

from local.faults.plan import FaultPlan
from local.stream.stream_record import StreamRecord

_Item = TypeVar("_Item")
# One image of this and its escapes pass Firehose's 1,024,000 bytes; DynamoDB's own limit is 400 KB an item.
_PADDING = "\\" * 390_000


def disturbed(items: Iterable[_Item], plan: FaultPlan, table: str) -> Iterator[_Item]:
    """Yield every item at least once; what is sent is what is yielded."""
    return _reordered(_repeated(items, plan, table), plan, table)


def with_bad_records(items: Iterable[_Item], plan: FaultPlan, table: str) -> Iterator[_Item | StreamRecord]:
    """Yield the items; some task changes made too large for Firehose, some followed by one nobody can decode."""
    rng = plan.sequence(table)
    for item in items:
        if not isinstance(item, StreamRecord):
            yield item
            continue
        poison, oversize = rng.random(), rng.random()
        if oversize < plan.profile.oversize_records:
            plan.met["oversize records"] += 1
            yield _oversize(item)
        else:
            yield item
        if poison < plan.profile.poison_records:
            plan.met["poison records"] += 1
            yield _poison(item)


def _repeated(items: Iterable[_Item], plan: FaultPlan, table: str) -> Iterator[_Item]:
    rng = plan.sequence(table)
    for item in items:
        yield item
        if rng.random() < plan.profile.duplicated_records:
            plan.met["repeated records"] += 1
            yield item


def _reordered(items: Iterable[_Item], plan: FaultPlan, table: str) -> Iterator[_Item]:
    left = iter(items)
    while window := list(islice(left, plan.profile.reordered_records)):
        came = list(window)
        plan.sequence(table).shuffle(window)
        plan.met["records out of order"] += sum(one is not other for one, other in zip(came, window, strict=True))
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

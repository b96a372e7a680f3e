"""Whether changes and log events come in: what the two functions did in the last hour, and what reads the stream."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from operations.account import Account
from operations.status.metric import values
from operations.status.section import Line, lasting

_HOUR = timedelta(hours=1)
_CDC = "task-lake-cdc"
_FUNCTIONS = (_CDC, "task-lake-log-forwarder")
_STOPPED = {"Deleting", "Disabled", "Disabling"}


def capture(account: Account, now: datetime) -> Iterator[Line]:
    """Yield a line a function, red if it had errors; how late the stream is read; the mapping, if it is not enabled."""
    cloudwatch, hour = account.client("cloudwatch"), (now - _HOUR, now)
    for function in _FUNCTIONS:
        named = {"FunctionName": function}
        delivered = round(sum(values(cloudwatch, "TaskLake", "Delivered", named, "Sum", hour)))
        errors = round(sum(values(cloudwatch, "AWS/Lambda", "Errors", named, "Sum", hour)))
        failed = _counted(errors, "error") if errors else "no errors"
        said = f"{_counted(delivered, 'record')} delivered in an hour, {failed}"
        yield Line(f"{function:<30} {said}", is_red=errors > 0)
    ages = values(cloudwatch, "AWS/Lambda", "IteratorAge", {"FunctionName": _CDC}, "Maximum", hour)
    late = (
        f"is read up to {lasting(timedelta(milliseconds=max(ages)))} late" if ages else "had nothing to read in an hour"
    )
    yield Line(f"the table's stream {late}")
    yield from _mapping(account)


def _mapping(account: Account) -> Iterator[Line]:
    found = account.client("lambda").list_event_source_mappings(FunctionName=_CDC)["EventSourceMappings"]
    if not found:
        yield Line(f"{_CDC} has no event source mapping: nothing is read", is_red=True)
    for state, why in ((one["State"], one.get("StateTransitionReason")) for one in found):
        if state in _STOPPED:
            reason = f" ({why})" if why else ""
            yield Line(f"the event source mapping is {state}{reason}: nothing is read", is_red=True)
        elif state != "Enabled":
            yield Line(f"the event source mapping is {state}")


def _counted(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"

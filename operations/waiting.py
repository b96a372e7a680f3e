"""Waits until CloudFormation is done with a stack, and shows what it is at."""

import re
import time
from collections.abc import Callable, Collection

from operations.errors import OperationError
from operations.progress import Bar
from operations.stack import Stack, find_stack
from operations.stack_events import StackEvents

SECONDS_BETWEEN_LOOKS = 4.0
_DONE = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_COMPLETE"}
_SETTLED = ("_COMPLETE", "_FAILED", "_SKIPPED")
# What is found in the failed resource's type and the reason, the first that is.
_HINTS = (
    ("already exists", "something of that name is there, of a former lake or made by hand: delete or rename it"),
    ("not authorized|AccessDenied", "whoever deploys lacks that permission: ask for it"),
    ("UnreservedConcurrentExecution", "the account has no concurrency to reserve: say FORWARDER_CONCURRENCY=0"),
    (r"SubscriptionFilter.*\blimit", "a log group takes two subscriptions: delete one, or name another group"),
    (r"\b(limit|quota)", "a quota of the account is reached: ask AWS for a higher one, or delete what is not needed"),
    ("not empty", "something still lies in it: delete that"),
)


def follow(
    events: StackEvents, bar: Bar, foreseen: Collection[str] = (), sleep: Callable[[float], None] = time.sleep
) -> Stack:
    """Return the stack when CloudFormation is done with it, well or not; the bar counts the foreseen that are."""
    left = set(foreseen)
    while True:
        # Looked at before the events: the last ones are there once the stack is done.
        stack = find_stack(events.cloudformation, events.stack_id)
        if stack is None:
            raise OperationError(f"{events.stack_id} is gone: somebody else deleted it")
        for event in events.news():
            line = f"{event.logical_id} {event.status}"
            if event.logical_id in left and event.status.endswith(_SETTLED):
                left.discard(event.logical_id)
                bar.step(line)
            else:
                bar.say(line)
        if not stack.is_busy:
            return stack
        sleep(SECONDS_BETWEEN_LOOKS)


def is_well(stack: Stack) -> bool:
    """Whether the last operation on the stack did what it was asked to do."""
    return stack.status in _DONE


def cause(events: StackEvents) -> str:
    """Return the failure that caused the others, with what to do about it, in one line."""
    failure = events.first_failure()
    if failure is None:
        return "CloudFormation names no cause: see the stack's events in its console"
    said = f"{failure.type} {failure.reason}"
    hint = next((hint for pattern, hint in _HINTS if re.search(pattern, said, re.IGNORECASE)), "mend that")
    return f"{failure.logical_id} ({failure.type}) {failure.status}: {failure.reason.rstrip('.')}; {hint}"

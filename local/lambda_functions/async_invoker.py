"""Lambda's queue of asynchronous events: docs/aws-semantics.md#asynchronous-invocation-1."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol

from local.clock import VirtualClock
from local.lambda_functions.runtime import Invocation, LambdaRuntime
from local.settings import AsyncInvokeSettings


class EventStore(Protocol):
    """Where an event goes that the function did not process."""

    def keep(self, event: Mapping[str, Any], invocation: Invocation, invoke_count: int, condition: str) -> None:
        """Keep the event whole."""


@dataclass(frozen=True)
class _Queued:
    event: Mapping[str, Any]
    since: float
    attempts: int = 0
    request_id: str | None = None


class AsyncInvoker:
    """Invokes a function without anyone waiting for it: each event succeeds, or ends in the failure destination."""

    def __init__(
        self, runtime: LambdaRuntime, settings: AsyncInvokeSettings, destination: EventStore, clock: VirtualClock
    ) -> None:
        self._runtime = runtime
        self._settings = settings
        self._destination = destination
        self._clock = clock

    def invoke(self, event: Mapping[str, Any]) -> None:
        """Take an event; its first attempt is at once, since the laptop's queue is never long."""
        self._attempt(_Queued(event, self._clock.now()))

    def _attempt(self, queued: _Queued) -> None:
        invocation = self._runtime.invoke(queued.event, queued.request_id)
        tried = replace(queued, attempts=queued.attempts + 1, request_id=invocation.request_id)
        if not invocation.function_error:
            return
        if tried.attempts > self._settings.max_retries:
            self._destination.keep(tried.event, invocation, tried.attempts, "RetriesExhausted")
            return
        # One minute after the first attempt, two after the second.
        self._clock.at(self._clock.now() + 60 * tried.attempts, partial(self._retry, tried, invocation))

    def _retry(self, queued: _Queued, last: Invocation) -> None:
        if self._clock.now() - queued.since > self._settings.max_age_seconds:
            self._destination.keep(queued.event, last, queued.attempts, "EventAgeExceeded")
        else:
            self._attempt(queued)

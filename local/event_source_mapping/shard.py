"""One shard of the stream as the event source mapping reads it: docs/aws-semantics.md#event-source-mapping-1."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from local.clock import VirtualClock
from local.lambda_functions.runtime import Invocation
from local.settings import MappingSettings
from local.stream.stream_record import StreamRecord
from operations.replay.batch_response import first_failure

MAX_PAYLOAD_BYTES = 6 * 1024 * 1024

Invoke = Callable[[Mapping[str, Any]], Invocation]


class FailureStore(Protocol):
    """Where a batch goes that was given up."""

    def keep(
        self,
        batch: Sequence[StreamRecord],
        invocation: Invocation | None,
        invoke_count: int,
        shard_id: str,
        condition: str,
    ) -> None:
        """Keep the batch whole; ``invocation`` is the last it was part of, if there was any."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A record, and when the mapping read it."""

    record: StreamRecord
    read_at: float


@dataclass(frozen=True)
class Attempt:
    """A batch to be invoked; ``retries`` does not count splits, ``invoked`` counts every time its records were."""

    batch: Sequence[Waiting]
    retries: int = 0
    invoked: int = 0
    last: Invocation | None = None


class Shard:
    """Hands records over in batches, in order: one succeeds or is given up before the next is invoked."""

    def __init__(
        self, shard_id: str, settings: MappingSettings, invoke: Invoke, on_failure: FailureStore, clock: VirtualClock
    ) -> None:
        self.shard_id = shard_id
        self._settings = settings
        self._invoke = invoke
        self._on_failure = on_failure
        self._clock = clock
        self._open: list[Waiting] = []
        self._open_bytes = 0

    def read(self, record: StreamRecord) -> None:
        """Take the next record; its batch is invoked once size, window or 6 MB is reached."""
        size = len(record.text.encode())
        if self._open and self._open_bytes + size > MAX_PAYLOAD_BYTES:
            self._close_batch()
        if not self._open:
            self._open_window(self._open)
        self._open.append(Waiting(record, self._clock.now()))
        self._open_bytes += size
        if len(self._open) == self._settings.batch_size:
            self._close_batch()

    def process(self, batch: Sequence[Waiting]) -> None:
        """Invoke the batch, and what becomes of it: afterwards every record has succeeded or was given up."""
        attempts = deque([Attempt(batch)])
        while attempts:
            attempt = self._without_expired(attempts.popleft())
            if attempt.batch:
                attempts.extendleft(reversed(self._attempt(attempt)))

    def _open_window(self, batch: list[Waiting]) -> None:
        def expire() -> None:
            if self._open is batch:
                self._close_batch()

        self._clock.at(self._clock.now() + self._settings.window_seconds, expire)

    def _close_batch(self) -> None:
        batch, self._open, self._open_bytes = self._open, [], 0
        self.process(batch)

    def _without_expired(self, attempt: Attempt) -> Attempt:
        """Return what is left after records too old were given up: docs/aws-semantics.md#event-source-mapping-2."""
        limit = self._clock.now() - self._settings.max_record_age_seconds
        expired = sum(waiting.read_at < limit for waiting in attempt.batch)
        if expired:
            self._give_up(replace(attempt, batch=attempt.batch[:expired]), "RecordAgeExceeded")
        return replace(attempt, batch=attempt.batch[expired:])

    def _attempt(self, attempt: Attempt) -> list[Attempt]:
        """Invoke once, and return what to invoke next: nothing once all succeeded or was given up."""
        invocation = self._invoke({"Records": [waiting.record.body for waiting in attempt.batch]})
        failed_from = self._first_failure(invocation, attempt.batch)
        if failed_from is None:
            return []
        rest = replace(attempt, batch=attempt.batch[failed_from:], invoked=attempt.invoked + 1, last=invocation)
        return self._after_failure(rest, is_split=failed_from > 0)

    def _first_failure(self, invocation: Invocation, batch: Sequence[Waiting]) -> int | None:
        if invocation.function_error:
            return 0
        if not self._settings.reports_item_failures:
            return None
        return first_failure(invocation.response, [waiting.record.sequence_number for waiting in batch])

    def _after_failure(self, rest: Attempt, is_split: bool) -> list[Attempt]:
        """Return what to invoke next of a batch that failed from its first record on.

        AWS splits at the reported record (docs/aws-semantics.md#event-source-mapping-4) and does not say what
        it does when that is the first. Here it halves, as after a function error: poison ends up alone.
        """
        if self._settings.bisect and is_split:
            return [rest]
        if self._settings.bisect and len(rest.batch) > 1:
            middle = len(rest.batch) // 2
            return [replace(rest, batch=rest.batch[:middle]), replace(rest, batch=rest.batch[middle:])]
        if rest.retries < self._settings.max_retries:
            return [replace(rest, retries=rest.retries + 1)]
        self._give_up(rest, "RetryAttemptsExhausted")
        return []

    def _give_up(self, attempt: Attempt, condition: str) -> None:
        batch = [waiting.record for waiting in attempt.batch]
        self._on_failure.keep(batch, attempt.last, attempt.invoked, self.shard_id, condition)

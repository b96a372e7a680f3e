"""Lambda's event source mapping for a DynamoDB stream shard: docs/aws-semantics.md#event-source-mapping-1."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from local.clock import VirtualClock
from local.event_pattern import matches
from local.event_source_mapping.lambda_runtime import Invocation
from local.settings import MappingSettings
from local.stream.stream_record import StreamRecord

MAX_PAYLOAD_BYTES = 6 * 1024 * 1024

Batch = Sequence[StreamRecord]


class FailureStore(Protocol):
    """Where a batch goes that used up its retries."""

    def keep(self, batch: Batch, invocation: Invocation, invoke_count: int) -> None:
        """Keep the batch whole."""


@dataclass(frozen=True)
class Attempt:
    """A batch to be invoked, and how often it was retried before; splitting it is no retry."""

    batch: Batch
    retries: int


class EventSourceMapping:
    """Feeds one shard's records, in order, to a function until each batch succeeded or was given up."""

    def __init__(
        self,
        settings: MappingSettings,
        invoke: Callable[[Mapping[str, Any]], Invocation],
        on_failure: FailureStore,
        clock: VirtualClock,
    ) -> None:
        self._settings = settings
        self._invoke = invoke
        self._on_failure = on_failure
        self._clock = clock
        self._open: list[StreamRecord] = []
        self._open_bytes = 0
        self.filtered = 0

    def offer(self, record: StreamRecord) -> None:
        """Read one record: drop it by the filter, or batch it until size, window or 6 MB is reached."""
        if not self._passes_filter(record):
            self.filtered += 1
            return
        if self._open and self._open_bytes + len(record.text) > MAX_PAYLOAD_BYTES:
            self._close_batch()
        if not self._open:
            self._open_window(self._open)
        self._open.append(record)
        self._open_bytes += len(record.text)
        if len(self._open) == self._settings.batch_size:
            self._close_batch()

    def _passes_filter(self, record: StreamRecord) -> bool:
        filters = self._settings.filters
        return not filters or any(matches(pattern, record.body) for pattern in filters)

    def _open_window(self, batch: list[StreamRecord]) -> None:
        def expire() -> None:
            if self._open is batch:
                self._close_batch()

        self._clock.at(self._clock.now() + self._settings.window_seconds, expire)

    def _close_batch(self) -> None:
        batch, self._open, self._open_bytes = self._open, [], 0
        self._process(batch)

    def _process(self, batch: Batch) -> None:
        """Invoke the batch and what becomes of it, in order: the shard waits for its oldest record."""
        attempts = deque([Attempt(batch, retries=0)])
        while attempts:
            attempt = attempts.popleft()
            invocation = self._invoke({"Records": [record.body for record in attempt.batch]})
            failed_from = self._first_failure(invocation, attempt.batch)
            if failed_from is not None:
                attempts.extendleft(reversed(self._after_failure(attempt, failed_from, invocation)))

    def _first_failure(self, invocation: Invocation, batch: Batch) -> int | None:
        if invocation.function_error:
            return 0
        if not self._settings.reports_item_failures:
            return None
        return first_failure(invocation.response, [record.sequence_number for record in batch])

    def _after_failure(self, attempt: Attempt, failed_from: int, invocation: Invocation) -> list[Attempt]:
        """Return what to invoke next: the rest, the halves, the same again, or nothing once it was given up.

        AWS splits at the reported record (docs/aws-semantics.md#event-source-mapping-4) and does not say what
        it does when that is the first. Here it halves, as after a function error: poison ends up alone.
        """
        rest = attempt.batch[failed_from:]
        if self._settings.bisect and failed_from > 0:
            return [Attempt(rest, attempt.retries)]
        if self._settings.bisect and len(rest) > 1:
            middle = len(rest) // 2
            return [Attempt(rest[:middle], attempt.retries), Attempt(rest[middle:], attempt.retries)]
        if attempt.retries < self._settings.max_retries:
            return [Attempt(rest, attempt.retries + 1)]
        self._on_failure.keep(rest, invocation, attempt.retries + 1)
        return []


def first_failure(response: Any, sequence_numbers: Sequence[str]) -> int | None:
    """Return the position to retry from, None if the response reports success.

    The lowest returned number is the checkpoint; an identifier that is empty or not of this batch fails all,
    and so does a response that is no object: docs/aws-semantics.md#event-source-mapping-3.
    """
    if response is None or response == {}:
        return None
    failures = response.get("batchItemFailures") if isinstance(response, Mapping) else [response]
    positions = {number: position for position, number in enumerate(sequence_numbers)}
    return min((positions.get(_identifier(item), 0) for item in failures or ()), default=None)


def _identifier(item: Any) -> str:
    identifier = item.get("itemIdentifier") if isinstance(item, Mapping) else None
    return identifier if isinstance(identifier, str) else ""

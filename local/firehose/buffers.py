"""Firehose's buffers, one per active partition, by age and by size: docs/aws-semantics.md#firehose-6."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from local.clock import VirtualClock

PartitionKeys = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Arrival:
    """One record as it was put, when, and what is wrong with it if it cannot be delivered."""

    data: bytes
    arrived_at: float
    fault: str | None = None


@dataclass(slots=True)
class Buffer:
    """The records of one object to be."""

    arrivals: list[Arrival] = field(default_factory=list)
    size: int = 0


class Buffers:
    """Gathers arrivals by partition until the oldest is ``seconds`` old or they fill ``size_limit`` bytes.

    ``deliver`` is called as time advances, never while a record is put: as in Firehose, the caller of
    PutRecordBatch never waits for S3. AWS takes about 1.5 times the hint; here the hint is exact.
    """

    def __init__(
        self,
        seconds: int,
        size_limit: int,
        deliver: Callable[[PartitionKeys, Sequence[Arrival]], None],
        clock: VirtualClock,
    ) -> None:
        self._seconds = seconds
        self._size_limit = size_limit
        self._deliver = deliver
        self._clock = clock
        self._active: dict[PartitionKeys, Buffer] = {}

    def add(self, keys: PartitionKeys, arrival: Arrival) -> None:
        """Buffer one record; a partition becomes active with its first one."""
        buffer = self._active.get(keys)
        if buffer is None:
            buffer = self._active[keys] = Buffer()
            self._clock.at(arrival.arrived_at + self._seconds, partial(self._expire, keys, buffer))
        buffer.arrivals.append(arrival)
        buffer.size += len(arrival.data)
        if buffer.size >= self._size_limit:
            del self._active[keys]
            self._clock.at(arrival.arrived_at, partial(self._deliver, keys, buffer.arrivals))

    def _expire(self, keys: PartitionKeys, buffer: Buffer) -> None:
        if self._active.get(keys) is buffer:
            del self._active[keys]
            self._deliver(keys, buffer.arrivals)

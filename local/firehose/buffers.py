"""Firehose's buffers, one per active partition, by age and by size: docs/aws-semantics.md#firehose-6."""

import math
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Generic, TypeVar

from local.clock import VirtualClock

PartitionKeys = tuple[tuple[str, str], ...]
Partition = TypeVar("Partition", bound=Hashable)


class ActivePartitionsExceededError(Exception):
    """The record would open a partition more than may be active."""


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


class Buffers(Generic[Partition]):
    """Gathers arrivals by partition until the oldest is ``seconds`` old or they fill ``size_limit`` bytes.

    ``deliver`` is called as time advances, never while a record is put: as in Firehose, the caller of
    PutRecordBatch never waits for S3. AWS takes about 1.5 times the hint; here the hint is exact. A partition is
    active from its first record until each of its buffers is reported by ``delivered``.
    """

    def __init__(
        self,
        seconds: int,
        size_limit: int,
        deliver: Callable[[Partition, Sequence[Arrival]], None],
        clock: VirtualClock,
        max_active: float = math.inf,
    ) -> None:
        self._seconds = seconds
        self._size_limit = size_limit
        self._deliver = deliver
        self._clock = clock
        self._max_active = max_active
        self._filling: dict[Partition, Buffer] = {}
        self._undelivered: Counter[Partition] = Counter()

    def add(self, partition: Partition, arrival: Arrival) -> None:
        """Buffer one record, or raise ``ActivePartitionsExceededError``: docs/aws-semantics.md#firehose-9."""
        buffer = self._filling.get(partition) or self._open(partition, arrival)
        buffer.arrivals.append(arrival)
        buffer.size += len(arrival.data)
        if buffer.size >= self._size_limit:
            del self._filling[partition]
            self._clock.at(arrival.arrived_at, partial(self._deliver, partition, buffer.arrivals))

    def delivered(self, partition: Partition) -> None:
        """Note that one buffer of the partition is in S3 or given up."""
        self._undelivered[partition] -= 1
        if not self._undelivered[partition]:
            del self._undelivered[partition]

    def _open(self, partition: Partition, arrival: Arrival) -> Buffer:
        if partition not in self._undelivered and len(self._undelivered) >= self._max_active:
            raise ActivePartitionsExceededError("The number of active partitions has exceeded the configured limit")
        self._undelivered[partition] += 1
        buffer = self._filling[partition] = Buffer()
        self._clock.at(arrival.arrived_at + self._seconds, partial(self._expire, partition, buffer))
        return buffer

    def _expire(self, partition: Partition, buffer: Buffer) -> None:
        if self._filling.get(partition) is buffer:
            del self._filling[partition]
            self._deliver(partition, buffer.arrivals)

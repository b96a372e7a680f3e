from collections.abc import Sequence

import pytest

from local.clock import VirtualClock
from local.firehose.buffers import ActivePartitionsExceededError, Arrival, Buffers, PartitionKeys

ADA: PartitionKeys = (("user", "ada"),)
BOB: PartitionKeys = (("user", "bob"),)
CLEO: PartitionKeys = (("user", "cleo"),)


class Watched:
    """Buffers of 60 s and 100 bytes, two active at most, and what they delivered when; S3 takes it or not."""

    def __init__(self) -> None:
        self.clock = VirtualClock(0)
        self.delivered: list[tuple[float, PartitionKeys, int]] = []
        self.s3_is_up = True
        self.buffers = Buffers(60, 100, self._deliver, self.clock, max_active=2)

    def add(self, moment: float, keys: PartitionKeys, size: int = 10) -> None:
        self.clock.advance_to(moment)
        self.buffers.add(keys, Arrival(b"x" * size, moment))

    def _deliver(self, keys: PartitionKeys, arrivals: Sequence[Arrival]) -> None:
        self.delivered.append((self.clock.now(), keys, len(arrivals)))
        if self.s3_is_up:
            self.buffers.delivered(keys)


def test_a_partition_is_delivered_sixty_seconds_after_its_oldest_record() -> None:
    watched = Watched()
    watched.add(0, ADA)
    watched.add(30, BOB)
    watched.add(59, ADA)
    watched.clock.run_until_idle()
    assert watched.delivered == [(60, ADA, 2), (90, BOB, 1)]


def test_a_full_partition_is_delivered_at_once_and_its_timer_leaves_the_next_one_alone() -> None:
    watched = Watched()
    watched.add(0, ADA, size=99)
    watched.add(10, ADA, size=1)
    watched.add(20, ADA)
    watched.clock.run_until_idle()
    assert watched.delivered == [(10, ADA, 2), (80, ADA, 1)]


def test_nothing_is_delivered_while_a_record_is_put() -> None:
    watched = Watched()
    watched.add(0, ADA, size=1_000)
    assert watched.delivered == []


def test_past_the_quota_a_new_partition_is_refused_and_the_active_ones_go_on() -> None:
    watched = Watched()
    watched.add(0, ADA)
    watched.add(1, BOB)
    with pytest.raises(ActivePartitionsExceededError, match="exceeded the configured limit"):
        watched.add(2, CLEO)
    watched.add(3, ADA)
    watched.add(60, CLEO)
    watched.clock.run_until_idle()
    assert watched.delivered == [(60, ADA, 2), (61, BOB, 1), (120, CLEO, 1)]


def test_a_full_buffer_counts_until_it_is_delivered() -> None:
    watched = Watched()
    watched.buffers.add(ADA, Arrival(b"x" * 100, 0))
    watched.buffers.add(BOB, Arrival(b"x" * 100, 0))
    with pytest.raises(ActivePartitionsExceededError):
        watched.buffers.add(CLEO, Arrival(b"x", 0))
    watched.add(0, CLEO)


def test_a_partition_stays_active_while_s3_takes_nothing() -> None:
    watched = Watched()
    watched.s3_is_up = False
    watched.add(0, ADA)
    watched.add(0, BOB)
    watched.add(100, ADA)
    with pytest.raises(ActivePartitionsExceededError):
        watched.add(200, CLEO)
    watched.buffers.delivered(ADA)
    with pytest.raises(ActivePartitionsExceededError):
        watched.add(200, CLEO)
    watched.buffers.delivered(ADA)
    watched.add(200, CLEO)

from collections.abc import Sequence

from local.clock import VirtualClock
from local.firehose.buffers import Arrival, Buffers, PartitionKeys

ADA: PartitionKeys = (("user", "ada"),)
BOB: PartitionKeys = (("user", "bob"),)


class Watched:
    """Buffers of 60 s and 100 bytes, and what they delivered when."""

    def __init__(self) -> None:
        self.clock = VirtualClock(0)
        self.delivered: list[tuple[float, PartitionKeys, int]] = []
        self._buffers = Buffers(60, 100, self._deliver, self.clock)

    def add(self, moment: float, keys: PartitionKeys, size: int = 10) -> None:
        self.clock.advance_to(moment)
        self._buffers.add(keys, Arrival(b"x" * size, moment))

    def _deliver(self, keys: PartitionKeys, arrivals: Sequence[Arrival]) -> None:
        self.delivered.append((self.clock.now(), keys, len(arrivals)))


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

"""How many buffers arrivals fill: replayed from a run's own times, read off as a curve for other volumes.

One day of a lake says how many objects its records become at each buffer time. A lake with twice the records in each
folder is taken for the same day at twice the speed: its records meet a buffer of 60 s as these meet one of 120 s.
That is exact for arrivals by chance, and keeps the bunching of real ones: test_arrivals.py holds it against the
generated day's changes, thinned and in other buckets.
"""

import math
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

SECONDS = (1, 10, 60, 120, 300, 900, 3600, 14400)


@dataclass(frozen=True)
class Curve:
    """Buffers a record by the buffer's seconds, ascending; between them a power law."""

    points: tuple[tuple[float, float], ...]

    def at(self, seconds: float) -> float:
        """Return buffers a record for a buffer of so many seconds.

        Beyond the last point each folder fills one buffer after the other, so twice the time is half the buffers.
        """
        if not self.points or seconds <= self.points[0][0]:
            return self.points[0][1] if self.points else 1.0
        for (low, at_low), (high, at_high) in zip(self.points, self.points[1:], strict=False):
            if seconds <= high:
                share = math.log(seconds / low) / math.log(high / low)
                return float(at_low * (at_high / at_low) ** share)
        last, at_last = self.points[-1]
        return at_last * last / seconds


def buffers(arrivals: Sequence[tuple[float, Hashable]], seconds: float, most: float = math.inf) -> int:
    """Return how many buffers the arrivals fill, each open from its first record for ``seconds``, or ``most`` records.

    Arrivals are times and folders, in order of time.
    """
    opened: dict[Hashable, tuple[float, int]] = {}
    count = 0
    for moment, folder in arrivals:
        began, held = opened.get(folder, (-math.inf, 0))
        if moment - began >= seconds or held >= most:
            count += 1
            began, held = moment, 0
        opened[folder] = (began, held + 1)
    return count


def open_at_once(arrivals: Sequence[tuple[float, Hashable]], seconds: float) -> int:
    """Return how many folders have an open buffer in the busiest ``seconds``."""
    by_window: dict[int, set[Hashable]] = {}
    for moment, folder in arrivals:
        by_window.setdefault(int(moment // seconds), set()).add(folder)
    return max(map(len, by_window.values()), default=0)


def curve(arrivals: Iterable[tuple[float, Hashable]]) -> Curve:
    """Return the curve of a run's arrivals."""
    ordered = sorted(arrivals, key=lambda each: each[0])
    return Curve(tuple((s, round(buffers(ordered, s) / len(ordered), 6)) for s in SECONDS) if ordered else ())

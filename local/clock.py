"""Virtual time: it moves with the input's own timestamps, never with the wall clock."""

import heapq
import itertools
from collections.abc import Callable


class VirtualClock:
    """Unix seconds that never go backward, and the actions that fall due as they pass.

    Actions due at the same moment run in the order in which they were scheduled: a run is reproducible.
    """

    def __init__(self, start: float = 0.0) -> None:
        self._now = start
        self._order = itertools.count()
        self._due: list[tuple[float, int, Callable[[], None]]] = []

    def now(self) -> float:
        """Return the current moment in Unix seconds."""
        return self._now

    def at(self, moment: float, action: Callable[[], None]) -> None:
        """Run ``action`` when time passes ``moment``."""
        heapq.heappush(self._due, (moment, next(self._order), action))

    def advance_to(self, moment: float) -> None:
        """Let time pass until ``moment``, each action seeing the moment it was due; time never goes back."""
        while self._due and self._due[0][0] <= moment:
            self._run_next()
        self._now = max(self._now, moment)

    def sleep(self, seconds: float) -> None:
        """Let time pass inside an action: what falls due meanwhile runs at the next advance, a bit late."""
        self._now += max(seconds, 0.0)

    def run_until_idle(self) -> None:
        """Let time pass until nothing is due any more, including what the actions schedule themselves."""
        self.advance_to(self._now)
        while self._due:
            self._run_next()

    def _run_next(self) -> None:
        moment, _, action = heapq.heappop(self._due)
        self._now = max(self._now, moment)
        action()

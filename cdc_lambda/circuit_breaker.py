"""Whether a service is worth calling: it stops calls after failures in a row, and lets one through after a while."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum


class State(Enum):
    """The states of a circuit breaker, by their usual names."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass
class CircuitBreaker:
    """The memory of one execution environment, which serves one invocation at a time: so one probe is one call.

    ``now`` is in Unix seconds: Lambda freezes an idle environment, and a monotonic clock may stop with it.
    """

    now: Callable[[], float] = time.time
    failure_threshold: int = 5
    recovery_seconds: float = 30.0
    times_opened: int = field(default=0, init=False)
    _failures: int = field(default=0, init=False)
    _opened_at: float | None = field(default=None, init=False)

    @property
    def state(self) -> State:
        """Return the state at this moment: an open circuit is half open once its time has passed."""
        if self._opened_at is None:
            return State.CLOSED
        return State.OPEN if self.now() - self._opened_at < self.recovery_seconds else State.HALF_OPEN

    def succeeded(self) -> None:
        """Close the circuit."""
        self._failures, self._opened_at = 0, None

    def failed(self) -> None:
        """Count a failure; the last allowed in a row, or a failed probe, opens the circuit."""
        self._failures += 1
        if self._opened_at is not None or self._failures >= self.failure_threshold:
            self._opened_at = self.now()
            self.times_opened += 1

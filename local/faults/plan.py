"""One run's faults: which call, invocation or record meets which, the same for the same seed."""

import random

from local.faults.profiles import FaultProfile
from local.firehose.endpoint import Outcome

# How many calls in a row a throttled stream refuses: some within the delivery's patience, some far beyond it.
_LONGEST_THROTTLE = 40
_REFUSED_ENTRIES = 0.3
_ENTRY_ERRORS = ("ServiceUnavailableException", "InternalFailure")
# Calls of the context a killed invocation lives to make: it dies before, between or after its deliveries.
_LAST_CALLS = (1, 4)


class FaultPlan:
    """Draws every fault from a sequence of its own, so that one kind does not shift another."""

    def __init__(self, profile: FaultProfile, seed: int) -> None:
        self.profile = profile
        self.jitter = self.sequence("jitter", seed).uniform
        self._calls, self._kills = self.sequence("calls", seed), self.sequence("kills", seed)
        self.records = self.sequence("records", seed)
        self._throttled_calls = 0
        self._outage_from: float | None = None

    @staticmethod
    def sequence(kind: str, seed: int) -> random.Random:
        """Return the random numbers of one kind of fault."""
        return random.Random(f"{seed}/{kind}")

    def outcome(self, _stream: str, records: int) -> Outcome:
        """Return what one PutRecordBatch meets; a throttle lasts for some calls, as a quota's does."""
        throttle, partial, silence = (self._calls.random() for _ in range(3))
        if not self._throttled_calls and throttle < self.profile.throttled_calls:
            self._throttled_calls = self._calls.randint(1, _LONGEST_THROTTLE)
        if self._throttled_calls:
            self._throttled_calls -= 1
            return Outcome(error_code="ServiceUnavailableException")
        if partial < self.profile.partly_refused_calls:
            return Outcome(refused=self._refused(records))
        return Outcome(answered=silence >= self.profile.unanswered_calls)

    def _refused(self, records: int) -> dict[int, str]:
        return {
            position: self._calls.choice(_ENTRY_ERRORS)
            for position in range(records)
            if self._calls.random() < _REFUSED_ENTRIES
        }

    def kill(self) -> int | None:
        """Return how many calls of its context an invocation lives to make; None lets it live."""
        if self._kills.random() >= self.profile.killed_invocations:
            return None
        return self._kills.randint(*_LAST_CALLS)

    def begin_outage_once(self, moment: float) -> None:
        """Take S3 down from this moment on, if the profile has an outage and it has not begun."""
        if self._outage_from is None:
            self._outage_from = moment

    def is_s3_down(self, moment: float) -> bool:
        """Return whether S3 answers nobody at this moment."""
        start = self._outage_from
        return start is not None and start <= moment < start + self.profile.s3_outage_seconds

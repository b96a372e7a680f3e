"""One run's faults: which call, invocation or record meets which, the same for the same seed."""

import random
from collections import Counter

from local.faults.profiles import FaultProfile
from local.firehose.endpoint import Outcome

# How many calls in a row a throttled stream refuses: some within the delivery's patience, some far beyond it.
_LONGEST_THROTTLE = 40
_REFUSED_ENTRIES = 0.3
_ENTRY_ERRORS = ("ServiceUnavailableException", "InternalFailure")
# Calls of the context a killed invocation lives to make: it dies before, between or after its deliveries.
_LAST_CALLS = (1, 4)


class FaultPlan:
    """Draws the faults of each stream, function and input from a sequence of its own: none shifts another's."""

    def __init__(self, profile: FaultProfile, seed: int) -> None:
        self.profile = profile
        self._seed = seed
        self._sequences: dict[str, random.Random] = {}
        self._throttled_calls: dict[str, int] = {}
        self._outage_from: float | None = None
        self.met: Counter[str] = Counter()

    def sequence(self, name: str) -> random.Random:
        """Return the random numbers of one part of the lake."""
        if name not in self._sequences:
            self._sequences[name] = random.Random(f"{self._seed}/{name}")
        return self._sequences[name]

    def jitter(self, low: float, high: float) -> float:
        """Return what a delivery's backoff asks for."""
        return self.sequence("jitter").uniform(low, high)

    def outcome(self, stream: str, records: int) -> Outcome:
        """Return what one PutRecordBatch meets; a throttle lasts for some calls, as a quota's does."""
        calls = self.sequence(stream)
        throttle, partial, silence = (calls.random() for _ in range(3))
        left = self._throttled_calls.get(stream, 0)
        if not left and throttle < self.profile.throttled_calls:
            left = calls.randint(1, _LONGEST_THROTTLE)
        if left:
            self._throttled_calls[stream] = left - 1
            self.met["throttled calls"] += 1
            return Outcome(error_code="ServiceUnavailableException")
        if partial < self.profile.partly_refused_calls:
            refused = [position for position in range(records) if calls.random() < _REFUSED_ENTRIES]
            self.met["records refused in a call"] += len(refused)
            return Outcome(refused={position: calls.choice(_ENTRY_ERRORS) for position in refused})
        is_answered = silence >= self.profile.unanswered_calls
        self.met["calls without an answer"] += not is_answered
        return Outcome(answered=is_answered)

    def kill(self, function_name: str) -> int | None:
        """Return how many calls of its context an invocation lives to make; None lets it live."""
        kills = self.sequence(function_name)
        if kills.random() >= self.profile.killed_invocations:
            return None
        self.met["killed invocations"] += 1
        return kills.randint(*_LAST_CALLS)

    def begin_outage_once(self, moment: float) -> None:
        """Take S3 down from this moment on, if the profile has an outage and it has not begun."""
        if self._outage_from is None:
            self._outage_from = moment

    def is_s3_down(self, moment: float) -> bool:
        """Return whether S3 answers nobody at this moment."""
        start = self._outage_from
        is_down = start is not None and start <= moment < start + self.profile.s3_outage_seconds
        self.met["objects that S3 refused"] += is_down
        return is_down

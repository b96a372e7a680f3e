"""Every failure store back through its own door: the function, the delivery stream, or the input's parser."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cdc_lambda.circuit_breaker import CircuitBreaker
from cdc_lambda.delivery import Delivery
from local.clock import VirtualClock
from local.failure_stores import FailedObject, failed_objects
from local.faults.plan import FaultPlan
from local.ingestion import Doors, open_ingestion
from local.options import DEFAULTS
from local.s3.bucket import LakeBucket
from local.stream.checkpoints import load_checkpoints, save_checkpoints

_AN_INVOCATION_SECONDS = 60.0


@dataclass(frozen=True)
class ReplayReport:
    """What a replay did: the records each store held before and after, and why those that are left are left."""

    before: Counter[str]
    after: Counter[str]
    reasons: Counter[tuple[str, str]]
    examples: dict[tuple[str, str], Path] = field(default_factory=dict)


def replay(lake: Path, progress: Callable[[int, int], None]) -> ReplayReport:
    """Hand over again what the failure stores hold, and return what is left in them.

    Safe to run twice, and to kill: an object is removed only after each of its records lies in Bronze or, as a new
    object, in a failure store. What arrives twice has the same ``event_id``.
    """
    failed = list(failed_objects(lake))
    checkpoints = load_checkpoints(lake).before(lake, "replay")
    clock, plan = VirtualClock(checkpoints.clock), FaultPlan(DEFAULTS.faults, DEFAULTS.seed)
    bucket = LakeBucket(lake, clock)
    written: set[str] = set()
    bucket.on_object_created(lambda event: written.add(event["detail"]["object"]["key"]))
    save_checkpoints(lake, checkpoints, bucket.staging("checkpoints"))
    with open_ingestion(bucket, clock, DEFAULTS, plan) as doors:
        redrive = _Redrive(doors, clock, plan)
        accepted = []
        for number, each in enumerate(failed, start=1):
            if redrive.hand_over(each):
                accepted.append(each.key)
            progress(number, len(failed))
        clock.run_until_idle()
    for key in accepted:
        # A record that failed again within the same second lies under the same name.
        if key not in written:
            (lake / key).unlink()
    save_checkpoints(lake, checkpoints.after(clock.now()), bucket.staging("checkpoints"))
    bucket.remove_staging()
    return _report(lake, failed)


@dataclass(frozen=True)
class _Redrive:
    """The doors of one lake, for records that came through them before."""

    doors: Doors
    clock: VirtualClock
    plan: FaultPlan

    def hand_over(self, failed: FailedObject) -> bool:
        """Hand over one object's records, and return whether a service has taken all of them."""
        if failed.lines:
            return False  # No line becomes a record by waiting: it is mended in the input, and read from there.
        if failed.records:
            self.doors.mapping.redrive(failed.records)
        if failed.event is not None:
            self.doors.forwarder.invoke(failed.event)
        return not failed.payloads or self._deliver(failed)

    def _deliver(self, failed: FailedObject) -> bool:
        stream = self.doors.ingestion.streams[failed.key.split("/")[2]].name
        breaker = CircuitBreaker(self.clock.now)
        delivery = Delivery(self.doors.clients.firehose, stream, breaker, self.clock.sleep, self.plan.jitter)
        return not delivery.deliver(failed.payloads, lambda: _AN_INVOCATION_SECONDS).undelivered


def _report(lake: Path, failed: Sequence[FailedObject]) -> ReplayReport:
    left = list(failed_objects(lake))
    report = ReplayReport(_by_store(failed), _by_store(left), Counter())
    for each in left:
        for reason in each.reasons:
            report.reasons[each.store, reason] += 1
            report.examples.setdefault((each.store, reason), lake / each.key)
    return report


def _by_store(failed: Sequence[FailedObject]) -> Counter[str]:
    return Counter(store for each in failed for store in [each.store] * len(each.reasons))

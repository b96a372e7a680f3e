"""Every failure store back through its own door: the function, or the delivery stream."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from local.clock import VirtualClock
from local.failure_stores import failed_keys, failed_objects
from local.faults.plan import FaultPlan
from local.ingestion import open_ingestion
from local.options import DEFAULTS, Options
from local.s3.bucket import LakeBucket
from local.stream.checkpoints import load_checkpoints, save_checkpoints
from operations.replay.report import ReplayReport


def replay(lake: Path, progress: Callable[[int, int], None], options: Options = DEFAULTS) -> ReplayReport:
    """Hand over again what the failure stores hold, and return what is left in them.

    Safe to run twice, and to kill: an object is removed only after each of its records lies in Bronze or, as a new
    object, in a failure store. What arrives twice has the same ``event_id``.
    """
    keys = failed_keys(lake)
    checkpoints = load_checkpoints(lake).before(lake, "replay")
    clock, plan = VirtualClock(checkpoints.clock), FaultPlan(options.faults, options.seed)
    bucket = LakeBucket(lake, clock)
    written: set[str] = set()
    bucket.on_object_created(lambda event: written.add(event["detail"]["object"]["key"]))
    save_checkpoints(lake, checkpoints, bucket.staging("checkpoints"))
    before, taken, in_buffers = Counter[str](), [], 0
    with open_ingestion(bucket, clock, options, plan) as doors:
        for number, failed in enumerate(failed_objects(lake, keys), start=1):
            in_buffers += len(failed.reasons)
            if in_buffers > plan.profile.max_active_partitions:
                # All at once would be more partitions than may be active, and end where it came from.
                clock.run_until_idle()
                in_buffers = len(failed.reasons)
            if failed.hand_over(doors):
                taken.append(failed.key)
            before[failed.store] += len(failed.reasons)
            progress(number, len(keys))
        clock.run_until_idle()
    for key in taken:
        # A record that failed again within the same second lies under the same name.
        if key not in written:
            (lake / key).unlink()
    save_checkpoints(lake, checkpoints.after(clock.now()), bucket.staging("checkpoints"))
    bucket.remove_staging()
    return _with_rest(ReplayReport(before), lake)


def _with_rest(report: ReplayReport, lake: Path) -> ReplayReport:
    for failed in failed_objects(lake, failed_keys(lake)):
        for reason in failed.reasons:
            report.leave(failed.store, reason, 1, str(lake / failed.key))
    return report

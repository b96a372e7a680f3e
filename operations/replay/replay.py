"""Every failure store of a deployed lake back through its own door: docs/adr/0022-replay-on-aws.md."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Final

from operations.replay.door import Content, NotADocumentError
from operations.replay.report import ReplayReport
from operations.replay.stores import Doors, FailedObject, FailureStores

# So many objects in a row of which a service took nothing: it is not worth asking now.
PATIENCE: Final = 3


def replay(
    stores: FailureStores, doors: Doors, progress: Callable[[int, int], None], is_dry: bool = False
) -> ReplayReport:
    """Hand over again what the failure stores hold, and return what is left in them; a dry one only counts.

    An object is removed once its service has taken all of its records. So it can be killed anywhere and run again, and
    two at once lose nothing either: what is handed over twice has the same ``event_id`` or ``log_event_id``.
    """
    report, refusals = ReplayReport(), Counter[int]()
    total, newest = _count(stores)
    # What fails again comes back as a new object, maybe before the listing has passed its name.
    for done, found in enumerate(stores.objects(until=newest), start=1):
        try:
            content = _replay_one(stores, doors, found, refusals, is_dry)
        except NotADocumentError as error:
            content = Content(1, Counter({str(error): 1}))
        report.before[found.store] += content.records
        for reason, count in content.reasons.items():
            report.leave(found.store, reason, count, stores.uri(found.key))
        if content.replayable:
            report.after[found.store] -= content.replayable
        progress(min(done, total), total)
    return report


def _replay_one(
    stores: FailureStores, doors: Doors, found: FailedObject, refusals: Counter[int], is_dry: bool
) -> Content:
    door = doors.of(found)
    with stores.open(found) as body:
        if body is None:
            return Content(0)
        if is_dry:
            return door.look(body)
        if refusals[id(door)] == PATIENCE:
            content = door.look(body)
            reason = f"not tried: of {PATIENCE} objects in a row its service took nothing"
            return Content(content.records, Counter({reason: content.records}))
        content = door.hand_over(body)
    refusals[id(door)] = refusals[id(door)] + 1 if content.is_refused else 0
    if not content.reasons:
        stores.remove(found)
    return content


def _count(stores: FailureStores) -> tuple[int, datetime | None]:
    """Return how many objects there are, and when the newest was written."""
    total, newest = 0, None
    for found in stores.objects():
        total += 1
        newest = max(newest or found.written_at, found.written_at)
    return total, newest

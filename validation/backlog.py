"""An hour's changes that come at once, because the function was away: past the quota of partitions, and back."""

import gzip
import json
from dataclasses import dataclass
from pathlib import Path

from local.firehose.errors import PARTITIONS_EXCEEDED
from local.options import Inputs, Options
from validation.lakes import captured, replayed
from validation.layers import bronze_changes
from validation.load_volume import write_backlog
from validation.recount import task_changes
from validation.result import Check, Figures, equal

# Folders that share the users of a date: none, and as many as one day of arrivals would do with.
BUCKETS = (0, 4)


@dataclass(frozen=True)
class Backlog:
    """What became of it with so many buckets a date; ``diverted`` are past the quota, ``lost`` are in no place."""

    buckets: int
    sent: int
    diverted: int
    left: int
    lost: int


@dataclass(frozen=True)
class Backlogs:
    """The same backlog with each number of buckets."""

    all: list[Backlog]

    def figures(self) -> Figures:
        """Return them as a table."""
        rows = [
            (f"`UserBuckets` {each.buckets or '0: a folder a user'}", each.sent, each.diverted, each.left, each.lost)
            for each in self.all
        ]
        columns = [
            "Bronze's folders",
            "changes",
            "past 500 partitions, to `errors/`",
            "left after `make replay`",
            "lost",
        ]
        return Figures("The function was away for that hour: all its changes at once", columns, rows)

    def checks(self) -> list[Check]:
        """Return the checks that a replay brings all of them, and that buckets keep them below the quota."""
        return [
            *(
                equal(f"the backlog with {each.buckets} buckets: left, lost", "0, 0", f"{each.left}, {each.lost}")
                for each in self.all
            ),
            equal(f"the backlog with {self.all[-1].buckets} buckets: past the quota", 0, self.all[-1].diverted),
        ]


def backlogs(folder: Path, hour: Inputs) -> Backlogs:
    """Return what becomes of an hour's changes at once, with each number of buckets."""
    assert hour.events
    with gzip.open(hour.events, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    inputs = write_backlog(folder, records)
    wanted = {change.event_id for change in task_changes(records)}
    return Backlogs([_backlog(folder / f"backlog-{buckets}", inputs, wanted, buckets) for buckets in BUCKETS])


def _backlog(lake: Path, inputs: Inputs, wanted: set[str], buckets: int) -> Backlog:
    report = captured(lake, inputs, Options(user_buckets=buckets))
    [source] = report.sources
    diverted = sum(n for store, n in source.account.failure_stores.items() if store.endswith(PARTITIONS_EXCEEDED))
    left = replayed(lake, Options(user_buckets=buckets)).after.total()
    return Backlog(buckets, source.account.sent, diverted, left, len(wanted - bronze_changes(lake)))

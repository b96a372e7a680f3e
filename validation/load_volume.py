"""The volume that `athena_queries/lints/growth.yaml` expects of a day, and its busiest hour as a lake's input."""

from dataclasses import dataclass
from pathlib import Path

from athena_queries.lints.budget import expected_rows
from local.options import Inputs
from local.traffic.day import HOURS, Volume, generate_day
from validation.day_parts import write
from validation.lakes import Row

_YEAR = 365
_USERS = 1_000


@dataclass(frozen=True)
class Expected:
    """What a day brings, and its busiest hour."""

    users: int
    changes_a_day: int
    changes_an_hour: int

    @property
    def hour(self) -> Volume:
        """Return the busiest hour: every change of it falls into that one."""
        busiest = HOURS.index(max(HOURS))
        alone = tuple(int(hour == busiest) for hour in range(24))
        return Volume(self.users, self.changes_an_hour, expiries=self.changes_an_hour // 50, hours=alone)


def expected() -> Expected:
    """Return the expected volume; of a day's changes the busiest hour has the share that the generated day gives it."""
    a_day = round(expected_rows()["silver.task_changes"] / _YEAR)
    return Expected(_USERS, a_day, round(a_day * max(HOURS) / sum(HOURS)))


def write_hour(folder: Path) -> Inputs:
    """Write the busiest hour's stream records and log lines."""
    events, logs = folder / "hour.stream.jsonl.gz", folder / "hour.logs.jsonl.gz"
    generate_day(events, logs, expected().hour)
    return Inputs(events, logs)


def write_backlog(folder: Path, records: list[Row]) -> Inputs:
    """Write an hour's changes as they come when the function was away for that hour: all at once.

    The newest is first, and moves the clock; what is older than the clock is handed over now.
    """
    return Inputs(write(folder / "backlog.stream.jsonl", [records[-1], *records[:-1]]))

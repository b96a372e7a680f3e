"""A capture of one hour, and what it says of itself."""

from dataclasses import dataclass
from pathlib import Path

from local.options import API_LOGS, TASK_CHANGES, Inputs
from operations.cost.lake_folder import payload, read_arrivals
from validation.arrivals import Arrivals, arrivals, busiest_second_of_objects
from validation.invocations import Invocations, heard
from validation.lakes import captured

STREAMS = {"task-changes": TASK_CHANGES, "api-logs": API_LOGS}


@dataclass(frozen=True)
class Hour:
    """What came, by delivery stream: when, in which objects, of how many bytes; and what the functions logged."""

    accounts: list[tuple[str, int, int]]
    arrivals: dict[str, Arrivals]
    mean_bytes: dict[str, float]
    largest_bytes: dict[str, int]
    invocations: Invocations

    @property
    def changes(self) -> int:
        """Return the changes of tasks."""
        return self.arrivals["task-changes"].total

    @property
    def lines(self) -> int:
        """Return the log lines."""
        return self.arrivals["api-logs"].total

    @property
    def busiest_second_of_objects(self) -> int:
        """Return the most objects that S3 was given in a second."""
        return busiest_second_of_objects(*self.arrivals.values())


def captured_hour(lake: Path, inputs: Inputs) -> Hour:
    """Bring an hour's records to Bronze, and return what that was."""
    with heard() as invocations:
        report = captured(lake, inputs)
    sizes = {
        stream: [len(payload(row)) for row in read_arrivals(lake / "bronze" / table).rows]
        for stream, table in STREAMS.items()
    }
    return Hour(
        [(source.table, source.account.sent, source.account.arrived) for source in report.sources],
        {stream: arrivals(lake, table) for stream, table in STREAMS.items()},
        {stream: sum(each) / len(each) for stream, each in sizes.items()},
        {stream: max(each) for stream, each in sizes.items()},
        invocations,
    )

"""What a month costs at a volume, and the volumes that are asked for."""

from dataclasses import dataclass

from local.traffic.day import A_DAY
from operations.cost.day import LOGS, Volume
from operations.cost.line import Estimate
from operations.cost.measured import Measured
from validation.load_volume import expected

TRACKED = {
    "Firehose ingestion": ("firehose_ingestion", "GB"),
    "Glue jobs": ("glue_job_dpu_hours", "DPU-hours"),
    "Glue crawls": ("glue_crawler_dpu_hours", "DPU-hours"),
    "Athena scans": ("athena_scanned", "TB"),
}
_DAYS_A_MONTH = 365 / 12


@dataclass(frozen=True)
class Month:
    """A volume by its name, and what a month of it costs."""

    name: str
    volume: Volume
    estimate: Estimate

    @property
    def dollars_a_million(self) -> float:
        """Return the dollars of a million changes, all lines of the month shared among its changes."""
        return self.estimate.total / (self.volume.changes * _DAYS_A_MONTH) * 1e6

    def dollars(self, price: str) -> float:
        """Return the dollars of all lines of one price."""
        return sum(line.dollars for line in self.estimate.lines if line.price.name == price)


def volumes(today: Measured) -> dict[str, Volume]:
    """Return the generated day's volume and the expected one, with as many log lines a change."""
    lines, load = today.flows[LOGS].records, expected()
    a_change = lines / A_DAY.task_changes
    return {
        "generated day": Volume(changes=A_DAY.task_changes, users=A_DAY.users, log_lines=lines),
        "expected": Volume(
            changes=load.changes_a_day, users=load.users, log_lines=round(load.changes_a_day * a_change)
        ),
    }

"""What a run is told: its inputs, and what it does differently from the deployed settings."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from local.faults.profiles import NO_FAULTS, FaultProfile

# The delivery streams by the table that each one fills.
STREAMS = TASK_CHANGES, API_LOGS, LEDGER = "task_changes", "api_logs", "ledger"


@dataclass(frozen=True)
class Inputs:
    """The files of one run: DynamoDB stream records, log events, or both."""

    events: Path | None = None
    logs: Path | None = None

    def files(self) -> dict[str, Path]:
        """Return the given files by the Bronze table they become."""
        given = {TASK_CHANGES: self.events, API_LOGS: self.logs}
        return {table: file for table, file in given.items() if file}


@dataclass(frozen=True)
class Options:
    """The size of the stream, the layout of Bronze, and the faults that the run meets."""

    shards: int = 1
    user_buckets: int = 0
    faults: FaultProfile = NO_FAULTS
    seed: int = 0


class Remake(StrEnum):
    """What the Silver jobs may be asked besides reading what is new: the argument that says so."""

    REBUILD = "REBUILD"
    REPLAY_QUARANTINE = "REPLAY_QUARANTINE"


DEFAULTS = Options()

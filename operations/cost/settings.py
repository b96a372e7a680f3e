"""The deployed settings that decide the cost: buffers, batches, workers, schedules, classes, alarms."""

from dataclasses import dataclass
from typing import Final

MIB: Final = 1024 * 1024
DPU_OF_A_WORKER: Final = {"G.025X": 0.25, "G.1X": 1, "G.2X": 2, "G.4X": 4, "G.8X": 8, "G.12X": 12, "G.16X": 16}
STREAMS: Final = ("task-changes", "api-logs", "bronze-ledger")


@dataclass(frozen=True)
class Stream:
    """One delivery stream: when it flushes, and the JQ query of its folders, if it has any."""

    buffer_seconds: int
    buffer_bytes: int
    query: str = ""


@dataclass(frozen=True)
class Job:
    """One Glue job: its workers, of how many DPU each, and how often a month it runs.

    With auto scaling ``workers`` is the most that a run may have at a time.
    """

    workers: int
    dpu: float
    timeout_minutes: int
    runs: float
    auto_scales: bool = False

    @property
    def slots(self) -> float:
        """Return the DPU that work on tasks: the first worker is the driver."""
        return max(self.workers - 1, 1) * self.dpu


@dataclass(frozen=True)
class StorageClass:
    """Where Bronze's objects of a certain age lie: ``name`` as the price has it."""

    name: str
    from_day: int


@dataclass(frozen=True)
class Settings:
    """The deployed settings that decide the cost."""

    batch_size: int
    batch_seconds: int
    memory_gb: float
    architecture: str
    streams: dict[str, Stream]
    user_buckets: int
    jobs: dict[str, Job]
    runs: float
    states: int
    crawlers: int
    crawls: float
    crawls_news: bool
    notices: bool
    classes: tuple[StorageClass, ...]
    least_moved: int
    bronze_days: int
    announces_objects: bool
    keys: int
    rotated_keys: int
    has_bucket_key: bool
    log_days: int
    alarm_metrics: int
    composite_alarms: int
    dashboards: int
    functions: tuple[str, ...] = ()
    crawler_names: tuple[str, ...] = ()
    log_groups: tuple[str, ...] = ()
    changes_a_record: float = 1

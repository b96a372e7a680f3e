"""One day of a lake: how many invocations, records, objects and bytes the volume becomes under the settings."""

import math
from dataclasses import dataclass
from functools import cached_property

from operations.cost.measured import OPEN_SECONDS, Flow, Measured, billed
from operations.cost.schedule import DAYS_A_MONTH
from operations.cost.settings import Settings

CHANGES, LOGS, LEDGER = "task-changes", "api-logs", "bronze-ledger"
GB = 1024**3
ACTIVE_FOLDERS = 500  # docs/aws-semantics.md#firehose-9


@dataclass(frozen=True)
class Volume:
    """What comes in a day, who asks how often, and for how many months the lake has stood."""

    changes: float = 3_000
    users: float = 200
    log_lines: float = 20_000
    queries: float = 20
    months: float = 12

    @property
    def is_nothing(self) -> bool:
        """Return whether nothing comes in: the jobs run, and find nothing new."""
        return not (self.changes or self.log_lines)


@dataclass(frozen=True)
class Day:
    """What a day of the volume becomes."""

    volume: Volume
    settings: Settings
    measured: Measured

    @cached_property
    def rows(self) -> dict[str, float]:
        """Return the rows of each Bronze table and of the ledger: the ledger has one for each object."""
        rows = {CHANGES: self.volume.changes, LOGS: self.volume.log_lines}
        return rows | {LEDGER: sum(self._objects(stream, count) for stream, count in rows.items())}

    @cached_property
    def objects(self) -> dict[str, float]:
        """Return the objects that each delivery stream writes: folders times flushes."""
        return {stream: self._objects(stream, count) for stream, count in self.rows.items()}

    @cached_property
    def invocations(self) -> dict[str, float]:
        """Return how often each function is invoked, by the stream that it fills.

        A batch of changes is closed by its window or its size. A payload of log lines is closed after a minute:
        docs/aws-semantics.md, Doubts.
        """
        windows = {CHANGES: max(self.settings.batch_seconds, 1), LOGS: 60}
        made = {stream: self._calls(self.flow(stream), self.rows[stream], window) for stream, window in windows.items()}
        made[CHANGES] = max(made[CHANGES], self.volume.changes / self.settings.batch_size)
        return made

    def flow(self, stream: str) -> Flow:
        """Return what was measured of a stream's records."""
        return self.measured.flows[stream]

    def records(self, stream: str) -> float:
        """Return the records that are put into a delivery stream."""
        packed = self.settings.changes_a_record if stream == CHANGES else 1
        return self.rows[stream] / packed

    def billed_gb(self, stream: str) -> float:
        """Return the gigabytes that Firehose bills: each record rounded up to 5 KB."""
        if stream == CHANGES and self.settings.changes_a_record > 1:
            size = billed(math.ceil(self.flow(stream).record_bytes * self.settings.changes_a_record))
            return self.records(stream) * size / GB
        return self.rows[stream] * self.flow(stream).billed_bytes / GB

    def bytes_written(self, stream: str) -> float:
        """Return the bytes of a stream's objects: each has a footer, however few rows."""
        flow = self.flow(stream)
        return self.objects[stream] * flow.object_bytes + self.rows[stream] * flow.row_bytes

    def open_folders(self, stream: str) -> float:
        """Return how many folders are open at once in the busiest minute: Firehose takes 500."""
        flow, seconds = self.flow(stream), self.settings.streams[stream].buffer_seconds
        return flow.open_folders * self.objects[stream] / flow.objects * seconds / OPEN_SECONDS

    def _objects(self, stream: str, rows: float) -> float:
        flow, settings = self.flow(stream), self.settings.streams[stream]
        buckets = 0 if stream == LEDGER else self.settings.user_buckets
        by_time = flow.objects_of(rows, self.volume.users, buckets, settings.buffer_seconds)
        return max(by_time, rows * flow.record_bytes / settings.buffer_bytes)

    @staticmethod
    def _calls(flow: Flow, rows: float, window: float) -> float:
        return rows * flow.calls.at(window * rows / flow.records)


def monthly(a_day: float) -> float:
    """Return a month's quantity of a day's."""
    return a_day * DAYS_A_MONTH

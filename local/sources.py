"""An input file on its way into the lake: read line by line, disturbed if asked, each record offered at its door."""

from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from local.accounting import Accounting
from local.faults.plan import FaultPlan
from local.faults.records import disturbed, with_bad_records
from local.ingestion import Doors
from local.logs.log_event import LOG_EVENTS, LogEvent
from local.options import API_LOGS, TASK_CHANGES
from local.s3.bucket import LakeBucket
from local.stream.json_line import Parse, Rejection
from local.stream.rejections import PLACE, RejectedLines
from local.stream.stream_file import Survey, read_records
from local.stream.stream_record import STREAM_RECORDS, StreamRecord

Item: TypeAlias = StreamRecord | LogEvent

_PARSERS: dict[str, Parse[Item]] = {TASK_CHANGES: STREAM_RECORDS.parse, API_LOGS: LOG_EVENTS.parse}


class Source:
    """One input of a capture: what is new in it, and what became of its lines so far."""

    def __init__(self, table: str, file: Path, found: Survey, accounting: Accounting, bucket: LakeBucket) -> None:
        self.table, self.file, self.found, self.accounting = table, file, found, accounting
        self._captured_lines = found.captured.lines if found.captured else 0
        name = f"{file.name}.{self._captured_lines + 1}-{found.whole.lines}.{found.whole.sha256[:12]}"
        self.rejected = RejectedLines(bucket, f"{table}/{name}")
        self.new_lines = found.whole.lines - self._captured_lines
        self.lines_read = self.filtered = 0

    def items(self, plan: FaultPlan) -> Iterator[Item]:
        """Yield the new records, and what the plan's faults make of them."""
        return disturbed(with_bad_records(self._records(), plan, self.table), plan, self.table)

    def _records(self) -> Iterator[Item]:
        """Yield the lines that are records; the others are kept in the failure store of the input."""
        lines: Iterator[tuple[int, Item | Rejection]] = read_records(
            self.file, self._captured_lines, self.found.whole.lines, _PARSERS[self.table]
        )
        for number, item in lines:
            self.lines_read = number - self._captured_lines
            if isinstance(item, Rejection):
                self._reject(item)
            else:
                yield item

    def _reject(self, rejection: Rejection) -> None:
        self.rejected.keep(rejection)
        line = f"{rejection.file}, line {rejection.line}"
        self.accounting.send(line)
        self.accounting.keep(PLACE, [line])

    def offer(self, item: Item, doors: Doors) -> None:
        """Hand one record over as the service does; what the mapping's filter drops is not sent."""
        if isinstance(item, LogEvent):
            self.accounting.send(item.id)
            doors.subscription.offer(item)
            return
        filtered_before = doors.mapping.filtered
        doors.mapping.offer(item)
        if doors.mapping.filtered == filtered_before:
            self.accounting.send(item.body["eventID"])
        else:
            self.filtered += 1


def moment(item: Item) -> float:
    """Return when the record came about, in Unix seconds."""
    return item.timestamp_ms / 1000 if isinstance(item, LogEvent) else item.created_at

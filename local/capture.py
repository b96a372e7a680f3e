"""The ingestion of one input file into one lake."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from local.clock import VirtualClock
from local.event_source_mapping.mapping import EventSourceMapping
from local.ingestion import Ingestion, open_ingestion
from local.s3.bucket import LakeBucket
from local.stream.checkpoints import load_checkpoints, save_checkpoints
from local.stream.rejections import RejectedLines
from local.stream.stream_file import Survey, read_records, survey
from local.stream.stream_record import Rejection

Progress = Callable[[int, int], None]

_LINES_PER_PROGRESS = 50


@dataclass(frozen=True)
class CaptureReport:
    """What one capture did, of this run alone: a second run with the same input reports zeros.

    Each of ``records`` is rejected, filtered, delivered or failed. Delivery is at least once: what a retry
    delivers again counts again in ``delivered`` and ``bronze_rows``.
    """

    records: int
    already_captured: int
    rejected: int = 0
    filtered: int = 0
    delivered: int = 0
    failed: int = 0
    conversion_failed: int = 0
    bronze_rows: int = 0
    bronze_objects: int = 0
    bronze_bytes: int = 0
    ledger_objects: int = 0
    rejections: list[Rejection] = field(default_factory=list)
    error_paths: list[Path] = field(default_factory=list)


@dataclass(frozen=True)
class _Parts:
    clock: VirtualClock
    ingestion: Ingestion
    mapping: EventSourceMapping
    rejected: RejectedLines


def capture(events: Path, lake: Path, progress: Progress) -> CaptureReport:
    """Bring the lines of ``events`` that the lake lacks into Bronze and the ledger, or into a failure store.

    Idempotent: a run that is killed anywhere and run again writes the same objects under the same names, the
    checkpoint last. ``progress`` is told the lines done and the lines in all. Raises ``InputError`` before it
    writes anything.
    """
    checkpoints = load_checkpoints(lake)
    found = survey(events, checkpoints.inputs)
    if found.captured == found.whole:
        progress(found.whole.lines, found.whole.lines)
        return CaptureReport(records=0, already_captured=found.records)
    checkpoints = checkpoints.before(lake, found.whole)
    clock = VirtualClock(checkpoints.clock)
    bucket = LakeBucket(lake, clock)
    save_checkpoints(lake, checkpoints, bucket.staging("checkpoints"))
    with open_ingestion(bucket, clock) as (ingestion, mapping):
        with RejectedLines(bucket, _rejections_name(events, found)) as rejected:
            parts = _Parts(clock, ingestion, mapping, rejected)
            _feed(events, found, parts, progress)
            clock.run_until_idle()
        report = _report(found, parts)
    save_checkpoints(lake, checkpoints.after(clock.now(), found.whole), bucket.staging("checkpoints"))
    bucket.remove_staging()
    return report


def _feed(events: Path, found: Survey, parts: _Parts, progress: Progress) -> None:
    """Hand over each record at its own time, or now if it is older than what came before."""
    first, last = found.captured.lines if found.captured else 0, found.whole.lines
    for number, item in read_records(events, after=first, through=last):
        if isinstance(item, Rejection):
            parts.rejected.keep(item)
        else:
            parts.clock.advance_to(item.created_at)
            parts.mapping.offer(item)
        if number % _LINES_PER_PROGRESS == 0:
            progress(number, last)
    progress(last, last)


def _report(found: Survey, parts: _Parts) -> CaptureReport:
    ingestion, rejected = parts.ingestion, parts.rejected
    bronze, ledger = ingestion.task_changes, ingestion.ledger
    return CaptureReport(
        records=found.records - found.captured_records,
        already_captured=found.captured_records,
        rejected=rejected.count,
        filtered=parts.mapping.filtered,
        delivered=bronze.accepted,
        failed=ingestion.on_failure.records,
        conversion_failed=bronze.errors,
        bronze_rows=bronze.rows,
        bronze_objects=bronze.objects,
        bronze_bytes=bronze.bytes,
        ledger_objects=ledger.objects,
        rejections=rejected.first,
        error_paths=[*rejected.paths, *ingestion.on_failure.paths, *bronze.error_paths, *ledger.error_paths],
    )


def _rejections_name(events: Path, found: Survey) -> str:
    first = found.captured.lines + 1 if found.captured else 1
    return f"{events.name}.{first}-{found.whole.lines}.{found.whole.sha256[:12]}"

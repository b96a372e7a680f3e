"""The ingestion of one run's inputs into one lake."""

import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from local.accounting import Account
from local.clock import VirtualClock
from local.faults.plan import FaultPlan
from local.ingestion import Doors, Ingestion, open_ingestion
from local.options import DEFAULTS, LEDGER, Inputs, Options
from local.s3.bucket import LakeBucket
from local.sources import Item, Source, moment
from local.stream.checkpoints import load_checkpoints, save_checkpoints
from local.stream.json_line import Rejection
from local.stream.stream_file import Survey, survey

Progress = Callable[[int, int], None]

_ITEMS_PER_PROGRESS = 50


@dataclass(frozen=True)
class SourceReport:
    """What one capture did with one input, of this run alone: a second run with the same input reports zeros.

    ``account`` says where each record ended, once; ``bronze_rows`` counts deliveries, which are at least once.
    """

    table: str
    records: int
    already_captured: int
    rejected: int = 0
    filtered: int = 0
    bronze_rows: int = 0
    bronze_objects: int = 0
    bronze_bytes: int = 0
    account: Account = field(default_factory=Account)
    rejections: list[Rejection] = field(default_factory=list)


@dataclass(frozen=True)
class CaptureReport:
    """What one capture did: a part for each input."""

    sources: tuple[SourceReport, ...]
    ledger: Account = field(default_factory=Account)
    ledger_objects: int = 0
    error_paths: list[Path] = field(default_factory=list)
    faults_met: dict[str, int] = field(default_factory=dict)


def capture(inputs: Inputs, lake: Path, progress: Progress, options: Options = DEFAULTS) -> CaptureReport:
    """Bring what the lake lacks of ``inputs`` into Bronze and the ledger, or into a failure store.

    Idempotent: a run that is killed anywhere and run again writes the same objects under the same names, the
    checkpoint last. ``progress`` is told the lines done and the lines in all. Raises ``InputError`` before it
    writes anything.
    """
    checkpoints = load_checkpoints(lake)
    found = {table: survey(file, checkpoints.inputs) for table, file in inputs.files().items()}
    if all(one.captured == one.whole for one in found.values()):
        return _nothing_new(found, progress)
    checkpoints = checkpoints.before(lake, _name(found, options))
    clock, plan = VirtualClock(checkpoints.clock), FaultPlan(options.faults, options.seed)
    bucket = LakeBucket(lake, clock, plan.is_s3_down)
    save_checkpoints(lake, checkpoints, bucket.staging("checkpoints"))
    with open_ingestion(bucket, clock, options, plan) as doors:
        with ExitStack() as rejections:
            accounts = doors.ingestion.accounts
            sources = [
                Source(table, file, found[table], accounts[table], bucket) for table, file in inputs.files().items()
            ]
            for source in sources:
                rejections.enter_context(source.rejected)
            _feed(sources, doors, clock, plan, progress)
            clock.run_until_idle()
        report = _report(sources, doors.ingestion)
    captured = [one.whole for one in found.values()]
    save_checkpoints(lake, checkpoints.after(clock.now(), captured), bucket.staging("checkpoints"))
    bucket.remove_staging()
    return report


def _nothing_new(found: Mapping[str, Survey], progress: Progress) -> CaptureReport:
    lines = sum(one.whole.lines for one in found.values())
    progress(lines, lines)
    return CaptureReport(tuple(SourceReport(table, 0, one.records) for table, one in found.items()))


def _name(found: Mapping[str, Survey], options: Options) -> str:
    """Return what tells this capture from another: what it reads, and how."""
    return " ".join([*(one.whole.sha256 for one in found.values()), str(options)])


def _feed(sources: Sequence[Source], doors: Doors, clock: VirtualClock, plan: FaultPlan, progress: Progress) -> None:
    """Hand over each record at its own time, or now if it is older than what came before."""
    total = sum(source.new_lines for source in sources)
    streams = [_with_source(source, plan) for source in sources]
    for count, (source, item) in enumerate(heapq.merge(*streams, key=lambda pair: moment(pair[1])), start=1):
        clock.advance_to(moment(item))
        if 2 * sum(source.lines_read for source in sources) >= total:
            plan.begin_outage_once(clock.now())
        source.offer(item, doors)
        if count % _ITEMS_PER_PROGRESS == 0:
            progress(sum(source.lines_read for source in sources), total)
    progress(total, total)


def _with_source(source: Source, plan: FaultPlan) -> Iterator[tuple[Source, Item]]:
    return ((source, item) for item in source.items(plan))


def _report(sources: Sequence[Source], ingestion: Ingestion) -> CaptureReport:
    return CaptureReport(
        tuple(_source_report(source, ingestion) for source in sources),
        ingestion.accounts[LEDGER].account(),
        ingestion.streams[LEDGER].objects,
        [*(path for source in sources for path in source.rejected.paths), *ingestion.error_paths],
        {fault: count for fault, count in ingestion.plan.met.items() if count},
    )


def _source_report(source: Source, ingestion: Ingestion) -> SourceReport:
    bronze = ingestion.streams[source.table]
    return SourceReport(
        table=source.table,
        records=source.found.records - source.found.captured_records,
        already_captured=source.found.captured_records,
        rejected=source.rejected.count,
        filtered=source.filtered,
        bronze_rows=bronze.rows,
        bronze_objects=bronze.objects,
        bronze_bytes=bronze.bytes,
        account=source.accounting.account(),
        rejections=source.rejected.first,
    )

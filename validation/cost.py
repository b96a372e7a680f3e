"""What a month costs by `operations.cost`, its measurements held against a run of today; and what Athena scans."""

from dataclasses import replace
from pathlib import Path

from athena_queries.lints.budget import MB, Scan
from local.budgets import scan_budgets
from local.options import Inputs
from local.traffic.day import generate_day
from operations.cost.day import Volume
from operations.cost.measure import measure
from operations.cost.measured import BUCKETS, to_measured
from operations.cost.model import estimate, read_knowledge
from operations.cost.scans import LEAST_SCANNED
from operations.cost.template_settings import read_settings
from operations.cost.templates import read_templates
from validation.cost_checks import measurement_checks, model_checks, month_checks, price_checks, scan_checks
from validation.lakes import run
from validation.month import TRACKED, Month, volumes
from validation.registry import Note
from validation.result import Figures, Result

_STORY = """
`make cost` estimates a month from the templates, one dated table of prices and the measurements of a run. Here that
run is made again, and what was measured must still be so; then the model says what the generated day's volume costs,
and what the expected one does. Dollars are list prices of us-east-1. `make cost STAGE=…` shows what AWS counted and
billed beside it.
"""


def validate(folder: Path, note: Note) -> Result:
    """Return the cost of both volumes, and whether what it rests on still holds."""
    lake, events, logs = folder / "lake", folder / "day.stream.jsonl.gz", folder / "day.logs.jsonl.gz"
    generate_day(events, logs)
    note("a generated day, to be measured")
    run(lake, Inputs(events, logs))
    settings, known = read_settings(read_templates()), read_knowledge()
    today = to_measured(measure(lake, settings))
    note("what each SQL file scans")
    scans = scan_budgets(lake)
    months = [Month(name, volume, estimate(volume, settings, known)) for name, volume in volumes(today).items()]
    shared = replace(settings, user_buckets=BUCKETS)
    months.append(
        Month(f"expected, `UserBuckets` {BUCKETS}", months[1].volume, estimate(months[1].volume, shared, known))
    )
    return Result(
        _STORY,
        [_tracked(months), _totals(months), _scans(scans)],
        [
            *measurement_checks(known.measured, today),
            *model_checks(months[0].volume, settings, known, today),
            *price_checks(known),
            *month_checks(months, settings),
            *scan_checks(scans),
        ],
    )


def _tracked(months: list[Month]) -> Figures:
    columns = ["tracked", *(f"{month.name}: {unit}" for month in months for unit in ("quantity", "USD"))]
    rows = [
        (name, *(cell for month in months for cell in _cells(month, price, unit)))
        for name, (price, unit) in TRACKED.items()
    ]
    return Figures("What the decision record tracks, a month", columns, rows)


def _cells(month: Month, price: str, unit: str) -> tuple[str, str]:
    return f"{month.estimate.quantities()[price]:,.2f} {unit}", f"{month.dollars(price):,.2f}"


def _said(volume: Volume) -> str:
    return f"{volume.changes:,.0f} changes, {volume.log_lines:,.0f} log lines a day, {volume.users:,.0f} users"


def _totals(months: list[Month]) -> Figures:
    rows = [
        (
            f"{month.name}: {_said(month.volume)}",
            f"{month.estimate.total:,.2f}",
            f"{month.dollars_a_million:,.2f}",
            ", ".join(f"{line.name} {line.dollars:,.2f}" for line in month.estimate.drivers()),
        )
        for month in months
    ]
    return Figures("All lines together, USD", ["volume", "a month", "a million changes", "what drives it"], rows)


def _scans(scans: list[Scan]) -> Figures:
    rows = [
        (
            f"`{scan.file}`",
            *(
                f"{size / MB:,.2f}"
                for size in (scan.measured or 0, max(scan.measured or 0, LEAST_SCANNED), scan.budget)
            ),
        )
        for scan in scans
    ]
    return Figures(
        "Athena: MB that each file scans on the generated day",
        ["file", "scanned", "billed", "may scan after a year"],
        rows,
        is_timed=True,
    )

"""What a month costs by `operations.cost`, its measurements held against a run of today; and what Athena scans."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from athena_queries.lints.budget import MB, Scan
from local.budgets import scan_budgets
from local.cloudformation import parse
from local.ingestion import INFRA
from local.options import Inputs
from local.traffic.day import A_DAY, generate_day
from operations.cost.day import CHANGES, LOGS, Day, Volume
from operations.cost.line import Estimate
from operations.cost.measure import measure
from operations.cost.measured import BUCKETS, Measured, to_measured
from operations.cost.model import Knowledge, estimate, read_knowledge
from operations.cost.processing import JOBS
from operations.cost.scans import LEAST_SCANNED
from operations.cost.settings import Settings
from operations.cost.template_settings import read_settings
from operations.cost.templates import read_templates
from validation.lakes import run
from validation.load_volume import expected
from validation.registry import Note
from validation.result import Check, Figures, Result, at_most, equal

_STORY = """
`make cost` estimates a month from the templates, one dated table of prices and the measurements of a run. Here that
run is made again, and what was measured must still be so; then the model says what the generated day's volume costs,
and what the expected one does. Dollars are list prices of us-east-1. `make cost STAGE=…` shows what AWS counted and
billed beside it.
"""
# The decision record's own figures: dollars a GB, a DPU-hour, a TB; and a run of 2 DPU for 15 minutes.
PRICES = {"firehose_ingestion": 0.029, "glue_job_dpu_hours": 0.44, "athena_scanned": 5.0}
DOLLARS_A_RUN = 0.22
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


def measurement_checks(kept: Measured, today: Measured) -> list[Check]:
    """Return the checks that the run which `make cost` rests on comes out as it did."""
    checks = []
    for stream in (CHANGES, LOGS):
        former, now = kept.flows[stream], today.flows[stream]
        checks += [
            equal(
                f"{stream}: records, objects, users of the measured run",
                *((f"{each.records:,}, {each.objects:,}, {each.users:,}") for each in (former, now)),
            ),
            at_most(
                f"{stream}: bytes a record, apart from the measured run",
                1,
                _apart(former.record_bytes, now.record_bytes),
                " %",
            ),
            at_most(
                f"{stream}: billed bytes a record, apart from it",
                1,
                _apart(former.billed_bytes, now.billed_bytes),
                " %",
            ),
        ]
    return checks


def model_checks(volume: Volume, settings: Settings, known: Knowledge, today: Measured) -> list[Check]:
    """Return the checks that the model makes of the day's volume what the day made of itself."""
    day = Day(volume, settings, known.measured)
    return [
        at_most(
            f"{stream}: objects by the model, apart from those of the run",
            5,
            _apart(today.flows[stream].objects, day.objects[stream]),
            " %",
        )
        for stream in (CHANGES, LOGS)
    ]


def price_checks(known: Knowledge) -> list[Check]:
    """Return the checks that the table has the decision record's prices."""
    return [
        equal(f"price of {name}", f"${usd:g}", f"${known.prices[name].dollars(1):g}") for name, usd in PRICES.items()
    ]


def month_checks(months: Iterable[Month], settings: Settings) -> list[Check]:
    """Return the checks that what must be tracked is there, and that runs and a month cost what was decided."""
    small, large, _ = months
    root = parse((INFRA / "template.yaml").read_text(encoding="utf-8"))
    budget = float(root["Parameters"]["MonthlyBudget"]["Default"])
    quantities = large.estimate.quantities()
    costs = {line.name.removeprefix("job "): line.dollars for line in large.estimate.lines}
    return [
        *(equal(f"{name}: has a line", True, quantities.get(price, 0) > 0) for name, (price, _) in TRACKED.items()),
        *(
            at_most(
                f"a run of {job} at the expected volume, dollars",
                DOLLARS_A_RUN,
                round(costs[job] / settings.jobs[job].runs, 3),
            )
            for job in JOBS
        ),
        at_most(
            "a month of the generated day, dollars: the budget that alarms", budget, round(small.estimate.total, 2)
        ),
        equal("what the model warns of", "nothing", "; ".join(large.estimate.warnings) or "nothing"),
    ]


def scan_checks(scans: Iterable[Scan]) -> list[Check]:
    """Return the check that no file scans more than it may."""
    over = [scan.file for scan in scans if scan.measured is not None and scan.measured > scan.budget]
    unknown = [scan.file for scan in scans if scan.measured is None]
    return [
        equal("SQL files that scan more than their budget", "none", ", ".join(over) or "none"),
        equal("SQL files of which nobody knows what they scan", "none", ", ".join(unknown) or "none"),
    ]


def _apart(one: float, other: float) -> float:
    return round(100 * abs(one - other) / max(one, 1e-9), 2)


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

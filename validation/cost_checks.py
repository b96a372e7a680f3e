"""What must hold of the cost: measurements, prices, what a run and a month may cost, and what a file may scan."""

from collections.abc import Iterable

from athena_queries.lints.budget import Scan
from infra.cloudformation import parse
from local.ingestion import INFRA
from operations.cost.day import CHANGES, LOGS, Day, Volume
from operations.cost.measured import Measured
from operations.cost.model import Knowledge
from operations.cost.processing import JOBS
from operations.cost.settings import Settings
from validation.month import TRACKED, Month
from validation.result import Check, at_most, equal

# The decision record's own figures: dollars a GB, a DPU-hour, a TB; and a run of 2 DPU for 15 minutes.
PRICES = {"firehose_ingestion": 0.029, "glue_job_dpu_hours": 0.44, "athena_scanned": 5.0}
DOLLARS_A_RUN = 0.22


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

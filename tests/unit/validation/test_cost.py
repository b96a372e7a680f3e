"""The verdict on the cost fails when a measurement, a price, a run's dollars or a scan is not what it should be."""

from dataclasses import replace
from typing import Any

import pytest

from athena_queries.lints.budget import Scan
from operations.cost.day import CHANGES, Volume
from operations.cost.line import Estimate, Line
from operations.cost.model import read_knowledge
from operations.cost.prices import Prices
from operations.cost.processing import JOBS
from validation.cost_checks import measurement_checks, month_checks, price_checks, scan_checks
from validation.month import Month, volumes
from validation.result import Check

KNOWN = read_knowledge()


def failed(checks: list[Check]) -> list[str]:
    return [check.name for check in checks if not check.holds]


@pytest.mark.parametrize(
    "wrong", [{"records": 2_999}, {"objects": 1}, {"record_bytes": 2_000.0}, {"billed_bytes": 10_240.0}]
)
def test_a_measurement_that_is_no_longer_so_does_not_hold(wrong: dict[str, Any]) -> None:
    flows = {**KNOWN.measured.flows, CHANGES: replace(KNOWN.measured.flows[CHANGES], **wrong)}
    assert failed(measurement_checks(KNOWN.measured, KNOWN.measured)) == []
    [name] = failed(measurement_checks(KNOWN.measured, replace(KNOWN.measured, flows=flows)))
    assert name.startswith("task-changes: ")


def test_a_price_that_is_not_the_decision_records_does_not_hold() -> None:
    assert failed(price_checks(KNOWN)) == []
    dearer = Prices({**KNOWN.prices, "athena_scanned": replace(KNOWN.prices["athena_scanned"], usd=6.0)})
    assert failed(price_checks(replace(KNOWN, prices=dearer))) == ["price of athena_scanned"]


def estimate(quantities: dict[str, float], warnings: tuple[str, ...] = (), prices: Prices = KNOWN.prices) -> Estimate:
    jobs = [Line("", f"job {job}", 0.01, prices["glue_job_dpu_hours"], "m") for job in JOBS]
    others = [Line("", name, quantity, prices[name], "m") for name, quantity in quantities.items()]
    return Estimate((*jobs, *others), warnings, prices)


class Settings:
    """Of the settings what the checks ask for: each job runs once."""

    def __init__(self, runs: float = 1) -> None:
        self.jobs = {job: type("Job", (), {"runs": runs}) for job in JOBS}


ALL = {"firehose_ingestion": 1.0, "glue_crawler_dpu_hours": 1.0, "athena_scanned": 0.1}


def months(small: Estimate, large: Estimate) -> list[Month]:
    return [Month("m", Volume(), each) for each in (small, large, large)]


def checked(small: Estimate, large: Estimate, runs: float = 1) -> list[str]:
    return failed(month_checks(months(small, large), Settings(runs)))  # type: ignore[arg-type]


def test_what_must_be_tracked_has_a_line() -> None:
    assert checked(estimate(ALL), estimate(ALL)) == []
    for name, title in (("firehose_ingestion", "Firehose ingestion"), ("athena_scanned", "Athena scans")):
        without = {each: quantity for each, quantity in ALL.items() if each != name}
        assert checked(estimate(ALL), estimate(without)) == [f"{title}: has a line"]


def test_a_run_a_month_and_a_warning_that_are_too_much_do_not_hold() -> None:
    assert len(checked(estimate(ALL), estimate(ALL), runs=0.01)) == len(JOBS)
    assert checked(estimate({**ALL, "firehose_ingestion": 5_000}), estimate(ALL)) == [
        "a month of the generated day, dollars: the budget that alarms"
    ]
    assert checked(estimate(ALL), estimate(ALL, ("gold: a run of 999 minutes",))) == ["what the model warns of"]


def test_a_million_changes_share_the_months_dollars() -> None:
    month = Month("m", Volume(changes=1e6 * 12 / 365), estimate(ALL))
    assert month.dollars_a_million == pytest.approx(month.estimate.total)


def test_a_file_that_scans_more_than_it_may_or_nobody_knows_how_much_does_not_hold() -> None:
    good, over, unknown = Scan("a.sql", 10, 10), Scan("b.sql", 10, 11), Scan("c.sql", 10)
    assert failed(scan_checks([good])) == []
    assert [check.found for check in scan_checks([good, over, unknown])] == ["b.sql", "c.sql"]


def test_the_expected_volume_has_the_log_lines_of_the_generated_day_for_each_change() -> None:
    small, large = volumes(KNOWN.measured).values()
    assert (large.changes, large.users) == (100_000, 1_000)
    assert large.log_lines / large.changes == pytest.approx(small.log_lines / small.changes, rel=1e-3)

from dataclasses import replace
from math import exp

import pytest

from operations.cost.day import CHANGES, GB, Day, Volume
from operations.cost.line import Line
from operations.cost.model import Knowledge
from operations.cost.schedule import DAYS_A_MONTH
from operations.cost.settings import Settings, StorageClass
from operations.cost.standing import (
    catalog_lines,
    days_in_class,
    log_bytes,
    metric_months,
    storage_lines,
    watching_lines,
)

COOL = (StorageClass("standard", 0), StorageClass("standard_ia", 30), StorageClass("glacier_ir", 90))


@pytest.fixture
def day(settings: Settings, known: Knowledge) -> Day:
    return Day(Volume(changes=1000, users=10, log_lines=0, queries=0), settings, known.measured)


def named(lines: list[Line]) -> dict[str, Line]:
    return {line.name: line for line in lines}


def of_large_objects(day: Day, known: Knowledge, **changed: object) -> Day:
    flow = replace(known.measured.flows[CHANGES], object_bytes=200_000.0)
    measured = replace(known.measured, flows=known.measured.flows | {CHANGES: flow})
    return Day(day.volume, replace(day.settings, classes=COOL, **changed), measured)  # type: ignore[arg-type]


def test_bytes_are_those_of_all_months_and_of_the_last_runs(day: Day, known: Knowledge) -> None:
    age = 12 * DAYS_A_MONTH
    bronze, ledger = 500 * 2000 + 1000 * 100, 50 * 2000 + 500 * 100
    runs = (4 + 7 + 1) * (GB // 100)  # four versions of Gold, seven days of Silver's metadata, the pages
    size = (bronze + ledger + 1000 * 50) * age + runs
    assert named(list(storage_lines(day, known.prices)))["S3 standard"].dollars == pytest.approx(size / GB * 0.023)


def test_objects_below_the_least_size_stay_in_their_class(day: Day, known: Knowledge) -> None:
    cool = Day(day.volume, replace(day.settings, classes=COOL), known.measured)
    assert days_in_class(cool, CHANGES) == {"standard": pytest.approx(12 * DAYS_A_MONTH)}
    lines = named(list(storage_lines(cool, known.prices)))
    assert lines["S3 glacier_ir"].quantity == lines["moves to glacier_ir"].quantity == 0


def test_larger_objects_pass_through_the_classes(day: Day, known: Knowledge) -> None:
    large = of_large_objects(day, known)
    days = days_in_class(large, CHANGES)
    assert days == {"standard": 30, "standard_ia": 60, "glacier_ir": pytest.approx(275)}
    lines = named(list(storage_lines(large, known.prices)))
    a_day = 500 * 200_000 + 1000 * 100
    assert lines["S3 standard_ia"].dollars == pytest.approx(a_day * 60 / GB * 0.0125)
    assert lines["moves to glacier_ir"].dollars == pytest.approx(500 * DAYS_A_MONTH / 1000 * 0.02)


def test_a_template_may_ask_for_larger_objects_still(day: Day, known: Knowledge) -> None:
    assert len(days_in_class(of_large_objects(day, known, least_moved=256 * 1024), CHANGES)) == 1


def test_bronze_ends_where_the_lifecycle_ends_it(day: Day, known: Knowledge) -> None:
    days = days_in_class(of_large_objects(day, known, bronze_days=60), CHANGES)
    assert days == {"standard": 30, "standard_ia": 30, "glacier_ir": 0}


def test_the_catalog_costs_by_objects_and_requests(day: Day, known: Knowledge) -> None:
    objects, asked = catalog_lines(day, known.assumed, known.prices)
    assert objects.dollars == pytest.approx(2000 / 100_000)
    assert asked.dollars == pytest.approx(10 * 500 / 1e6)


def test_logs_are_a_line_an_invocation_and_sparks_own(day: Day, known: Knowledge) -> None:
    size = 200 * DAYS_A_MONTH * (300 + 700) + (10 + 10 + 2 + 10) * 5 * 1024**2
    assert log_bytes(day, known.assumed) == pytest.approx(size)
    lines = named(list(watching_lines(day, known.assumed, known.prices)))
    assert lines["logs taken in"].dollars == pytest.approx(size / GB * 0.50)
    assert lines["logs kept"].dollars == pytest.approx(size / GB * 30 / DAYS_A_MONTH * 0.03)


def test_a_metric_is_billed_for_the_hours_in_which_it_is_written(day: Day, known: Knowledge) -> None:
    hours = 24 * (1 - exp(-200 / 24)) * DAYS_A_MONTH  # one function; the other is never called
    assert metric_months(day) == pytest.approx((hours * 9 + (10 + 10 + 2 + 10) * 6) / 730)


def test_alarms_dashboards_and_mails_stand_in_the_templates(day: Day, known: Knowledge) -> None:
    lines = named(list(watching_lines(day, known.assumed, known.prices)))
    assert lines["alarms"].dollars == pytest.approx(20 * 0.10)
    assert lines["composite alarms"].dollars == pytest.approx(0.50)
    assert lines["dashboards"].dollars == pytest.approx(3.00)
    assert lines["alarm mails"].dollars == pytest.approx(10 / 100_000 * 2)

from dataclasses import replace

import pytest

from operations.cost.day import CHANGES, LOGS, Day, Volume
from operations.cost.line import Line
from operations.cost.model import Knowledge
from operations.cost.processing import (
    Work,
    athena_lines,
    glue_lines,
    glue_warnings,
    job_work,
    orchestration_lines,
)
from operations.cost.scans import LEAST_SCANNED, TB, read_scans
from operations.cost.schedule import DAYS_A_MONTH
from operations.cost.settings import MIB, Job, Settings


@pytest.fixture
def day(settings: Settings, known: Knowledge) -> Day:
    return Day(Volume(changes=1000, users=10, log_lines=0, queries=10), settings, known.measured)


def glue(day: Day, known: Knowledge) -> dict[str, Line]:
    return {line.name: line for line in glue_lines(day, known.scans, known.assumed, known.prices)}


def test_a_job_is_billed_for_all_its_workers_all_the_time(day: Day, known: Knowledge) -> None:
    # A run reads 3 days: 2,042 rows more than measured, and 1,521 objects of 10 ms by four tasks at a time.
    rows, objects = 1000 * DAYS_A_MONTH / 10 - 1000, 500 * DAYS_A_MONTH / 10
    seconds = 60 + 10 + rows * 0.001 + objects * 0.04 / 4
    assert glue(day, known)["job silver_tasks"].quantity == pytest.approx(10 * 2 * seconds / 3600)
    assert glue(day, known)["job silver_tasks"].dollars == pytest.approx(10 * 2 * seconds / 3600 * 0.44)


def test_a_day_with_fewer_rows_than_measured_takes_as_long(day: Day, known: Knowledge) -> None:
    assert job_work("silver_api", day, known.scans, known.assumed) == Work(60 + 20, 0.0)


def test_maintenance_writes_again_what_came_since_the_last(day: Day, known: Knowledge) -> None:
    work = job_work("silver_maintenance", day, known.scans, known.assumed)
    assert work.fixed == 60 + 10 + 20
    assert work.divided == pytest.approx((1000 * DAYS_A_MONTH / 2 - 1000) * 0.001)


def test_gold_waits_for_athena(day: Day, known: Knowledge) -> None:
    # One table of three statements, three seconds each.
    assert job_work("gold", day, known.scans, known.assumed) == Work(60 + 30 + 9, 0.0)


def test_more_executors_shorten_the_part_that_is_divided() -> None:
    work = Work(fixed=60, divided=400)
    assert work.seconds(Job(2, 1, 60, 1)) == 460
    assert work.seconds(Job(5, 1, 60, 1)) == 160
    assert work.dpu_seconds(Job(5, 1, 60, 1), least_workers=2) == 160 * 5


def test_auto_scaling_bills_the_executors_for_the_time_they_work() -> None:
    work = Work(fixed=60, divided=400)
    # Two workers for the minute that nobody shortens; then four executors' 400 s, and the driver for their 100 s.
    assert work.dpu_seconds(Job(5, 1, 60, 1, auto_scales=True), least_workers=2) == 60 * 2 + 400 + 100


def test_no_run_is_billed_for_less_than_a_minute() -> None:
    assert Work(5, 0).seconds(Job(2, 1, 60, 1)) == 60
    assert Work(5, 0).dpu_seconds(Job(10, 1, 60, 1, auto_scales=True), least_workers=2) == 120


def test_larger_workers_are_more_dpu() -> None:
    assert Work(60, 0).dpu_seconds(Job(2, 2, 60, 1), least_workers=2) == 240
    assert Work(0, 400).seconds(Job(2, 2, 60, 1)) == 200


def test_a_crawl_is_billed_for_ten_minutes_at_least(day: Day, known: Knowledge) -> None:
    crawls = glue(day, known)["crawls"]
    assert crawls.quantity == pytest.approx(10 * 2 * 10 / 60)
    assert crawls.dollars == pytest.approx(10 * 2 * 10 / 60 * 0.44)


def test_a_run_longer_than_its_timeout_is_warned_of(day: Day, known: Knowledge) -> None:
    assert not list(glue_warnings(day, known.scans, known.assumed))
    flood = Day(replace(day.volume, changes=10_000_000), day.settings, known.measured)
    warnings = list(glue_warnings(flood, known.scans, known.assumed))
    assert [warning.split(":")[0] for warning in warnings] == ["silver_tasks", "silver_maintenance"]
    assert "its Timeout is 60: more workers" in warnings[0]


def test_athena_scans_a_tables_budget_in_proportion_and_ten_megabytes_a_statement(day: Day, known: Knowledge) -> None:
    built, asked = athena_lines(day, known.scans, known.assumed, known.prices)
    assert built.quantity == pytest.approx(10 * (1024 * MIB + 2 * LEAST_SCANNED) / TB)
    assert built.dollars == pytest.approx(10 * (1024 * MIB + 2 * LEAST_SCANNED) / TB * 5)
    assert asked.quantity == pytest.approx(10 * DAYS_A_MONTH * 20 * MIB / TB)


def test_a_small_query_is_billed_for_ten_megabytes(day: Day, known: Knowledge) -> None:
    young = Day(replace(day.volume, months=1), day.settings, known.measured)
    _, asked = athena_lines(young, known.scans, known.assumed, known.prices)
    assert asked.quantity == pytest.approx(10 * DAYS_A_MONTH * LEAST_SCANNED / TB)  # not 20 MB / 12


def test_where_nothing_comes_in_no_table_is_built(settings: Settings, known: Knowledge) -> None:
    nothing = Day(Volume(changes=0, users=1, log_lines=0, queries=0), settings, known.measured)
    assert [line.dollars for line in athena_lines(nothing, known.scans, known.assumed, known.prices)] == [0, 0]


def test_the_budgets_are_those_of_the_sql_files() -> None:
    scans = read_scans()
    assert scans.gold["task_throughput_daily"] == (50_000_000, CHANGES)
    assert scans.gold["api_health_daily"][1] == LOGS
    assert scans.rows_a_day == {CHANGES: 100_000, LOGS: 200_000}
    assert len(scans.questions) > 10


def test_a_run_passes_its_states_and_asks_after_each_crawl(day: Day, known: Knowledge) -> None:
    schedules, transitions = orchestration_lines(day, known.assumed, known.prices)
    assert schedules.dollars == pytest.approx(10 / 1e6)
    assert transitions.quantity == 10 * 20 + 10 * 20 * 3
    assert transitions.dollars == pytest.approx(800 / 1000 * 0.025)

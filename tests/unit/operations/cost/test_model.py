from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as example_settings
from hypothesis import strategies as st

from operations.cost.assumed import read_assumed
from operations.cost.day import CHANGES, LEDGER, LOGS, Day, Volume
from operations.cost.measured import read_measured
from operations.cost.model import Knowledge, estimate, read_knowledge
from operations.cost.settings import Settings

KNOWN = read_knowledge()
FIXED = {
    "catalog objects",
    "catalog requests",
    "KMS keys",
    "their rotations",
    "job silver_tasks",
    "job silver_api",
    "job silver_maintenance",
    "job gold",
    "crawls",
    "schedules",
    "state transitions",
    "logs taken in",
    "logs kept",
    "custom metrics",
    "alarms",
    "composite alarms",
    "dashboards",
    "alarm messages",
    "alarm mails",
}
volumes = st.builds(
    Volume,
    changes=st.integers(0, 5_000_000),
    users=st.integers(1, 20_000),
    log_lines=st.integers(0, 20_000_000),
    queries=st.integers(0, 1000),
    months=st.integers(1, 120),
)
# The settings are made once: nothing changes them.
pure = example_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)


def test_the_total_is_the_sum_of_the_lines(settings: Settings, known: Knowledge) -> None:
    found = estimate(Volume(), settings, known)
    assert found.total == pytest.approx(sum(line.dollars for line in found.lines))
    assert len({line.name for line in found.lines}) == len(found.lines)


def test_where_nothing_comes_in_only_the_fixed_lines_cost(settings: Settings, known: Knowledge) -> None:
    nothing = estimate(Volume(changes=0, users=1, log_lines=0, queries=0), settings, known)
    assert {line.name for line in nothing.lines if line.dollars} == FIXED


@pure
@given(volume=volumes, more=st.floats(1, 50), what=st.sampled_from(["changes", "users", "log_lines", "queries"]))
def test_more_of_anything_never_costs_less(settings: Settings, volume: Volume, more: float, what: str) -> None:
    larger = replace(volume, **{what: getattr(volume, what) * more})
    now, then = estimate(volume, settings, KNOWN).total, estimate(larger, settings, KNOWN).total
    assert then >= now * (1 - 1e-4)


@pure
@given(volume=volumes, months=st.integers(0, 48))
def test_an_older_lake_never_costs_less(settings: Settings, volume: Volume, months: int) -> None:
    older = replace(volume, months=volume.months + months)
    assert estimate(older, settings, KNOWN).total >= estimate(volume, settings, KNOWN).total


@pure
@given(volume=volumes)
def test_no_line_is_negative_and_what_is_free_is_no_more_than_the_whole(settings: Settings, volume: Volume) -> None:
    found = estimate(volume, settings, KNOWN)
    assert all(line.quantity >= 0 for line in found.lines)
    assert 0 <= found.allowance <= found.total


def test_the_measured_day_makes_the_objects_that_were_counted(settings: Settings) -> None:
    measured = read_measured()
    flows = measured.flows
    volume = Volume(flows[CHANGES].records, flows[CHANGES].users, flows[LOGS].records)
    day = Day(volume, settings, measured)
    assert day.objects[CHANGES] == pytest.approx(flows[CHANGES].objects, rel=0.01)
    assert day.objects[LOGS] == pytest.approx(flows[LOGS].objects, rel=0.01)
    assert day.objects[LEDGER] == pytest.approx(flows[LEDGER].objects, rel=0.01)


def test_the_allowance_is_counted_once_for_all_lines_of_a_price(settings: Settings, known: Knowledge) -> None:
    found = estimate(Volume(), settings, known)
    assert found.quantities()["firehose_ingestion"] == pytest.approx(
        sum(line.quantity for line in found.lines if line.price.name == "firehose_ingestion")
    )
    metrics = next(line for line in found.lines if line.name == "custom metrics")
    assert found.allowance >= min(metrics.quantity, 10) * 0.30


def test_the_drivers_are_the_dearest_lines(settings: Settings, known: Knowledge) -> None:
    found = estimate(Volume(), settings, known)
    drivers = found.drivers()
    assert len(drivers) == 3
    assert min(line.dollars for line in drivers) >= max(line.dollars for line in found.lines if line not in drivers)


def test_a_million_changes_a_day_cost_most_by_their_objects(settings: Settings) -> None:
    found = estimate(Volume(changes=1_000_000, users=5_000, log_lines=5_000_000), settings, KNOWN)
    assert {"S3 PUT", "partitioned objects"} <= {line.name for line in found.drivers()}
    assert found.warnings
    bucketed = estimate(Volume(1_000_000, 5_000, 5_000_000), replace(settings, user_buckets=32), KNOWN)
    assert bucketed.total < found.total / 2


def test_the_estimate_rests_on_this_checkouts_files() -> None:
    assert KNOWN.assumed.rows == read_assumed().rows
    assert KNOWN.measured == read_measured()

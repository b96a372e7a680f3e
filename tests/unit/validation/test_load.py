"""What a lake says of its busiest moments, and a verdict that fails when a quota or a stage's time is passed."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from local.options import Inputs
from tests.unit.local.stream_records import NOON, log_event, stream_record, write_lines
from validation import load
from validation.arrivals import Arrivals
from validation.backlog import Backlog, Backlogs
from validation.hour import Hour, captured_hour
from validation.invocations import Invocations
from validation.lakes import captured
from validation.load_volume import expected, write_backlog
from validation.quotas import PARTITIONS
from validation.recount import Record


def invocation(moment: int, delivered: int, component: str = "cdc_lambda") -> dict[str, Any]:
    return {"component": component, "Delivered": delivered, "_aws": {"Timestamp": moment * 1000}}


def test_the_busiest_second_minute_and_partitions_are_counted() -> None:
    came = Arrivals(Counter({0: 3, 59: 2, 60: 4}), [(0.0, 60.0), (30.0, 90.0), (61.0, 121.0)])
    assert (came.total, came.busiest(1), came.busiest(60)) == (9, 4, 5)
    # As many as overlap; with AWS's delay the first is open until 90, and the third joins the two.
    assert (came.active_partitions(), came.active_partitions(1.5)) == (2, 3)


def test_a_call_takes_at_most_500_records_so_a_large_invocation_makes_several() -> None:
    said = Invocations([invocation(0, 1_100, "log_forwarder"), invocation(0, 40), invocation(1, 50), invocation(70, 1)])
    assert said.most_delivered("log_forwarder") == 500
    assert said.calls("log_forwarder", 1) == 3
    assert (said.calls("cdc_lambda", 1), said.invocations_a_minute("cdc_lambda")) == (1, 2)


def hour(partitions: int = 1, calls: int = 1) -> Hour:
    came = Arrivals(Counter({0: 100}), [(0.0, 60.0)] * partitions)
    streams = ("task-changes", "api-logs")
    lines = [invocation(0, 100, component) for component in ("cdc_lambda", "log_forwarder")] * calls
    return Hour(
        [],
        dict.fromkeys(streams, came),
        dict.fromkeys(streams, 1_000.0),
        dict.fromkeys(streams, 9_000),
        Invocations(lines),
    )


@pytest.mark.parametrize(
    ("wrong", "failed"), [({"partitions": 501}, "active partitions"), ({"calls": 2_001}, "calls of PutRecordBatch")]
)
def test_a_quota_that_is_passed_does_not_hold(wrong: dict[str, int], failed: str) -> None:
    assert all(check.holds for check in load.quota_checks(load.needs(hour())))
    names = {check.name for check in load.quota_checks(load.needs(hour(**wrong))) if not check.holds}
    assert names
    assert all(failed in name for name in names)


def test_the_headroom_is_in_percent_of_the_quota() -> None:
    assert [PARTITIONS.used(need) for need in (220, 500, 1_000, 0.05)] == ["44 %", "100 %", "200 %", "0.01 %"]
    assert [PARTITIONS.fits(need) for need in (220, 10)] == ["2.3", "50"]


def receipt(seconds: float) -> dict[str, Any]:
    names = ("silver.task_changes", "silver.api_requests", "gold.api_health_daily")
    return {"tables": [{"table": name, "rows_in": 10, "seconds": seconds} for name in names]}


def test_a_stage_that_is_too_slow_does_not_hold() -> None:
    assert all(check.holds for check in load.speed_checks(hour(), receipt(1.0), 60.0, 0.02))
    slow_handler = load.speed_checks(hour(), receipt(1.0), 60.0, 61.0)
    slow_capture = load.speed_checks(hour(), receipt(1.0), 3_601.0, 0.02)
    slow_jobs = load.speed_checks(hour(), receipt(8_000.0), 60.0, 0.02)
    assert [sum(not check.holds for check in checks) for checks in (slow_handler, slow_capture, slow_jobs)] == [2, 1, 4]


def test_a_backlog_that_is_lost_left_or_past_the_quota_in_buckets_does_not_hold() -> None:
    good = [Backlog(0, 100, 60, 0, 0), Backlog(4, 100, 0, 0, 0)]
    assert all(check.holds for check in Backlogs(good).checks())
    for wrong in (Backlog(4, 100, 0, 0, 1), Backlog(4, 100, 0, 1, 0), Backlog(4, 100, 1, 0, 0)):
        assert not all(check.holds for check in Backlogs([good[0], wrong]).checks())


def test_a_captured_hour_says_what_came_in_which_objects_and_calls(tmp_path: Path) -> None:
    records = [stream_record(number, NOON + number, f"user-{number % 3}") for number in range(30)]
    events = [log_event(number, NOON + number, "START") for number in range(5)]
    inputs = Inputs(write_lines(tmp_path / "e.jsonl", records), write_lines(tmp_path / "l.jsonl", events))
    found = captured_hour(tmp_path / "lake", inputs)
    assert found.accounts == [("task_changes", 30, 30), ("api_logs", 5, 5)]
    assert (found.changes, found.lines) == (30, 5)
    assert sum(line["Delivered"] for line in found.invocations.lines) == 35
    assert found.arrivals["task-changes"].active_partitions() == 3
    assert 200 < found.mean_bytes["task-changes"] <= found.largest_bytes["task-changes"]


def test_a_backlog_comes_at_one_moment_and_past_the_quota(tmp_path: Path) -> None:
    records: list[Record] = [stream_record(number, NOON + number, f"user-{number}") for number in range(40)]
    captured(tmp_path / "lake", write_backlog(tmp_path, records))
    objects = list((tmp_path / "lake" / "bronze").rglob("*.parquet"))
    moments = {path.name[len("task-changes-1-") :][:19] for path in objects}
    # The last record moves the clock: all others are older.
    assert len(objects) == 40
    assert len(moments) == 1


def test_the_expected_hour_is_the_busiest_of_the_expected_day() -> None:
    volume = expected()
    assert (volume.users, volume.changes_a_day) == (1_000, 100_000)
    assert volume.changes_a_day / 24 < volume.changes_an_hour < volume.changes_a_day / 8
    assert sum(volume.hour.hours) == 1

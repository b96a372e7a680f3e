"""The verdict of the error scenarios fails when a record is lost, a fault was not met, or a reader saw half a table."""

from dataclasses import replace
from pathlib import Path

import pytest

from local.faults.profiles import PROFILES
from local.options import Inputs
from tests.unit.local.stream_records import NOON, stream_record, write_lines
from validation import kills
from validation.errors import kill_check, scenario_check
from validation.kills import KILLS, finish, kill
from validation.lakes import StoppedError
from validation.scenarios import SCENARIOS, Disturbed, Scenario, disturb

GOOD = Disturbed(SCENARIOS[0], 100, {"objects that S3 refused": 3}, 5, 0, 0, 0)
OLD, NEW = {"silver.tasks": ["a"]}, {"silver.tasks": ["a", "b"]}


def test_a_fault_that_was_met_and_left_nothing_holds() -> None:
    assert scenario_check(GOOD).holds
    assert scenario_check(replace(GOOD, undecodable=4)).holds


@pytest.mark.parametrize("wrong", [{"nowhere": 1}, {"left": 1}, {"met": {}}])
def test_a_record_lost_or_left_and_a_fault_not_met_do_not_hold(wrong: dict[str, object]) -> None:
    assert not scenario_check(replace(GOOD, **wrong)).holds  # type: ignore[arg-type]


def test_readers_see_a_table_as_it_was_or_as_it_will_be() -> None:
    assert kill_check(KILLS[0], OLD, OLD, NEW).holds
    assert kill_check(KILLS[0], NEW, OLD, NEW).holds
    half = kill_check(KILLS[0], {"silver.tasks": ["b"]}, OLD, NEW)
    assert (half.holds, half.found) == (False, "silver.tasks")


def test_each_scenario_of_the_decision_record_and_each_profile_is_among_them() -> None:
    assert {scenario.faults for scenario in SCENARIOS} == set(PROFILES.values())


def test_a_part_of_the_day_is_disturbed_and_all_of_it_comes_back(tmp_path: Path) -> None:
    records = [stream_record(number, NOON + number, f"user-{number % 9}") for number in range(60)]
    part = Inputs(write_lines(tmp_path / "part.jsonl", records))
    done = disturb(tmp_path / "lake", Scenario("past the quota", PROFILES["partitions"], "the error prefix"), part)
    assert done.sent == 60
    assert done.failed == done.met["records past the quota of partitions"] > 0
    assert (done.nowhere, done.left, done.undecodable) == (0, 0, 0)


def test_what_nobody_can_decode_is_counted_with_its_own_part(tmp_path: Path) -> None:
    records = [stream_record(number, NOON + number, "ada") for number in range(120)]
    poison = Scenario("poison", replace(PROFILES["poison"], poison_records=0.1), "bisecting")
    parts = [Inputs(write_lines(tmp_path / f"{at}.jsonl", records[at : at + 60])) for at in (0, 60)]
    first = disturb(tmp_path / "lake", poison, parts[0])
    second = disturb(tmp_path / "lake", poison, parts[1], first.undecodable)
    assert first.undecodable == first.met["poison records"] > 0
    assert second.undecodable == second.met["poison records"] > 0
    assert (first.left, second.left) == (0, 0)


def test_a_job_that_outlives_its_kill_or_does_not_finish_stops_the_validation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kills, "_MODULE", "validation.no_such_job")
    with pytest.raises(StoppedError, match=r"silver_tasks was to die at its step 2, and exits 1: .*no_such_job"):
        kill(tmp_path, KILLS[0])
    with pytest.raises(StoppedError, match=r"gold exits 1: .*no_such_job"):
        finish(tmp_path, "gold")

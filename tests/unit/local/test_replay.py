import base64
import json
from pathlib import Path

import pytest

from local.capture import capture
from local.clock import VirtualClock
from local.failure_stores import FailureStoreError, failed_objects
from local.faults.plan import FaultPlan
from local.faults.profiles import NO_FAULTS, FaultProfile
from local.ingestion import open_ingestion
from local.options import DEFAULTS, Inputs, Options
from local.replay import ReplayReport, replay
from local.s3.bucket import LakeBucket
from tests.unit.local.stream_records import NOON, objects, stream_record, write_lines


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    return tmp_path / "lake"


def captured(lake: Path, faults: FaultProfile = NO_FAULTS) -> None:
    records = [stream_record(number, NOON + number, user=f"user {number}") for number in range(6)]
    events = write_lines(lake.parent / "in.jsonl", [*records, "{oops"])
    capture(Inputs(events), lake, lambda *_: None, Options(faults=faults, seed=1))


def replayed(lake: Path) -> ReplayReport:
    return replay(lake, lambda *_: None)


def test_records_over_the_partition_quota_come_back_through_their_delivery_stream(lake: Path) -> None:
    captured(lake, FaultProfile(max_active_partitions=2))
    report = replayed(lake)
    assert report.before["errors/firehose/task_changes/activePartitionExceeded"] == 4
    assert report.after == {"errors/input": 1}
    assert len(objects(lake, "bronze")) == 6


def test_a_line_that_was_no_record_is_left_with_its_reason(lake: Path) -> None:
    captured(lake)
    report = replayed(lake)
    [((store, reason), count)] = report.reasons.items()
    assert (store, count) == ("errors/input", 1)
    assert reason.startswith("not JSON")


def test_poison_is_left_once_however_often_it_is_replayed(lake: Path) -> None:
    captured(lake, FaultProfile(poison_records=1.0))
    for _ in range(3):
        report = replayed(lake)
    assert report.reasons["errors/event_source_mapping", REASON] == 6
    assert len(objects(lake, "errors/event_source_mapping")) == 6


REASON = "undecodable: dynamodb.ApproximateCreationDateTime is no time in Unix seconds"


def test_a_payload_that_nobody_can_read_is_left_whole_with_its_reason(lake: Path) -> None:
    captured(lake)
    event = {"awslogs": {"data": base64.b64encode(b"not gzip").decode()}}
    clock, plan = VirtualClock(NOON + 3_600), FaultPlan(NO_FAULTS, 0)
    with open_ingestion(LakeBucket(lake, clock), clock, DEFAULTS, plan) as doors:
        doors.forwarder.invoke(event)
        clock.run_until_idle()
    replayed(lake)
    report = replayed(lake)
    assert report.after["errors/log_forwarder"] == 1
    assert any("awslogs.data is no gzipped JSON" in reason for _, reason in report.reasons)
    [document] = objects(lake, "errors/log_forwarder").values()
    assert json.loads(document)["requestPayload"] == event


def test_a_replay_that_is_killed_before_it_ends_keeps_every_failed_object(
    lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    captured(lake, FaultProfile(max_active_partitions=2))
    before = objects(lake, "errors")

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(VirtualClock, "run_until_idle", die)
        replayed(lake)
    assert objects(lake, "errors") == before
    replayed(lake)
    assert len(objects(lake, "bronze")) >= 6
    assert list(objects(lake, "errors")) == [key for key in before if key.startswith("errors/input")]


def test_a_lake_without_failures_has_nothing_to_replay(lake: Path) -> None:
    assert replayed(lake).before.total() == 0


def test_a_damaged_object_is_named_and_nothing_is_replayed(lake: Path) -> None:
    path = lake / "errors/event_source_mapping/aws/x"
    path.parent.mkdir(parents=True)
    path.write_text("{}")
    with pytest.raises(FailureStoreError, match="aws/x is damaged"):
        list(failed_objects(lake))

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from cdc_lambda.envelope import to_envelope
from local.capture import capture
from local.clock import VirtualClock
from local.faults.plan import FaultPlan
from local.faults.profiles import NO_FAULTS, FaultProfile
from local.ingestion import open_ingestion
from local.options import DEFAULTS, Inputs, Options
from local.replay import replay
from local.s3.bucket import LakeBucket
from operations.replay.report import ReplayReport
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


def put_away(lake: Path, key: str, body: str) -> None:
    (lake / key).parent.mkdir(parents=True, exist_ok=True)
    (lake / key).write_text(body)


def given_up(*records: Any) -> str:
    return json.dumps({"payload": json.dumps({"Records": records})})


@pytest.mark.parametrize(
    ("key", "body", "reason"),
    [
        ("errors/event_source_mapping/aws/x", "{}", "not a batch as Lambda writes it (no payload)"),
        ("errors/event_source_mapping/aws/x", given_up(5), "not a batch as Lambda writes it (of another shape"),
        ("errors/log_forwarder/aws/x", '{"requestPayload": 5}', "not an event as Lambda writes it (of another shape"),
        ("errors/firehose/nothing_of_ours/t/x", '{"rawData": "", "errorMessage": ""}', "no delivery stream writes to"),
        ("errors/firehose/task_changes/t/x", "not JSON", "not a record as Firehose writes it (not JSON)"),
        ("errors/.DS_Store", "", "no service writes there"),
    ],
)
def test_an_object_that_is_no_document_is_left_with_its_reason_and_the_others_are_replayed(
    lake: Path, key: str, body: str, reason: str
) -> None:
    captured(lake, FaultProfile(max_active_partitions=2))
    put_away(lake, key, body)
    report = replayed(lake)
    assert (lake / key).read_text() == body
    assert any(reason in said for _, said in report.reasons)
    assert len(objects(lake, "bronze")) == 6


@pytest.mark.parametrize(
    "change",
    [
        {"dynamodb": ["no", "object"]},
        {"dynamodb": {}},
        {"dynamodb": {"Keys": {"PK": {"S": "TASK#a"}, "SK": {"S": "TASK#b"}}, "ApproximateCreationDateTime": "noon"}},
        {"dynamodb": stream_record(1)["dynamodb"] | {"NewImage": {"title": {"S": "\ud800"}}}},
        {"dynamodb": stream_record(1)["dynamodb"] | {"NewImage": {"size": {"N": 10**30}}}},
        {"eventID": None},
    ],
)
def test_poison_of_any_shape_is_left_as_undecodable_and_stops_nothing(lake: Path, change: dict[str, Any]) -> None:
    put_away(lake, "errors/event_source_mapping/aws/x", given_up(stream_record(0), stream_record(1) | change))
    for _ in range(2):
        report = replayed(lake)
    [((_, reason), count)] = report.reasons.items()
    assert (reason.split(":")[0], count) == ("undecodable", 1)
    assert len(objects(lake, "bronze")) == 1


def test_more_partitions_than_may_be_active_come_back_in_one_replay(lake: Path) -> None:
    rows = [
        to_envelope(stream_record(number, user=f"user {number}"), "2025-10-15 12:00:00.000") for number in range(1_100)
    ]
    for part, key in ((rows[:600], "a"), (rows[600:], "b")):
        lines = [
            {"rawData": base64.b64encode(json.dumps(row).encode()).decode(), "errorMessage": "too many"} for row in part
        ]
        body = "".join(json.dumps(line) + "\n" for line in lines)
        put_away(lake, f"errors/firehose/task_changes/activePartitionExceeded/{key}", body)
    report = replayed(lake)
    assert not report.after
    assert len(objects(lake, "bronze")) == 1_100

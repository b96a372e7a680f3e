"""For random histories and faults: every record is in Bronze or in a failure store, and replay brings it back."""

import base64
import gzip
import json
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from local.capture import CaptureReport, capture
from local.faults.profiles import PROFILES, FaultProfile
from local.options import Inputs, Options
from local.replay import replay
from operations.replay.report import ReplayReport
from tests.unit.local.stream_records import NOON, log_event, objects, stream_record, write_lines

RATES = st.sampled_from([0.0, 0.0, 0.1, 0.5])
FAULTS = st.builds(
    FaultProfile,
    throttled_calls=RATES,
    partly_refused_calls=RATES,
    unanswered_calls=RATES,
    killed_invocations=RATES,
    duplicated_records=RATES,
    reordered_records=st.sampled_from([1, 5]),
    poison_records=RATES,
    oversize_records=st.sampled_from([0.0, 0.05]),
    s3_outage_seconds=st.sampled_from([0, 600]),
    max_active_partitions=st.sampled_from([1, 3, 500]),
)
USERS = st.sampled_from(["ada", "bob", "é ü", "_x", "*"])
HISTORIES = st.lists(st.tuples(USERS, st.integers(0, 90)), min_size=1, max_size=40)
LINES = st.lists(st.tuples(USERS, st.integers(0, 90), st.booleans()), max_size=20)


@dataclass(frozen=True)
class Day:
    """Stream records and log events, each after the one before it by so many seconds."""

    changes: list[tuple[str, int]]
    lines: list[tuple[str, int, bool]]

    def write(self, folder: Path) -> Inputs:
        moment, records, events = NOON, [], []
        for number, (user, seconds) in enumerate(self.changes):
            moment += seconds
            records.append(stream_record(number, moment, user))
        moment = NOON
        for number, (user, seconds, is_json) in enumerate(self.lines):
            moment += seconds
            message = json.dumps({"request_id": f"r{number}", "user_id": user}) if is_json else f"START {user}"
            events.append(log_event(number, moment, message))
        logs = write_lines(folder / "logs.jsonl", events) if events else None
        return Inputs(write_lines(folder / "events.jsonl", records), logs)

    def ids(self) -> set[str]:
        return {f"event-{n}" for n in range(len(self.changes))} | {f"log-{n}" for n in range(len(self.lines))}


def run(day: Day, folder: Path, options: Options) -> CaptureReport:
    return capture(day.write(folder), folder / "lake", lambda *_: None, options)


def replayed(folder: Path) -> ReplayReport:
    return replay(folder / "lake", lambda *_: None)


def in_bronze(lake: Path) -> set[str]:
    tables = [pq.read_table(BytesIO(body)) for body in objects(lake, "bronze").values()]
    return {row.get("event_id") or row["log_event_id"] for table in tables for row in table.to_pylist()}


def in_failure_stores(lake: Path) -> set[str]:
    """Return the ids that the documents hold, read here as AWS describes them and not by the lake's own reader."""
    ids: set[str] = set()
    for key, body in objects(lake, "errors").items():
        if key.startswith("errors/event_source_mapping/"):
            ids |= {record["eventID"] for record in json.loads(json.loads(body)["payload"])["Records"]}
        elif key.startswith("errors/log_forwarder/"):
            data = json.loads(body)["requestPayload"]["awslogs"]["data"]
            ids |= {event["id"] for event in json.loads(gzip.decompress(base64.b64decode(data)))["logEvents"]}
        else:
            assert key.startswith("errors/firehose/")
            rows = [json.loads(base64.b64decode(json.loads(line)["rawData"])) for line in body.splitlines()]
            ids |= {row.get("event_id") or row["log_event_id"] for row in rows}
    return ids


def poison(ids: set[str]) -> set[str]:
    return {each for each in ids if each.startswith("poison-")}


@settings(max_examples=40, deadline=None, print_blob=True)
@given(
    changes=HISTORIES,
    lines=LINES,
    faults=FAULTS,
    seed=st.integers(0, 10_000),
    shards=st.integers(1, 3),
    buckets=st.sampled_from([0, 2]),
)
def test_every_record_is_in_bronze_or_in_a_failure_store_and_replay_leaves_only_poison(
    tmp_path_factory: pytest.TempPathFactory,
    changes: list[tuple[str, int]],
    lines: list[tuple[str, int, bool]],
    faults: FaultProfile,
    seed: int,
    shards: int,
    buckets: int,
) -> None:
    folder, day = tmp_path_factory.mktemp("day"), Day(changes, lines)
    note(f"seed {seed}, {faults}")
    report = run(day, folder, Options(shards, buckets, faults, seed))
    lake = folder / "lake"

    kept = in_bronze(lake) | in_failure_stores(lake)
    assert kept - poison(kept) == day.ids()
    assert sum(source.account.sent for source in report.sources) == len(kept)
    assert [source.account.missing for source in report.sources] == [0] * len(report.sources)

    first = replayed(folder)
    assert in_bronze(lake) == day.ids()
    assert in_failure_stores(lake) == poison(kept)
    assert bool(first.after) == bool(poison(kept))
    assert all(reason.startswith("undecodable") for _, reason in first.reasons)

    bronze = objects(lake, "bronze")
    second = replayed(folder)
    assert objects(lake, "bronze") == bronze
    assert second.after == first.after


@pytest.mark.parametrize("profile", PROFILES)
def test_each_profile_does_what_it_says_and_the_same_seed_does_it_again(profile: str, tmp_path: Path) -> None:
    day = Day([(user, 2) for user in ("ada", "bob", "cy", "di", "eve")] * 40, [("ada", 10, True)] * 40)
    options = Options(faults=PROFILES[profile], seed=7)
    for name in ("one", "two", "undisturbed"):
        (tmp_path / name).mkdir()
    report = run(day, tmp_path / "one", options)
    run(day, tmp_path / "two", options)
    run(day, tmp_path / "undisturbed", Options())
    lakes = [objects(tmp_path / name / "lake", ".") for name in ("one", "two", "undisturbed")]
    assert lakes[0] == lakes[1]
    assert lakes[0] != lakes[2], "the faults left no trace"
    assert all(source.account.missing == 0 for source in report.sources)

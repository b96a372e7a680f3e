import gzip
import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local.accounting import Account
from local.capture import CaptureReport, SourceReport, capture
from local.faults.plan import FaultPlan
from local.options import Inputs
from local.s3.bucket import LakeBucket
from local.stream.checkpoints import load_checkpoints
from local.stream.stream_file import InputError
from tests.unit.local.stream_records import NOON, objects, stream_record, write_lines


def _silent(done: int, total: int) -> None:
    """Show no progress."""


def _capture(events: Path, lake: Path, progress: Callable[[int, int], None]) -> CaptureReport:
    return capture(Inputs(events), lake, progress)


def _rows(lake: Path, prefix: str) -> list[dict[str, Any]]:
    tables = [pq.read_table(BytesIO(body)) for body in objects(lake, prefix).values()]
    return [row for table in tables for row in table.to_pylist()]


def _event_ids(lake: Path) -> list[str]:
    return sorted(row["event_id"] for row in _rows(lake, "bronze"))


def _history(count: int, seconds: float = 7) -> list[dict[str, Any]]:
    """Return records of three users that arrive every ``seconds``."""
    return [stream_record(number, NOON + seconds * number, user=f"user {number % 3}") for number in range(count)]


def test_every_record_reaches_bronze_and_the_ledger_lists_every_object(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    report = _capture(write_lines(tmp_path / "in.jsonl", _history(60)), lake, _silent)
    bronze = objects(lake, "bronze")
    assert _event_ids(lake) == sorted(f"event-{number}" for number in range(60))
    assert all(key.startswith("bronze/task_changes/2025/10/15/user%20") for key in bronze)
    ledger = {row["object_key"]: row["size_bytes"] for row in _rows(lake, "bronze_ledger")}
    assert ledger == {key: len(body) for key, body in bronze.items()}
    changes = SourceReport(
        table="task_changes",
        records=60,
        already_captured=0,
        bronze_rows=60,
        bronze_objects=len(bronze),
        bronze_bytes=sum(map(len, bronze.values())),
        account=Account(sent=60, arrived=60),
    )
    assert report == CaptureReport(
        (changes,), Account(len(bronze), len(bronze)), ledger_objects=len(objects(lake, "bronze_ledger"))
    )


def test_the_same_file_again_writes_nothing(tmp_path: Path) -> None:
    events, lake = write_lines(tmp_path / "in.jsonl", _history(10)), tmp_path / "lake"
    _capture(events, lake, _silent)
    before = objects(lake, ".")
    assert _capture(events, lake, _silent) == CaptureReport((SourceReport("task_changes", 0, already_captured=10),))
    packed = tmp_path / "packed.gz"
    packed.write_bytes(gzip.compress(events.read_bytes()))
    assert _capture(packed, lake, _silent).sources[0].records == 0
    assert objects(lake, ".") == before


def test_an_appended_file_captures_only_its_new_lines(tmp_path: Path) -> None:
    events, lake = tmp_path / "in.jsonl", tmp_path / "lake"
    _capture(write_lines(events, _history(10)), lake, _silent)
    before = objects(lake, "bronze")
    report = _capture(write_lines(events, _history(14)), lake, _silent)
    [changes] = report.sources
    assert (changes.records, changes.already_captured, changes.bronze_rows) == (4, 10, 4)
    assert _event_ids(lake) == sorted(f"event-{number}" for number in range(14))
    assert before.items() <= objects(lake, "bronze").items()


def test_a_file_of_earlier_days_arrives_now(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    _capture(write_lines(tmp_path / "new.jsonl", _history(3)), lake, _silent)
    clock = json.loads((lake / "checkpoints.json").read_text())["clock"]
    _capture(write_lines(tmp_path / "old.jsonl", [stream_record(99, NOON - 86_400)]), lake, _silent)
    (late,) = [row for row in _rows(lake, "bronze") if row["event_id"] == "event-99"]
    assert late["ingested_at"].isoformat() > clock[:19]
    assert json.loads((lake / "checkpoints.json").read_text())["clock"] > clock


@pytest.mark.parametrize("stop", ["while reading", "while delivering", "before the checkpoint"])
def test_a_run_that_is_killed_and_run_again_leaves_the_objects_of_an_undisturbed_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: str
) -> None:
    events = write_lines(tmp_path / "in.jsonl", _history(120))
    _capture(events, tmp_path / "undisturbed", _silent)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        _capture(events, tmp_path / "lake", _killer(stop, patch))
    assert load_checkpoints(tmp_path / "lake").inputs == ()
    _capture(events, tmp_path / "lake", _silent)
    assert objects(tmp_path / "lake", ".") == objects(tmp_path / "undisturbed", ".")


def _killer(stop: str, patch: pytest.MonkeyPatch) -> Callable[[int, int], None]:
    """Return a progress that lets the run be killed where ``stop`` says."""
    puts = iter(range(100))
    put = LakeBucket.put

    def kill(*_: Any) -> None:
        raise KeyboardInterrupt

    def put_some(bucket: LakeBucket, key: str, body: bytes) -> Path:
        return put(bucket, key, body) if next(puts) < 7 else kill()  # type: ignore[return-value, func-returns-value]

    if stop == "while delivering":
        patch.setattr(LakeBucket, "put", put_some)
    if stop == "before the checkpoint":
        patch.setattr("local.capture._report", kill)
    return kill if stop == "while reading" else _silent


def test_a_full_disk_stops_the_run_and_the_next_one_recovers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events, lake = write_lines(tmp_path / "in.jsonl", _history(30)), tmp_path / "lake"

    def put(*_: Any) -> Path:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="No space left"):
        patch.setattr(LakeBucket, "put", put)
        _capture(events, lake, _silent)
    assert _capture(events, lake, _silent).sources[0].bronze_rows == 30


def test_bad_lines_are_kept_with_number_and_reason_and_the_rest_goes_through(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    report = _capture(write_lines(tmp_path / "in.jsonl", [*_history(2), "", "{oops", *_history(1)]), lake, _silent)
    [changes] = report.sources
    assert (changes.records, changes.rejected, changes.bronze_rows) == (4, 1, 3)
    assert [(rejection.line, rejection.raw) for rejection in changes.rejections] == [(4, b"{oops")]
    assert changes.account == Account(sent=3, arrived=2, failure_stores={"errors/input": 1})
    (path,) = report.error_paths
    assert path.parent == lake / "errors" / "input" / "task_changes"
    assert json.loads(path.read_text())["line"] == 4


def test_only_the_first_rejections_are_shown_but_all_are_kept(tmp_path: Path) -> None:
    report = _capture(write_lines(tmp_path / "in.jsonl", ["x"] * 30), tmp_path / "lake", _silent)
    [changes] = report.sources
    assert (changes.rejected, len(changes.rejections)) == (30, 20)
    assert len(report.error_paths[0].read_text().splitlines()) == 30


def test_other_entities_are_filtered_and_never_written(tmp_path: Path) -> None:
    report = _capture(
        write_lines(tmp_path / "in.jsonl", [stream_record(1, key="USER#"), stream_record(2)]),
        tmp_path / "lake",
        _silent,
    )
    assert (report.sources[0].filtered, report.sources[0].bronze_rows) == (1, 1)


def test_progress_ends_with_all_lines(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    _capture(
        write_lines(tmp_path / "in.jsonl", _history(120)),
        tmp_path / "lake",
        lambda done, total: seen.append((done, total)),
    )
    assert seen == [(50, 120), (100, 120), (120, 120)]


def test_an_unusable_input_makes_no_lake(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        _capture(tmp_path / "none", tmp_path / "lake", _silent)
    assert not (tmp_path / "lake").exists()


_GOOD, _POISON, _REJECTED, _OTHER = "good", "poison", "rejected", "other entity"


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from([_GOOD, _GOOD, _POISON, _REJECTED, _OTHER]), st.integers(0, 40)), min_size=1))
def test_every_record_ends_in_bronze_or_in_a_failure_store(
    tmp_path_factory: pytest.TempPathFactory, history: list[tuple[str, int]]
) -> None:
    folder = tmp_path_factory.mktemp("history")
    lines: list[dict[str, Any] | str] = []
    for number, (kind, seconds) in enumerate(history):
        record = stream_record(number, NOON + seconds, key="USER#" if kind == _OTHER else "TASK#")
        if kind == _POISON:
            record["dynamodb"]["NewImage"] = "no item"
        lines.append("rubbish" if kind == _REJECTED else record)
    report = _capture(write_lines(folder / "in.jsonl", lines), folder / "lake", _silent)

    def expected(kind: str) -> list[str]:
        return sorted(f"event-{number}" for number, (one, _) in enumerate(history) if one == kind)

    kinds = [kind for kind, _ in history]
    assert _event_ids(folder / "lake") == expected(_GOOD)
    assert _failed_ids(folder / "lake") == expected(_POISON)
    [changes] = report.sources
    assert (changes.rejected, changes.filtered) == (kinds.count(_REJECTED), kinds.count(_OTHER))
    stores = {"errors/event_source_mapping": kinds.count(_POISON), "errors/input": kinds.count(_REJECTED)}
    assert changes.account == Account(
        sent=len(kinds) - changes.filtered,
        arrived=kinds.count(_GOOD),
        failure_stores={store: count for store, count in stores.items() if count},
    )


def _failed_ids(lake: Path) -> list[str]:
    documents = [json.loads(body) for body in objects(lake, "errors/event_source_mapping").values()]
    return sorted(record["eventID"] for one in documents for record in json.loads(one["payload"])["Records"])


def test_a_bronze_object_that_the_ledger_lost_is_missing_from_its_account(tmp_path: Path) -> None:
    class Outage(FaultPlan):
        def is_s3_down(self, moment: float) -> bool:
            return NOON + 200 < moment < NOON + 26 * 3_600

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("local.capture.FaultPlan", Outage)
        report = _capture(write_lines(tmp_path / "in.jsonl", _history(1)), tmp_path / "lake", _silent)
    [key] = objects(tmp_path / "lake", "bronze")
    assert report.sources[0].account == Account(sent=1, arrived=1)
    assert report.ledger == Account(sent=1, missing=1, missing_ids=(key,))

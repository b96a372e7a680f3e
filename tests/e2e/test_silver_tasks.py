"""The job `silver_tasks` on a real lake: from stream records through the handler and Firehose to published tables."""

import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from data_quality.gate import GateFailedError
from glue_jobs.schemas.table import Table
from glue_jobs.storage import ledger, publishing
from glue_jobs.storage.ledger_rebuild import rebuild_ledger
from glue_jobs.storage.unreadable import BronzeError
from local.capture import capture
from local.faults.profiles import FaultProfile
from local.options import Inputs
from local.replay import replay
from tests.e2e import history
from tests.e2e.task_lake import captured, clear, daily, run, snapshots, states


@pytest.fixture(autouse=True)
def empty_lake(spark: SparkSession, lake: Path) -> None:
    clear(spark, lake)


def test_silver_says_what_the_history_says(spark: SparkSession, lake: Path, tmp_path: Path) -> None:
    captured(lake, tmp_path, history.records())
    outcome = run(lake)
    assert daily(spark) == history.daily()
    assert states(spark) == history.states()
    assert spark.table("lake.silver.task_changes").count() == len(history.STEPS)
    assert [table.verdict for table in outcome.tables] == ["pass"] * 3
    assert Path(str(outcome.data_docs).removeprefix("file://")).exists()


def test_increments_out_of_order_and_twice_equal_one_run(spark: SparkSession, lake: Path, tmp_path: Path) -> None:
    records = history.records()
    for number, part in enumerate((records[7:], records[3:9], records[:5])):
        captured(lake, tmp_path, part, f"{number}.jsonl")
        run(lake, f"r{number}")
    assert daily(spark) == history.daily()
    assert states(spark) == history.states()
    assert spark.table("lake.silver.task_changes").count() == len(history.STEPS)


def test_a_late_change_of_any_age_touches_only_its_own_task_and_day(
    spark: SparkSession, lake: Path, tmp_path: Path
) -> None:
    steps = [*history.STEPS]
    steps[1:1] = [("ada", "t1", 61, "completed"), ("ada", "t2", 62, "pending")]
    steps[:0] = [("ada", "years ago", -1_500 * history.DAY, "pending")]
    records, late = history.records(steps), (0, 2)
    captured(lake, tmp_path, [record for number, record in enumerate(records) if number not in late])
    run(lake)
    before = {table: addresses(spark, table) for table in KEYS}
    captured(lake, tmp_path, [records[number] for number in late], "late.jsonl")
    run(lake, "r2")
    assert daily(spark) == history.daily(steps)
    assert states(spark) == history.states(steps)
    moved = {table: set(addresses(spark, table).items()) - set(before[table].items()) for table in KEYS}
    assert {table: {key for key, _ in rows} for table, rows in moved.items()} == {
        "task_changes": {("event-0000",), ("event-0002",)},
        # The late change of t1 is not its latest.
        "tasks": {("ada", "years ago")},
        "tasks_per_user_daily": {("2021-09-06", "ada"), ("2025-10-15", "ada")},
    }


KEYS = {
    "task_changes": ("event_id",),
    "tasks": ("user_id", "task_id"),
    "tasks_per_user_daily": ("activity_date", "user_id"),
}


def addresses(spark: SparkSession, table: str) -> dict[tuple[str, ...], tuple[str, int]]:
    """Return where each row lies: its file, and its place in it."""
    rows = spark.table(f"lake.silver.{table}").select(*KEYS[table], "_file", "_pos").collect()
    return {tuple(str(row[name]) for name in KEYS[table]): (row._file, row._pos) for row in rows}


def test_every_type_of_dynamodb_comes_through_exactly(spark: SparkSession, lake: Path, tmp_path: Path) -> None:
    [record] = json.loads(EVERY_TYPE.read_text())["Records"]
    image = record["dynamodb"]["NewImage"]
    image["status"] = record["dynamodb"]["OldImage"]["status"] = {"S": "pending"}
    captured(lake, tmp_path, [record])
    run(lake)
    for table in ("task_changes", "tasks"):
        [row] = spark.table(f"lake.silver.{table}").collect()
        modelled = {"PK", "SK", "title", "description", "status", "created_at"}
        assert {name: json.loads(value) for name, value in row.extra.items()} == {
            name: value for name, value in image.items() if name not in modelled
        }
        assert (row.title, row.description) == (image["title"]["S"], "")
    [number] = spark.sql("SELECT get_json_object(extra['large_number'], '$.N') FROM lake.silver.tasks").collect()
    assert number == ("9" * 38,)


EVERY_TYPE = Path(__file__).parents[1] / "events" / "every_attribute_type.json"


EVERY_FAULT = FaultProfile(
    throttled_calls=0.2,
    partly_refused_calls=0.5,
    unanswered_calls=0.2,
    killed_invocations=0.3,
    duplicated_records=0.3,
    reordered_records=4,
    poison_records=0.2,
    oversize_records=0.3,
    s3_outage_seconds=600,
    max_active_partitions=1,
)


def test_after_every_fault_and_a_replay_silver_says_what_the_history_says(
    spark: SparkSession, lake: Path, tmp_path: Path
) -> None:
    captured(lake, tmp_path, history.records(), faults=EVERY_FAULT)
    run(lake)
    assert spark.table("lake.silver.task_changes").count() < len(history.STEPS), "the faults held nothing back"
    replay(lake, lambda *_: None)
    run(lake, "r2")
    assert daily(spark) == history.daily()
    assert states(spark) == history.states()
    padded = spark.table("lake.silver.task_changes").where("extra['padding'] is not null").count()
    assert padded == len(list((lake / "claim_checks").rglob("*.json"))) > 0
    assert spark.table("lake.silver.quarantine").count() == 0


def test_a_run_with_nothing_new_publishes_no_snapshot(spark: SparkSession, lake: Path, tmp_path: Path) -> None:
    captured(lake, tmp_path, history.records())
    run(lake)
    before = snapshots(spark)
    assert run(lake, "r2").tables == []
    assert snapshots(spark) == before


def test_a_rebuild_without_a_ledger_says_so_and_changes_nothing(
    spark: SparkSession, lake: Path, tmp_path: Path
) -> None:
    captured(lake, tmp_path, history.records())
    run(lake)
    before = snapshots(spark)
    shutil.rmtree(lake / "bronze_ledger")
    with pytest.raises(ledger.LedgerError, match=r"bronze_ledger names nothing.*make rebuild-ledger"):
        run(lake, "r2", "--REBUILD", "true")
    assert snapshots(spark) == before


def test_an_object_that_is_gone_stops_a_rebuild_which_names_it_and_changes_nothing(
    spark: SparkSession, lake: Path, tmp_path: Path
) -> None:
    captured(lake, tmp_path, history.records())
    run(lake)
    before = snapshots(spark)
    gone = min((lake / "bronze/task_changes").rglob("*.parquet"))
    gone.unlink()
    with pytest.raises(
        BronzeError, match=f"^{re.escape(gone.relative_to(lake).as_posix())} cannot be read.*it is gone"
    ):
        run(lake, "r2", "--REBUILD", "true")
    assert snapshots(spark) == before
    shutil.rmtree(lake / "bronze_ledger")
    rebuild_ledger(f"file://{lake}", lambda _: None)
    run(lake, "r3", "--REBUILD", "true")
    assert spark.table("lake.silver.task_changes").count() < len(history.STEPS)


def test_objects_of_other_tables_in_the_ledger_are_read_past_once(
    spark: SparkSession, lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    captured(lake, tmp_path, history.records())
    run(lake)
    capture(Inputs(logs=history.write(tmp_path / "logs.jsonl", history.log_events())), lake, lambda *_: None)
    counts: list[int] = []

    def counting(*given: Any) -> ledger.Arrivals:
        arrivals = read_after(*given)
        counts.append(arrivals.ledger_objects)
        return arrivals

    read_after = ledger.read_after
    monkeypatch.setattr(ledger, "read_after", counting)
    assert [run(lake, run_id).tables for run_id in ("r2", "r3")] == [[], []]
    assert counts[0] > counts[1] == 0
    assert daily(spark) == history.daily()


def test_a_run_killed_between_two_tables_is_finished_by_the_next(
    spark: SparkSession, lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def publish_one_and_die(session: SparkSession, tables: Sequence[Table], branch: str) -> None:
        publish(session, tables[:1], branch)
        raise KeyboardInterrupt

    publish = publishing.publish
    captured(lake, tmp_path, history.records())
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(publishing, "publish", publish_one_and_die)
        run(lake)
    assert snapshots(spark)["silver.tasks"] is None
    run(lake, "r2")
    assert daily(spark) == history.daily()
    assert states(spark) == history.states()


def test_a_rebuild_killed_between_two_tables_leaves_nothing_that_only_the_old_tables_had(
    spark: SparkSession, lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def publish_one_and_lose_the_rest(session: SparkSession, tables: Sequence[Table], branch: str) -> None:
        publish(session, tables[:1], branch)
        for table in tables[1:]:
            publishing._remove_branch(session, table, branch)
        raise KeyboardInterrupt

    publish = publishing.publish
    gone = history.records([("eve", "gone", 100, "pending")])
    gone[0]["eventID"] = "gone"
    captured(lake, tmp_path, gone)
    run(lake)
    for name in ("bronze", "bronze_ledger"):
        shutil.rmtree(lake / name)
    (lake / "checkpoints.json").unlink()
    captured(lake, tmp_path, history.records())
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(publishing, "publish", publish_one_and_lose_the_rest)
        run(lake, "r2", "--REBUILD", "true")
    run(lake, "r3")
    assert states(spark) == history.states()
    assert daily(spark) == history.daily()


def test_another_input_after_an_interrupted_capture_loses_nothing(
    spark: SparkSession, lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("local.capture._report", die)
        captured(lake, tmp_path, history.records())
    for number, days_before in enumerate((60, 50)):
        older = history.records([("bob", f"b{number}", -days_before * history.DAY, "pending")])
        older[0]["eventID"] = f"older-{number}"
        captured(lake, tmp_path, older, f"{number}.jsonl")
        run(lake, f"r{number}")
    assert spark.table("lake.silver.task_changes").count() == len(history.STEPS) + 2


def test_a_status_nobody_knows_stops_the_publish_of_every_table(
    spark: SparkSession, lake: Path, tmp_path: Path
) -> None:
    captured(lake, tmp_path, history.records())
    run(lake)
    before = snapshots(spark)
    captured(lake, tmp_path, history.records([*history.STEPS, ("eve", "t9", 4 * history.DAY, "archived")])[-1:])
    with pytest.raises(GateFailedError, match=r"expect_column_values_to_be_in_set\(status\).*'archived'"):
        run(lake, "r2")
    assert snapshots(spark) == before
    assert daily(spark) == history.daily()


def test_a_row_that_cannot_be_typed_is_quarantined_once_and_the_rest_goes_on(
    spark: SparkSession, lake: Path, tmp_path: Path
) -> None:
    records = history.records()
    bad = history.records([("eve", "t9", 100, "pending")])[0]
    bad["eventID"], bad["dynamodb"]["NewImage"]["created_at"] = "bad", {"S": "yesterday"}
    captured(lake, tmp_path, [*records, bad])
    captured(lake, tmp_path, [bad], "again.jsonl")
    outcome = run(lake)
    [row] = spark.table("lake.silver.quarantine").collect()
    assert (row.record_id, row.reason) == ("bad", "created_at is not of type N")
    assert "yesterday" in row.raw
    assert daily(spark) == history.daily()
    rejected = {table.table: table.rejected for table in outcome.tables}
    assert rejected["silver.task_changes"] == 2

"""What `silver_tasks` could not type is sent through again after a fix: all that it held back is then in Silver."""

from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import Column, SparkSession
from pyspark.sql import functions as F

from glue_jobs.schemas.task import Attribute
from glue_jobs.transforms import task_changes
from local.faults.profiles import FaultProfile
from tests.e2e import history
from tests.e2e.task_lake import captured, clear, daily, quarantined, run, snapshots, states, tables

REPLAY = ("--REPLAY_QUARANTINE", "true")
MILLISECONDS = 8
BROKEN = {
    "event-0008": "created_at is not a time in Unix seconds",
    "lost": "the object that holds the images is missing",
}


@pytest.fixture(autouse=True)
def empty_lake(spark: SparkSession, lake: Path) -> None:
    clear(spark, lake)


def with_milliseconds(attribute: Attribute, value: Column) -> Column:
    """Type an attribute as a parser that was mended does: a time may be in milliseconds."""
    text = value[attribute.dynamodb_type]
    seconds = F.when(F.length(text) == 13, F.substring(text, 1, 10)).otherwise(text)
    return typed(attribute, F.struct(seconds.alias(attribute.dynamodb_type)))


typed = task_changes.typed


def test_what_was_quarantined_comes_through_after_a_fix_and_not_before(
    spark: SparkSession, lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = [*history.STEPS, ("eve", "t9", 3 * history.DAY + 8_000, "pending")]
    records: list[dict[str, Any]] = history.records(steps)
    of_step = records[MILLISECONDS]["dynamodb"]
    of_step["OldImage"] = {**of_step["OldImage"], "created_at": {"N": f"{history.START + 4_000}000"}}
    records[-1]["eventID"] = "lost"
    captured(lake, tmp_path, records[:-1])
    captured(lake, tmp_path, records[-1:], "large.jsonl", FaultProfile(oversize_records=1))
    [claim] = (lake / "claim_checks/task_changes").rglob("*.json")
    images = claim.read_bytes()
    claim.unlink()
    run(lake)
    held_back = {MILLISECONDS, len(steps) - 1}
    assert quarantined(spark) == BROKEN
    assert daily(spark) == history.daily(steps, held_back)
    assert states(spark) == history.states(steps, held_back)

    before, rows = tables(spark), spark.table("lake.silver.quarantine").collect()
    replayed = run(lake, "r2", *REPLAY)
    assert [(table.rows_in, table.rows_out) for table in replayed.tables] == [(2, 0), (0, 0), (0, 0), (2, 0)]
    assert tables(spark) == before
    assert spark.table("lake.silver.quarantine").collect() == rows

    claim.write_bytes(images)
    monkeypatch.setattr(task_changes, "typed", with_milliseconds)
    run(lake, "r3", *REPLAY)
    assert quarantined(spark) == {}
    assert daily(spark) == history.daily(steps)
    assert states(spark) == history.states(steps)
    [row] = spark.table("lake.silver.tasks").where("user_id = 'eve'").collect()
    assert len(row.extra["padding"]) > 500_000

    after, published = tables(spark), snapshots(spark)
    assert run(lake, "r4", *REPLAY).tables == []
    assert tables(spark) == after
    assert run(lake, "r5").tables == []
    assert snapshots(spark)["silver.tasks"] == published["silver.tasks"]

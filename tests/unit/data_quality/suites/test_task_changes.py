from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from data_quality.suites.task_changes import evidence, expectations
from glue_jobs.schemas.silver import TASK_CHANGES
from tests.unit.data_quality.judged import failed, rows, verdict

CHANGE = {
    "event_id": "e1",
    "event_name": "INSERT",
    "changed_at": datetime(2025, 10, 15, 12, tzinfo=UTC),
    "user_id": "ada",
    "task_id": "t1",
    "status": "pending",
    "priority": "high",
    "created_at": datetime(2025, 10, 15, 12, tzinfo=UTC),
}


def changes(spark: SparkSession, *given: dict[str, Any]) -> DataFrame:
    return rows(spark, TASK_CHANGES, *({**CHANGE, **row} for row in given))


def test_changes_that_are_right_pass_and_those_that_are_alike_are_one_row(spark: SparkSession, tmp_path: Path) -> None:
    bob = {"user_id": "bob", "changed_at": datetime(2020, 2, 29, tzinfo=UTC)}
    found = evidence(changes(spark, {}, {"event_id": "e2", **bob}, {"event_id": "e3", "priority": None}))
    assert sorted(row.rows for row in found.collect()) == [1, 2]
    assert verdict(tmp_path, found, expectations()).word == "pass"


def test_each_expectation_of_task_changes_fires_and_counts_rows(spark: SparkSession, tmp_path: Path) -> None:
    wrong: dict[str, dict[str, Any]] = {
        **{name: {name: None} for name in ("event_id", "user_id", "task_id", "changed_at", "created_at")},
        "event_name": {"event_name": "UPSERT"},
        "status": {"status": "archived"},
        "priority": {"priority": "asap"},
    }
    each_twice = [{"event_id": f"{name}{n}", **row} for name, row in wrong.items() for n in (1, 2)]
    table = changes(spark, {}, {"event_id": "copied"}, {"event_id": "copied"}, *each_twice)
    found = verdict(tmp_path, evidence(table), expectations())
    assert failed(found) == {"copies": 2, **dict.fromkeys(wrong, 2)}
    assert len(found.failures) == len(expectations())
    assert {failure.columns for failure in found.failures if not failure.stops} == {"priority", "created_at"}


def test_changes_that_are_there_twice_fail_for_that_alone(spark: SparkSession, tmp_path: Path) -> None:
    table = changes(spark, {}, {}, {}, {"event_id": "e2"}, {"event_id": "e2"}, {"event_id": "e3"})
    found = verdict(tmp_path, evidence(table), expectations())
    assert failed(found) == {"copies": 5}


def test_no_change_at_all_passes(spark: SparkSession, tmp_path: Path) -> None:
    assert verdict(tmp_path, evidence(changes(spark)), expectations()).word == "pass"

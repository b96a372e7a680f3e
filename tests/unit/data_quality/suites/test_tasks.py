from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from data_quality.gate import Verdict
from data_quality.suites.tasks import evidence, expectations
from glue_jobs.schemas.silver import TASK_CHANGES, TASKS
from tests.unit.data_quality.judged import failed, rows, verdict

OLD, NEW = "9" * 21, "1" + "0" * 21
KEY = {"user_id": "ada", "task_id": "t1"}
CHANGE = {**KEY, "sequence_number": OLD}
TASK = {**KEY, "status": "pending", "is_deleted": False, "last_event_id": "e1", "last_sequence_number": OLD}


def changes(spark: SparkSession, *given: dict[str, Any]) -> DataFrame:
    return rows(spark, TASK_CHANGES, *({**CHANGE, **row} for row in given))


def tasks(spark: SparkSession, *given: dict[str, Any]) -> DataFrame:
    return rows(spark, TASKS, *({**TASK, **row} for row in given))


def judged(folder: Path, changed: DataFrame, table: DataFrame) -> Verdict:
    return verdict(folder, evidence(changed, table), expectations())


def test_tasks_that_are_right_pass_and_those_that_are_alike_are_one_row(spark: SparkSession, tmp_path: Path) -> None:
    newer = {"task_id": "t2", "last_sequence_number": NEW}
    table = tasks(spark, {}, newer, {"user_id": "untouched", "status": "archived"})
    changed = changes(spark, {}, {"task_id": "t2"}, {"task_id": "t2", "sequence_number": NEW})
    assert judged(tmp_path, changed, table).word == "pass"
    assert [row.rows for row in evidence(changed, table).collect()] == [2]


def test_each_expectation_of_tasks_fires_and_counts_rows(spark: SparkSession, tmp_path: Path) -> None:
    wrong: dict[str, dict[str, Any]] = {
        "last_event_id": {"last_event_id": None},
        "is_deleted": {"is_deleted": None},
        "status": {"status": "archived"},
        "changes_missed": {},
    }
    keys = [(name, {"user_id": name, "task_id": task}) for name in wrong for task in ("t1", "t2")]
    table = tasks(spark, {}, {}, *({**key, **wrong[name]} for name, key in keys))
    newer = {"sequence_number": NEW}
    changed = changes(spark, {}, *({**key, **(newer if name == "changes_missed" else {})} for name, key in keys))
    found = judged(tmp_path, changed, table)
    assert failed(found) == {"copies": 2, **dict.fromkeys(wrong, 2)}
    assert len(found.failures) == len(expectations())
    assert all(failure.stops for failure in found.failures)


def test_a_task_that_is_there_twice_fails_for_that_alone(spark: SparkSession, tmp_path: Path) -> None:
    assert list(failed(judged(tmp_path, changes(spark, {}), tasks(spark, {}, {})))) == ["copies"]


def test_a_task_that_is_not_there_fails(spark: SparkSession, tmp_path: Path) -> None:
    found = judged(tmp_path, changes(spark, {}, {"task_id": "t2"}), tasks(spark, {}))
    assert failed(found) == {"last_event_id": 1, "is_deleted": 1}

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from data_quality.gate import Verdict
from data_quality.suites.lake_freshness import NEWEST, evidence, expectations
from glue_jobs.schemas import silver
from glue_jobs.schemas.table import Table
from tests.unit.data_quality.judged import failed, gold, reader, rows, verdict

TABLES = [each for each in vars(silver).values() if isinstance(each, Table)]
MIDNIGHT = datetime(2025, 10, 15, tzinfo=UTC)
EVENING = MIDNIGHT + timedelta(hours=18)
# The requests are the newest; the daily tables begin with their day, and the quarantine has no time of the data.
HELD: dict[str, list[dict[str, Any]]] = {
    "task_changes": [{"changed_at": MIDNIGHT}, {"changed_at": EVENING - timedelta(hours=1)}],
    "tasks": [{"last_changed_at": EVENING - timedelta(hours=1)}],
    "tasks_per_user_daily": [{"activity_date": date(2025, 10, 15)}, {"activity_date": date(2025, 10, 14)}],
    "api_requests": [{"requested_at": EVENING}],
    "api_usage_daily": [],
    "quarantine": [{"quarantined_at": EVENING + timedelta(9)}],
}
FRESHNESS: dict[str, dict[str, Any]] = {
    "silver.task_changes": {"row_count": 2, "newest_change_at": EVENING - timedelta(hours=1), "lag_hours": 1.0},
    "silver.tasks": {"row_count": 1, "newest_change_at": EVENING - timedelta(hours=1), "lag_hours": 1.0},
    "silver.tasks_per_user_daily": {"row_count": 2, "newest_change_at": MIDNIGHT, "lag_hours": 18.0},
    "silver.api_requests": {"row_count": 1, "newest_change_at": EVENING, "lag_hours": 0.0},
    "silver.api_usage_daily": {"row_count": 0},
    "silver.quarantine": {"row_count": 1},
}


def freshness(spark: SparkSession, *given: dict[str, Any], **changed: dict[str, Any]) -> DataFrame:
    right = [
        {"table_name": name, **row, **changed.get(name.removeprefix("silver."), {})} for name, row in FRESHNESS.items()
    ]
    return gold(spark, "lake_freshness", *right, *given)


def judged(folder: Path, table: DataFrame, held: dict[str, list[dict[str, Any]]] = HELD) -> Verdict:
    lake = {each.name: rows(table.sparkSession, each, *held.get(each.name, [])) for each in TABLES}
    return verdict(folder, evidence(table, reader(**lake)), expectations())


def test_each_table_of_silver_is_looked_at() -> None:
    assert set(NEWEST) == {each.full_name for each in TABLES}


def test_tables_as_silver_holds_them_pass(spark: SparkSession, tmp_path: Path) -> None:
    assert judged(tmp_path, freshness(spark)).word == "pass"


def test_an_empty_lake_passes(spark: SparkSession, tmp_path: Path) -> None:
    table = gold(spark, "lake_freshness", *({"table_name": name, "row_count": 0} for name in NEWEST))
    assert judged(tmp_path, table, {}).word == "pass"


def test_each_expectation_of_lake_freshness_fires_and_counts_rows(spark: SparkSession, tmp_path: Path) -> None:
    table = freshness(
        spark,
        {"table_name": "silver.quarantine", "row_count": 1},
        {"row_count": 0},
        task_changes={"row_count": 3},
        tasks={"lag_hours": None},
        tasks_per_user_daily={"newest_change_at": None},
        api_requests={"newest_change_at": MIDNIGHT},
    )
    found = judged(tmp_path, table)
    assert failed(found) == {
        "copies": 2,
        "table_name": 1,
        "row_count_too_many": 1,
        "lag_hours_apart": 1,
        "newest_change_at_is_newest": 2,
    }
    assert len(found.failures) == len(expectations())
    assert found.word == "fail"


def test_a_table_that_gold_forgot_or_made_up_fails(spark: SparkSession, tmp_path: Path) -> None:
    table = freshness(spark, {"table_name": "silver.more", "row_count": 1}).where("table_name != 'silver.tasks'")
    found = judged(tmp_path, table)
    assert (failed(found)["copies"], failed(found)["row_count_too_many"]) == (1, 2)

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from data_quality.suites.quarantine import evidence, expectations
from glue_jobs.schemas.silver import QUARANTINE
from tests.unit.data_quality.judged import failed, rows, verdict

ROW = {
    "record_id": "e1",
    "source": "bronze.task_changes",
    "reason": "title is not of type S",
    "raw": "{}",
    "bronze_object": "bronze/task_changes/o.parquet",
    "quarantined_at": datetime(2025, 10, 15, 12, tzinfo=UTC),
}


def quarantined(spark: SparkSession, *given: dict[str, Any]) -> DataFrame:
    return rows(spark, QUARANTINE, *({**ROW, **row} for row in given))


def test_rows_that_are_right_pass_and_those_that_are_alike_are_one_row(spark: SparkSession, tmp_path: Path) -> None:
    found = evidence(quarantined(spark, {}, {"record_id": "e2", "reason": "another"}), rejected=2, rows_read=1000)
    assert [row.rows for row in found.collect()] == [2]
    assert verdict(tmp_path, found, expectations()).word == "pass"


def test_each_expectation_of_quarantine_fires_and_counts_rows(spark: SparkSession, tmp_path: Path) -> None:
    wrong = {name: {name: None} for name in ("record_id", "source", "reason", "raw", "bronze_object")}
    each_twice = [{"record_id": f"{name}{n}", **row} for name, row in wrong.items() for n in (1, 2)]
    rows = quarantined(spark, {}, {}, *each_twice)
    found = verdict(tmp_path, evidence(rows, rejected=60, rows_read=100), expectations())
    shares = [failure for failure in found.failures if failure.columns == "quarantined_share"]
    assert [failure.severity for failure in shares] == ["warning", "critical"]
    assert {name: count for name, count in failed(found).items() if name not in {"quarantined_share"}} == {
        "copies": 2,
        **dict.fromkeys(wrong, 2),
    }
    assert len(found.failures) == len(expectations())


def test_a_row_that_is_there_twice_fails_for_that_alone(spark: SparkSession, tmp_path: Path) -> None:
    found = verdict(tmp_path, evidence(quarantined(spark, {}, {}), rejected=2, rows_read=1000), expectations())
    assert failed(found) == {"copies": 2}


@pytest.mark.parametrize(
    ("rejected", "rows_read", "word"),
    [
        (5, 100, "pass"),
        (6, 100, "warn"),
        (50, 100, "warn"),
        (51, 100, "fail"),
        (5, 5, "pass"),  # of fewer rows than a hundred a share says little
        (50, 50, "warn"),
    ],
)
def test_a_share_is_notable_above_a_twentieth_and_stops_above_a_half(
    spark: SparkSession, tmp_path: Path, rejected: int, rows_read: int, word: str
) -> None:
    found = verdict(tmp_path, evidence(quarantined(spark, {}), rejected, rows_read), expectations())
    assert found.word == word

import dataclasses
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from data_quality.gate import Gate
from glue_jobs.jobs import quarantine
from glue_jobs.jobs.quarantine import Source, drop_resolved, read_quarantined, stage_quarantine
from glue_jobs.jobs.write_audit_publish import Run, Staged
from glue_jobs.schemas import bronze
from glue_jobs.schemas.silver import QUARANTINE
from glue_jobs.schemas.table import Table
from glue_jobs.storage import iceberg, publishing

_numbers = count()
Faulty = Callable[..., DataFrame]


@pytest.fixture
def kept(spark: SparkSession, lake: Path, monkeypatch: pytest.MonkeyPatch) -> Table:
    """Give a quarantine that no other test has."""
    made = dataclasses.replace(QUARANTINE, namespace="storage_tests", name=f"quarantine{next(_numbers)}")
    iceberg.create_or_evolve(spark, made, f"file://{lake}")
    monkeypatch.setattr(quarantine, "QUARANTINE", made)
    return made


@pytest.fixture
def source() -> Source:
    return Source("bronze.task_changes", "event_id", bronze.TASK_CHANGES)


@pytest.fixture
def faulty(bronze_rows: Callable[..., DataFrame]) -> Faulty:
    return lambda *ids, **given: bronze_rows(*({"event_id": each, **given} for each in ids)).withColumn(
        "reason", F.lit("r")
    )


def run_of(spark: SparkSession, lake: Path, kept: Table, number: int) -> Run:
    return Run("job", spark, f"file://{lake}", str(number), [kept])


def publish(run: Run, source: Source, rows: DataFrame, rejected: int) -> Staged:
    staged = stage_quarantine(run, source, rows, rejected, rows_read=1000)
    assert Gate("file:///nowhere", run.run_id).audit("t", staged.evidence, staged.expectations).word == "pass"
    publishing._follow(run.spark, run.tables[0], run.branch)
    return staged


def ids(spark: SparkSession, kept: Table) -> list[Any]:
    return sorted(row.record_id for row in spark.table(iceberg.name(kept)).collect())


def test_rows_are_quarantined_once_however_often_they_come(
    spark: SparkSession, lake: Path, kept: Table, source: Source, faulty: Faulty
) -> None:
    first = publish(run_of(spark, lake, kept, 1), source, faulty("e1", "e2", "e2"), 3)
    assert (first.rows_in, first.rows_out) == (3, 2)
    before = {row.record_id: row for row in spark.table(iceberg.name(kept)).collect()}
    again = publish(run_of(spark, lake, kept, 2), source, faulty("e2", "e3", bronze_object="other"), 2)
    assert (again.rows_in, again.rows_out) == (2, 1)
    after = {row.record_id: row for row in spark.table(iceberg.name(kept)).collect()}
    assert set(after) == {"e1", "e2", "e3"}
    assert after["e2"] == before["e2"]


def test_the_same_id_of_two_sources_is_two_rows(
    spark: SparkSession, lake: Path, kept: Table, source: Source, faulty: Faulty
) -> None:
    other = dataclasses.replace(source, name="bronze.other")
    publish(run_of(spark, lake, kept, 1), source, faulty("e1"), 1)
    publish(run_of(spark, lake, kept, 2), other, faulty("e1"), 1)
    assert ids(spark, kept) == ["e1", "e1"]
    [row] = read_quarantined(run_of(spark, lake, kept, 3), other).collect()
    assert row.asDict() == faulty("e1").drop("reason").first().asDict()  # type: ignore[union-attr]


def test_rows_that_have_arrived_since_leave_the_quarantine_and_others_stay(
    spark: SparkSession, lake: Path, kept: Table, source: Source, faulty: Faulty
) -> None:
    other = dataclasses.replace(source, name="bronze.other")
    run = run_of(spark, lake, kept, 1)
    publish(run, source, faulty("mended", "broken"), 2)
    publish(run_of(spark, lake, kept, 2), other, faulty("mended"), 1)
    good = spark.createDataFrame([("mended",), ("never here",)], "event_id string")
    for _ in range(2):
        assert drop_resolved(run, source, good) == 1
        assert ids(spark, kept) == ["broken", "mended"]
    assert [row.event_id for row in read_quarantined(run, other).collect()] == ["mended"]

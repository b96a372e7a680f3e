"""What the tests of `silver_tasks` share: what arrives in Bronze, runs of the job, and what the tables say."""

import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession
from pytest import MonkeyPatch

from glue_jobs.jobs import silver_tasks, silver_tasks_stages
from glue_jobs.jobs.outcome import JobOutcome
from glue_jobs.schemas.silver import TASK_CHANGES, TASKS
from glue_jobs.schemas.table import Table
from glue_jobs.schemas.task import TASK_ATTRIBUTES, Attribute
from glue_jobs.storage import iceberg
from glue_jobs.transforms.task_changes import parse_task_changes
from local.capture import capture
from local.faults.profiles import NO_FAULTS, FaultProfile
from local.options import Inputs, Options
from tests.e2e import history

# Which delivery of a change came first. An increment knows those that have come so far, a rebuild knows all: of a
# change that was delivered twice they may name different ones.
PROVENANCE = {"ingested_at", "bronze_object"}
# Each run that quarantines has a clock of its own.
CLOCKS = {"quarantined_at"}

Rows = dict[str, list[dict[str, Any]]]


def clear(spark: SparkSession, lake: Path) -> None:
    """Leave a lake with nothing in it."""
    drop_tables(spark)
    for name in ("bronze", "bronze_ledger", "claim_checks", "errors", "data_docs"):
        shutil.rmtree(lake / name, ignore_errors=True)
    (lake / "checkpoints.json").unlink(missing_ok=True)


def drop_tables(spark: SparkSession) -> None:
    """Leave a lake that has Bronze and no Silver."""
    for table in silver_tasks.TABLES:
        spark.sql(f"DROP TABLE IF EXISTS {iceberg.name(table)} PURGE")


def run(lake: Path, run_id: str = "r1", *options: str) -> JobOutcome:
    """Run the job in this process."""
    named = {"--JOB_NAME": "silver_tasks", "--JOB_RUN_ID": run_id, "--LAKE": f"file://{lake}"}
    arguments = ["silver_tasks", *(word for option in named.items() for word in option), *options]
    return silver_tasks.main(arguments, lambda _: None)


def captured(
    lake: Path,
    tmp_path: Path,
    records: Iterable[dict[str, Any]],
    name: str = "in.jsonl",
    faults: FaultProfile = NO_FAULTS,
) -> None:
    """Bring stream records to Bronze, through the handler and Firehose."""
    capture(Inputs(history.write(tmp_path / name, records)), lake, lambda *_: None, Options(faults=faults, seed=5))


def declare(patch: MonkeyPatch, *attributes: Attribute) -> None:
    """Declare more attributes of tasks, as an edited `schemas/task.py` does for a process that starts then."""
    declared = (*TASK_ATTRIBUTES, *attributes)
    patch.setattr(silver_tasks_stages, "TASK_ATTRIBUTES", declared)
    patch.setattr(parse_task_changes, "__defaults__", (declared,))
    for columns in (TASK_CHANGES.columns, TASKS.columns):
        wider = type(columns)(list(columns))
        for attribute in attributes:
            wider.add(attribute.name, attribute.silver_type)
        patch.setattr(columns, "fields", wider.fields)
        patch.setattr(columns, "names", wider.names)


def daily(spark: SparkSession) -> dict[tuple[str, str], dict[str, int]]:
    """Return the counts that are not zero of each (day, user), as `history.daily` does."""
    rows = spark.table("lake.silver.tasks_per_user_daily").collect()
    counts = [name for name in rows[0].__fields__ if name.startswith("tasks_")] if rows else []
    return {(str(row.activity_date), row.user_id): {name: row[name] for name in counts if row[name]} for row in rows}


def states(spark: SparkSession) -> set[tuple[str, str, str, bool, bool]]:
    """Return each task with its last status and how it was deleted, as `history.states` does."""
    rows = spark.table("lake.silver.tasks").collect()
    return {(row.user_id, row.task_id, row.status, row.is_deleted, row.deleted_by_ttl) for row in rows}


def snapshots(spark: SparkSession) -> dict[str, int | None]:
    """Return the published snapshot of each table."""
    return {table.full_name: iceberg.snapshot_id(spark, table) for table in silver_tasks.TABLES}


def quarantined(spark: SparkSession) -> dict[str, str]:
    """Return why each row is in quarantine."""
    return {row.record_id: row.reason for row in spark.table("lake.silver.quarantine").collect()}


def tables(spark: SparkSession) -> Rows:
    """Return every row of every table, in order of the key, with all that any two ways to make them agree on."""
    return {table.full_name: _rows(spark, table) for table in silver_tasks.TABLES}


def _rows(spark: SparkSession, table: Table) -> list[dict[str, Any]]:
    rows = [row.asDict() for row in spark.table(iceberg.name(table)).orderBy(*table.key).collect()]
    for row in rows:
        if "raw" in row:
            row["raw"] = _agreed(json.loads(row["raw"]))
    return [_agreed(row) for row in rows]


def _agreed(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in PROVENANCE | CLOCKS}

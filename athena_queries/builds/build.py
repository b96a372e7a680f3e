"""Gold tables: built at a fresh location, read back and audited, and published by a view.

The name of a build is a digest of its SELECT and of the snapshots that it reads. So an unchanged input builds
nothing, and a build that was killed is made again under the same name.
"""

import hashlib
import importlib
import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from graphlib import TopologicalSorter
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from athena_queries.builds.versions import read_versions, record, remove_old
from athena_queries.builds.window import touched_days, windowed
from athena_queries.engines.engine import Engine, NewTable
from athena_queries.gold_table import Check, GoldTable
from athena_queries.sql import QueryError, parse, tables_of, with_table
from data_quality.gate import Failure, Gate, Verdict
from glue_jobs.storage import iceberg

Inputs = dict[str, int | None]


@dataclass(frozen=True)
class Lake:
    """Where Gold is built: Spark and an engine over one lake, its root (``s3://…`` or ``file:///…``), the run's id."""

    spark: SparkSession
    engine: Engine
    root: str
    run_id: str


@dataclass(frozen=True)
class Build:
    """One build of a Gold table, under a name and at a location that no other build has.

    ``days`` are those made anew, all others being the former build's; None: all are made anew.
    """

    table: GoldTable
    name: str
    location: str
    inputs: Inputs
    select: str
    days: int | None
    bytes_scanned: int | None
    seconds: float


def in_order(tables: Iterable[GoldTable]) -> list[GoldTable]:
    """Return the tables so that each comes after those that it reads."""
    named = {table.full_name: table for table in tables}
    reads = {name: sorted(tables_of(parse(table.sql)) & set(named)) for name, table in sorted(named.items())}
    return [named[name] for name in TopologicalSorter(reads).static_order()]


def build_gold(lake: Lake, table: GoldTable) -> Build | None:
    """Return a new build of the table, not yet published; None where no row of what it reads has changed.

    A daily table is made anew for the days that changes touched. Raises QueryError, and leaves nothing behind.
    """
    started = time.monotonic()
    inputs = _inputs(lake, table)
    select = hashlib.sha256(json.dumps([table.sql, table.partitioning]).encode()).hexdigest()[:12]
    digest = hashlib.sha256(json.dumps([select, inputs], sort_keys=True).encode()).hexdigest()[:12]
    name = f"{table.full_name}_v{table.version}_{digest}"
    versions = read_versions(lake.spark, lake.engine, table.name)
    former = next((version for version in versions if version.is_shown), None)
    if any(version.name == name and (version.is_shown or version.is_rolled_back) for version in versions):
        return None
    days = touched_days(lake.spark, table, former, inputs) if former and former.select == select else None
    if days == []:
        return None
    location = f"{lake.root}/gold/{table.name}/{name.removeprefix(f'{table.full_name}_')}"
    lake.engine.drop_table(lake.spark, name, location)
    query = windowed(table, former.name, days) if former and days else table.sql
    lake.spark.sql(f"CREATE NAMESPACE IF NOT EXISTS {iceberg.CATALOG}.gold")
    scanned = lake.engine.create_table_as(lake.spark, NewTable(name, location, table.partitioning), query)
    seconds = time.monotonic() - started
    return Build(table, name, location, inputs, select, len(days) if days else None, scanned, seconds)


def audit_gold(lake: Lake, gate: Gate, build: Build) -> Verdict:
    """Return the verdict of the table's suite and checks on the build, which Spark and the engine read back.

    The suite is the module of ``data_quality.suites`` that has the table's name.
    """
    suite: Any = importlib.import_module(f"data_quality.suites.{build.table.name}")

    def read(table: str) -> DataFrame:
        return lake.spark.table(f"{iceberg.CATALOG}.{table}")

    verdict = gate.audit(build.table.full_name, suite.evidence(read(build.name), read), suite.expectations())
    verdict.failures.extend(broken(lake.engine, build.table, build.name))
    return verdict


def broken(engine: Engine, table: GoldTable, build: str) -> list[Failure]:
    """Return a failure for each of the table's checks that a build does not pass."""
    found = ((check, engine.run(with_table(check.sql, table.full_name, build)).rows) for check in table.checks)
    return [_failure(check, rows.num_rows, rows.slice(0, 5).to_pylist()) for check, rows in found if rows.num_rows]


def publish_gold(lake: Lake, build: Build, verdict: Verdict) -> None:
    """Make the view ``gold.<table>`` show this build; those before it stay for a rollback, but for the oldest."""
    record(
        lake.spark,
        build.name,
        verdict=verdict.word,
        run_id=lake.run_id,
        built_at=datetime.now(UTC).isoformat(),
        select=build.select,
        inputs=build.inputs,
    )
    lake.engine.replace_view(lake.spark, build.table.full_name, build.name)
    remove_old(lake.spark, lake.engine, build.table.name)


def discard(lake: Lake, build: Build) -> None:
    """Remove what there is of an unpublished build."""
    lake.engine.drop_table(lake.spark, build.name, build.location)


def size_of(lake: Lake, name: str) -> tuple[int, int]:
    """Return how many rows and bytes a table has, which its snapshot says."""
    snapshot = iceberg.load_named(lake.spark, f"{iceberg.CATALOG}.{name}").currentSnapshot()
    summary = dict(snapshot.summary()) if snapshot else {}
    return int(summary.get("total-records", 0)), int(summary.get("total-files-size", 0))


def _inputs(lake: Lake, table: GoldTable) -> Inputs:
    """Return each table that the SELECT reads with its current snapshot, None where it is empty."""
    inputs: Inputs = {}
    for source in sorted(tables_of(parse(table.sql))):
        target = lake.engine.view_target(source) if source.startswith("gold.") else source
        if not target or not lake.spark.catalog.tableExists(f"{iceberg.CATALOG}.{target}"):
            raise QueryError(f"{table.full_name} reads {source}, which this lake does not have yet")
        snapshot = iceberg.load_named(lake.spark, f"{iceberg.CATALOG}.{target}").currentSnapshot()
        inputs[source] = int(snapshot.snapshotId()) if snapshot else None
    return inputs


def _failure(check: Check, rows: int, samples: Sequence[object]) -> Failure:
    severity = "critical" if check.severity == "fail" else "warning"
    return Failure(check.sentence, "checks.sql", severity, rows, list(samples))

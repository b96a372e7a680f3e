"""Gold tables: built at a fresh location, read back and audited, and published by a view.

The name of a build is a digest of the table's files and of the snapshots that it reads. So an unchanged input builds
nothing, and a build that was killed is made again under the same name.
"""

import hashlib
import importlib
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from graphlib import TopologicalSorter
from importlib.resources import files
from typing import Any
from uuid import uuid4

from pyspark.sql import DataFrame, SparkSession

from athena_queries.builds.versions import location_of, read_versions, record, remove_old
from athena_queries.builds.window import touched_days, windowed
from athena_queries.engines.engine import Engine, NewTable
from athena_queries.gold_table import Check, GoldTable
from athena_queries.sql import QueryError, with_table
from data_quality.gate import Failure, Gate, Verdict
from glue_jobs.storage import iceberg

Inputs = dict[str, int | None]
# Why a table is not built.
UNCHANGED, HELD = "unchanged", "held"
_ROWS = "offending_rows"


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
    files: str
    days: int | None
    bytes_scanned: int | None
    seconds: float


def in_order(tables: Iterable[GoldTable]) -> list[GoldTable]:
    """Return the tables so that each comes after those that it reads."""
    named = {table.full_name: table for table in tables}
    reads = {name: sorted(table.reads & set(named)) for name, table in sorted(named.items())}
    return [named[name] for name in TopologicalSorter(reads).static_order()]


def build_gold(lake: Lake, table: GoldTable) -> Build | str:
    """Return a new build of the table, not yet published, or why there is none: `unchanged`, or `held`.

    Nothing is built where no row of what it reads has changed, and while its newest version is one that somebody rolled
    back from. A daily table is made anew for the days that changes touched. Raises QueryError, and leaves nothing
    behind.
    """
    started = time.monotonic()
    inputs, files_digest = inputs_of(lake, table), _digest(_files(table))
    name = f"{table.full_name}_v{table.version}_{_digest([files_digest, inputs])}"
    versions = read_versions(lake.spark, lake.engine, table.name)
    former = next((version for version in versions if version.is_shown), None)
    if any(version.is_rolled_back and version.files == files_digest for version in versions[:1]):
        return HELD
    if former and former.name == name:
        return UNCHANGED
    days = touched_days(lake.spark, table, former, inputs) if former and former.files == files_digest else None
    if former and days == []:
        # The next build need not look at these snapshots again, which may be gone by then.
        record(lake.spark, former.name, inputs=inputs)
        return UNCHANGED
    if lake.spark.catalog.tableExists(f"{iceberg.CATALOG}.{name}"):
        lake.engine.drop_table(lake.spark, name, location_of(lake.spark, name))
    # Another one each time: what a killed run started may still be writing to its own.
    location = f"{folder_of(lake, table)}/{name.removeprefix(f'{table.full_name}_')}_{uuid4().hex[:6]}"
    query = windowed(table, former.name, days) if former and days else table.sql
    lake.spark.sql(f"CREATE NAMESPACE IF NOT EXISTS {iceberg.CATALOG}.gold")
    scanned = lake.engine.create_table_as(lake.spark, NewTable(name, location, table.partitioning), query)
    seconds = time.monotonic() - started
    return Build(table, name, location, inputs, files_digest, len(days) if days else None, scanned, seconds)


def check_columns(lake: Lake, build: Build) -> None:
    """Raise QueryError unless the build has the columns that its metadata describes, in their order."""
    made, described = lake.spark.table(f"{iceberg.CATALOG}.{build.name}").columns, list(build.table.columns)
    if made != described or not set(build.table.key) <= set(made):
        said = f"the SELECT has the columns {', '.join(made)}"
        raise QueryError(
            f"{said}; metadata.yaml says {', '.join(described)}, with the key {', '.join(build.table.key)}"
        )


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
    found = (
        (check, engine.run(_counted(with_table(check.sql, table.full_name, build))).rows) for check in table.checks
    )
    return [_failure(check, rows.to_pylist()) for check, rows in found if rows.num_rows]


def publish_gold(lake: Lake, build: Build, verdict: Verdict) -> None:
    """Make the view ``gold.<table>`` show this build; those before it stay for a rollback, but for the oldest."""
    record(
        lake.spark,
        build.name,
        verdict=verdict.word,
        run_id=lake.run_id,
        built_at=datetime.now(UTC).isoformat(),
        files=build.files,
        inputs=build.inputs,
    )
    lake.engine.replace_view(lake.spark, build.table.full_name, build.name)
    remove_old(lake.spark, lake.engine, build.table.name, folder_of(lake, build.table))


def discard(lake: Lake, build: Build) -> None:
    """Remove what there is of an unpublished build."""
    lake.engine.drop_table(lake.spark, build.name, build.location)


def size_of(lake: Lake, name: str) -> tuple[int, int]:
    """Return how many rows and bytes a table has, which its snapshot says."""
    totals = iceberg.totals(iceberg.load_named(lake.spark, f"{iceberg.CATALOG}.{name}"))
    return totals["total-records"], totals["total-files-size"]


def folder_of(lake: Lake, table: GoldTable) -> str:
    """Return the folder in which the table's builds lie."""
    return f"{lake.root}/gold/{table.name}"


def inputs_of(lake: Lake, table: GoldTable) -> Inputs:
    """Return each table that the SELECT reads with its current snapshot, None where it is empty."""
    inputs: Inputs = {}
    for source in sorted(table.reads):
        target = lake.engine.view_target(source) if source.startswith("gold.") else source
        if not target or not lake.spark.catalog.tableExists(f"{iceberg.CATALOG}.{target}"):
            raise QueryError(f"{table.full_name} reads {source}, which this lake does not have yet")
        snapshot = iceberg.load_named(lake.spark, f"{iceberg.CATALOG}.{target}").currentSnapshot()
        inputs[source] = int(snapshot.snapshotId()) if snapshot else None
    return inputs


def _counted(check: str) -> str:
    """Return the SELECT of a few of the offending rows, with the number of all: they may be millions."""
    return f"select offending.*, count(*) over () as {_ROWS} from ({check}\n) as offending limit 5"


def _failure(check: Check, samples: list[dict[str, Any]]) -> Failure:
    severity = "critical" if check.severity == "fail" else "warning"
    rows = samples[0][_ROWS]
    return Failure(
        check.sentence, "checks.sql", severity, rows, [{k: v for k, v in row.items() if k != _ROWS} for row in samples]
    )


def _files(table: GoldTable) -> list[object]:
    """Return what decides which rows are made and which are let through."""
    suite = files("data_quality.suites") / f"{table.name}.py"
    checks = [(check.severity, check.sql) for check in table.checks]
    refresh = [table.refresh.column, dict(table.refresh.changed_by)] if table.refresh else None
    return [table.sql, table.partitioning, refresh, checks, suite.read_text("utf-8") if suite.is_file() else None]


def _digest(of: object) -> str:
    return hashlib.sha256(json.dumps(of, sort_keys=True).encode()).hexdigest()[:12]

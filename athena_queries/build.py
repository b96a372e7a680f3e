"""Gold tables: built at a fresh location, audited, and published by a view.

The name of a build is a digest of its SELECT and of the snapshots that it reads. So an unchanged input builds
nothing, and a build that was killed is made again under the same name.
"""

import hashlib
import importlib
import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import SparkSession

from athena_queries.duckdb_engine import CATALOG, DuckDbEngine, parse
from athena_queries.gold_table import GoldTable
from data_quality.gate import Gate, Verdict


@dataclass(frozen=True)
class Build:
    """One build of a Gold table, under a name and at a location that no other build has."""

    table: GoldTable
    name: str
    location: Path
    rows_in: int = 0
    rows_out: int = 0


def build_gold(spark: SparkSession, engine: DuckDbEngine, lake: Path, table: GoldTable) -> Build | None:
    """Return a new build of the table, not yet published; None where the published one has the same inputs."""
    inputs = json.dumps([table.sql, engine.snapshots(parse(table.sql))], sort_keys=True)
    version = f"v{table.version}_{hashlib.sha256(inputs.encode()).hexdigest()[:12]}"
    build = Build(table, f"{table.full_name}_{version}", lake / "gold" / table.name / version)
    if engine.view_target(table.full_name) == build.name:
        return None
    discard(spark, build)
    answer = engine.run(table.sql)
    _create_table_as(spark, build, answer.rows)
    return Build(table, build.name, build.location, answer.rows_read, answer.rows.num_rows)


def _create_table_as(spark: SparkSession, build: Build, rows: pa.Table) -> None:
    """Make the rows an Iceberg table at the build's location.

    Spark makes it, as it makes every table: Iceberg's JDBC catalog leaves a read open on an existing SQLite file,
    and a second process that writes to the file would find it locked.
    """
    spark.sql(f"CREATE NAMESPACE IF NOT EXISTS {CATALOG}.gold")
    with tempfile.TemporaryDirectory() as folder:
        pq.write_table(rows, f"{folder}/rows.parquet")
        spark.sql(
            f"CREATE TABLE {CATALOG}.{build.name} USING iceberg LOCATION 'file://{build.location}' "
            f"AS SELECT * FROM parquet.`file://{folder}`"
        )


def audit_gold(spark: SparkSession, gate: Gate, build: Build) -> Verdict:
    """Return the verdict of the table's suite on the build as Spark reads it back.

    The suite is the module of ``data_quality.suites`` that has the table's name.
    """
    suite = importlib.import_module(f"data_quality.suites.{build.table.name}")
    evidence = suite.evidence(spark.table(f"{CATALOG}.{build.name}"), lambda table: spark.table(f"{CATALOG}.{table}"))
    return gate.audit(build.table.full_name, evidence, suite.expectations())


def publish_gold(spark: SparkSession, build: Build) -> None:
    """Make the view ``gold.<table>`` show this build; the one before it stays, for rollback."""
    view = f"{CATALOG}.{build.table.full_name}"
    spark.sql(f"CREATE OR REPLACE VIEW {view} AS SELECT * FROM {CATALOG}.{build.name}")


def discard(spark: SparkSession, build: Build) -> None:
    """Remove what there is of an unpublished build."""
    spark.sql(f"DROP TABLE IF EXISTS {CATALOG}.{build.name}")
    shutil.rmtree(build.location, ignore_errors=True)

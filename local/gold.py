"""The commands behind `make gold`, `make gold-list` and `make gold-rollback`."""

from pathlib import Path

from athena_queries.builds.versions import Version, read_versions, roll_back
from athena_queries.engines.duckdb_engine import DuckDbEngine
from athena_queries.gold_table import read_gold_tables
from local.spark import start_spark
from operations.progress import Stages


def list_gold(lake: Path, stages: Stages) -> list[Version]:
    """Return the audited builds of every Gold table, the newest of each first."""
    tables = read_gold_tables()
    with stages.stage("Gold    versions", len(tables)) as bar:
        spark, engine = start_spark(lake), DuckDbEngine(lake)
        versions: list[Version] = []
        for table in tables:
            versions += read_versions(spark, engine, table.name)
            bar.step(table.full_name)
    return versions


def roll_back_gold(lake: Path, table: str, version: str, stages: Stages) -> Version:
    """Return the version of the table that readers see from now on; raise RollbackError if there is none."""
    with stages.stage(f"Gold    {table}", 1):
        return roll_back(start_spark(lake), DuckDbEngine(lake), table, version)

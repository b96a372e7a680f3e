"""The commands behind `make gold`, `make gold-list` and `make gold-rollback`."""

from pathlib import Path

from rich.console import Console
from rich.markup import escape

from athena_queries.builds.versions import Version, read_versions, roll_back
from athena_queries.engines.duckdb_engine import DuckDbEngine
from athena_queries.gold_table import read_gold_tables
from local.answer import plain_table
from local.lake import lake_option
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


def print_gold(console: Console, lake: Path, versions: list[Version]) -> None:
    """Print a line a version, and what to type to go back to one."""
    table = plain_table()
    table.add_column("version", overflow="fold")
    for name in ("rows", "bytes"):
        table.add_column(name, justify="right", no_wrap=True)
    for name in ("verdict", "shown", "built at (UTC)", "run"):
        table.add_column(name, no_wrap=name != "run", overflow="fold")
    for version in versions:
        shown = "shown" if version.is_shown else "rolled back" if version.is_rolled_back else ""
        built_at = f"{version.built_at:%Y-%m-%d %H:%M:%S}"
        name = escape(version.name.removeprefix("gold."))
        size = f"{version.rows:,}", f"{version.bytes:,}"
        table.add_row(name, *size, version.verdict, shown, built_at, version.run_id, style="" if shown else "dim")
    console.print(table)
    if not versions:
        console.print(f"Nothing is built yet: make run{lake_option(lake)}")
    elif any(not version.is_shown for version in versions):
        command = f"make gold-rollback TABLE=<table>{lake_option(lake)}"
        console.print(f"To the version before: {command}; VERSION=<version> names another.", soft_wrap=True)


def roll_back_gold(lake: Path, table: str, version: str, stages: Stages) -> Version:
    """Return the version of the table that readers see from now on; raise RollbackError if there is none."""
    with stages.stage(f"Gold    {table}", 1):
        return roll_back(start_spark(lake), DuckDbEngine(lake), table, version)

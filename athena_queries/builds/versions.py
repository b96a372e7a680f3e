"""The builds of Gold tables: each is an Iceberg table of the catalog, whose properties say what became of it."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import SparkSession

from athena_queries.engines.engine import Engine
from glue_jobs.storage import iceberg

# A build keeps these in its table's properties once its audit is done; a build without them was never finished.
_PREFIX = "lake.gold."
# The published build and those before it that a rollback can still show.
KEPT = 3


class RollbackError(Exception):
    """There is no such table or version to roll back to; the message is one line that says which there are."""


@dataclass(frozen=True)
class Version:
    """One audited build: what it was made of, its size, its verdict, when and by which run; whether readers see it."""

    table: str
    name: str
    location: str
    rows: int
    bytes: int
    verdict: str
    built_at: datetime
    run_id: str
    # The digest of the table's files, and the snapshot of each table that the SELECT read.
    files: str
    inputs: Mapping[str, int | None]
    is_shown: bool = False
    is_rolled_back: bool = False


def read_versions(spark: SparkSession, engine: Engine, table: str) -> list[Version]:
    """Return the audited builds of ``gold.<table>``, newest first."""
    found = [_version(spark, table, name) for name in build_names(spark, table)]
    return in_order(found, engine.view_target(f"gold.{table}"))


def build_names(spark: SparkSession, table: str) -> list[str]:
    """Return the tables ``gold.<table>_v<n>_<digest>``, audited or not."""
    if not spark.catalog.databaseExists(f"{iceberg.CATALOG}.gold"):
        return []
    tables = spark.sql(f"SHOW TABLES IN {iceberg.CATALOG}.gold LIKE '{table}_v*'").collect()
    return [f"gold.{row.tableName}" for row in tables if is_build(table, row.tableName)]


def record(spark: SparkSession, name: str, **facts: Any) -> None:
    """Keep facts of a build in its table's properties, in one commit."""
    update = iceberg.load_named(spark, f"{iceberg.CATALOG}.{name}").updateProperties()
    for key, value in facts.items():
        update = update.set(f"{_PREFIX}{key}", value if isinstance(value, str) else json.dumps(value, sort_keys=True))
    update.commit()


def roll_back(spark: SparkSession, engine: Engine, table: str, to: str = "") -> Version:
    """Return the version that readers see from now on: the one before the published one, or the one named.

    The rejected one stays, and nothing is published after it until the table's files change or ``resume`` says so: the
    next run's rows would come from the same SELECT.
    """
    versions = read_versions(spark, engine, table)
    shown = next((version for version in versions if version.is_shown), None)
    if not shown:
        raise RollbackError(f"gold.{table} is not published: there is nothing to roll back")
    older = [each for each in versions if each.built_at < shown.built_at and not each.is_rolled_back]
    wanted = [each for each in versions if to in {each.name, each.name.removeprefix("gold.")}] if to else older
    if wanted and wanted[0] == shown:
        raise RollbackError(f"gold.{table} shows {shown.name} already")
    if not wanted:
        names = ", ".join(each.name.removeprefix("gold.") for each in versions if each != shown) or "none"
        raise RollbackError(
            f"gold.{table} has no version {to or 'before the published one'}; besides it there are: {names}"
        )
    if wanted[0].built_at < shown.built_at:
        record(spark, shown.name, is_rolled_back=True)
    record(spark, wanted[0].name, is_rolled_back=False)
    engine.replace_view(spark, f"gold.{table}", wanted[0].name)
    return wanted[0]


def resume(spark: SparkSession, engine: Engine, table: str) -> None:
    """Let the table be built again after a rollback; raise RollbackError where it is not held by one."""
    held = [version for version in read_versions(spark, engine, table)[:1] if version.is_rolled_back]
    if not held:
        raise RollbackError(f"gold.{table} is not held by a rollback: there is nothing to resume")
    record(spark, held[0].name, is_rolled_back=False)


def remove_old(spark: SparkSession, engine: Engine, table: str, folder: str) -> None:
    """Drop what no reader and no rollback needs, and what lies in the table's folder besides.

    Kept are the published version and the last ones that nobody rolled back from; of those somebody did, the newest,
    which says so.
    """
    versions = read_versions(spark, engine, table)
    good = [version for version in versions if version.is_shown or not version.is_rolled_back]
    rejected = [version for version in versions if version not in good]
    shown = [version for version in versions if version.is_shown]
    kept = {version.name: version.location for version in [*shown, *good[:KEPT], *rejected[:1]]}
    for name in build_names(spark, table):
        if name not in kept:
            engine.drop_table(spark, name, location_of(spark, name))
    engine.remove_others(folder, kept.values())


def location_of(spark: SparkSession, name: str) -> str:
    """Return where a table of the catalog lies."""
    return str(iceberg.load_named(spark, f"{iceberg.CATALOG}.{name}").location())


def is_build(table: str, name: str) -> bool:
    """Whether a table of this name is a build, or rows that Athena gathered for one that was never finished."""
    return bool(re.fullmatch(rf"{table}_v\d+_[0-9a-f]{{12}}(_rows)?", name))


def to_version(
    table: str, name: str, location: str, properties: Mapping[str, str], totals: Mapping[str, int]
) -> Version | None:
    """Return the audited build that a catalog's table is, given its properties; None for one never finished."""
    facts = {k.removeprefix(_PREFIX): v for k, v in properties.items() if k.startswith(_PREFIX)}
    if "verdict" not in facts:
        return None
    return Version(
        table=table,
        name=name,
        location=location,
        rows=totals["total-records"],
        bytes=totals["total-files-size"],
        verdict=facts["verdict"],
        built_at=datetime.fromisoformat(facts["built_at"]).astimezone(UTC),
        run_id=facts["run_id"],
        files=facts["files"],
        inputs=json.loads(facts["inputs"]),
        is_rolled_back=facts.get("is_rolled_back") == "true",
    )


def in_order(versions: Iterable[Version | None], shown: str | None) -> list[Version]:
    """Return the audited builds of one table, newest first, and which of them the table's view shows."""
    found = [replace(version, is_shown=version.name == shown) for version in versions if version]
    return sorted(found, key=lambda version: version.built_at, reverse=True)


def _version(spark: SparkSession, table: str, name: str) -> Version | None:
    handle = iceberg.load_named(spark, f"{iceberg.CATALOG}.{name}")
    return to_version(table, name, str(handle.location()), dict(handle.properties()), iceberg.totals(handle))

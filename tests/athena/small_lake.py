"""A lake made of given rows in moments, without Spark: PyIceberg writes the tables that both engines read."""

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from athena_queries.engines.duckdb_engine import DuckDbEngine


def make_lake(folder: Path, tables: Mapping[str, pa.Table]) -> Path:
    """Return the folder as a lake with these tables, by ``namespace.table``; one of Gold is a table, not a view."""
    folder.mkdir(parents=True)
    for name, rows in tables.items():
        add_table(folder, name, rows)
    return folder


def add_table(lake: Path, name: str, rows: pa.Table) -> None:
    """Put one more table into the lake."""
    catalog = DuckDbEngine(lake).catalog
    catalog.create_namespace_if_not_exists(name.partition(".")[0])
    catalog.create_table(name, rows.schema).append(rows)
    catalog.engine.dispose()

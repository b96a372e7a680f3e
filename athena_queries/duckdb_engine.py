"""Athena's SQL on a laptop: DuckDB over the lake's own Iceberg tables."""

import gzip
import json
import logging
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.dataset
import sqlglot
from pyiceberg.catalog.sql import IcebergTables, SqlCatalog
from pyiceberg.exceptions import NoSuchTableError
from pyiceberg.table import Table
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlglot import exp

CATALOG = "lake"
# What it cannot parse it says twice: in a log line, and in the error that a QueryError is made of.
logging.getLogger("sqlglot").setLevel(logging.ERROR)


class QueryError(Exception):
    """The SQL cannot be parsed, or names something the lake does not have."""


@dataclass(frozen=True)
class Answer:
    """The rows of one query, what it read to get them, and how long that took."""

    rows: pa.Table
    rows_read: int
    seconds: float


class DuckDbEngine:
    """Runs Athena's dialect over one lake; tables are read as of their current snapshots."""

    def __init__(self, lake: Path) -> None:
        self._lake = lake
        uri = f"sqlite:///{lake / 'catalog.db'}"
        self.catalog = SqlCatalog(CATALOG, uri=uri, warehouse=f"file://{lake}")

    def run(self, sql: str) -> Answer:
        """Return the answer to one SELECT in Athena's dialect."""
        started = time.monotonic()
        query = parse(sql)
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            # As in Athena: 7 / 2 is 3. What stays different is 7 / 0, here NULL and there an error.
            connection.execute("SET integer_division = true")
            rows_read = sum(self._attach(connection, name) for name in sorted(tables_of(query)))
            try:
                rows = connection.sql(query.sql(dialect="duckdb")).to_arrow_table()
            except duckdb.Error as error:
                raise QueryError(str(error).splitlines()[0]) from error
        return Answer(rows, rows_read, time.monotonic() - started)

    def snapshots(self, query: exp.Query) -> dict[str, int | None]:
        """Return each table the query reads with its current snapshot, None where it is still empty."""
        tables = {name: self._table(name) for name in tables_of(query)}
        return {name: table.metadata.current_snapshot_id for name, table in tables.items()}

    def view_target(self, name: str) -> str | None:
        """Return the table that the view ``gold.<name>`` selects from, or None where nothing is published.

        PyIceberg's SQL catalog does not load views yet, so the row and its metadata file are read here.
        """
        namespace, _, view = name.partition(".")
        row = select(IcebergTables.metadata_location).where(
            IcebergTables.catalog_name == CATALOG,
            IcebergTables.table_namespace == namespace,
            IcebergTables.table_name == view,
        )
        with Session(self.catalog.engine) as session:
            location = session.scalar(row)
        return _selected_table(Path(location.removeprefix("file:"))) if location else None

    def _names(self) -> list[str]:
        """Return what a query can name: Bronze's folders, Silver's tables, and the views of Gold."""
        bronze = [f"bronze.{folder.name}" for folder in (self._lake / "bronze").glob("*")]
        namespace, table = IcebergTables.table_namespace, IcebergTables.table_name
        is_named = (namespace != "gold") | (IcebergTables.iceberg_type == "VIEW")
        found = select(namespace, table).where(IcebergTables.catalog_name == CATALOG, is_named)
        with Session(self.catalog.engine) as session:
            return sorted([*bronze, *(".".join(row) for row in session.execute(found))])

    def _no_table(self, name: str) -> QueryError:
        return QueryError(f"there is no table {name} in this lake; it has {', '.join(self._names())}")

    def _attach(self, connection: duckdb.DuckDBPyConnection, name: str) -> int:
        """Make one of the lake's tables readable as ``name``; return its rows."""
        namespace, _, table = name.partition(".")
        rows: pa.Table = self._bronze(table) if namespace == "bronze" else self._table(name).scan().to_arrow()
        connection.register(f"{namespace}__{table}", rows)
        connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{namespace}"')
        connection.execute(f'CREATE VIEW "{namespace}"."{table}" AS SELECT * FROM "{namespace}__{table}"')
        return int(rows.num_rows)

    def _bronze(self, table: str) -> pa.Table:
        """Return the Parquet objects of one of Firehose's folders, as Athena reads them through the Glue table."""
        folder = self._lake / "bronze" / table
        if not folder.is_dir():
            raise self._no_table(f"bronze.{table}")
        return pyarrow.dataset.dataset(folder, format="parquet").to_table()

    def _table(self, name: str) -> Table:
        try:
            return self.catalog.load_table(name)
        except (NoSuchTableError, ValueError):
            target = self.view_target(name) if "." in name else None
            if not target:
                raise self._no_table(name) from None
            return self.catalog.load_table(target)


def parse(sql: str) -> exp.Query:
    """Return the one SELECT in this text; raise QueryError with line and column where it is none."""
    try:
        statements = [statement for statement in sqlglot.parse(sql, dialect="athena") if statement]
    except sqlglot.errors.SqlglotError as error:
        raise QueryError(_where(error)) from error
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise QueryError("one SELECT statement is expected")
    return statements[0]


def tables_of(query: exp.Query) -> set[str]:
    """Return the lake's tables that a query names, as ``namespace.table``; its own CTEs are not among them."""
    own = {cte.alias_or_name for cte in query.find_all(exp.CTE)}
    named = [table for table in query.find_all(exp.Table) if table.db or table.name not in own]
    # Athena's names have no case, the catalog's are lower case.
    return {(f"{table.db}.{table.name}" if table.db else table.name).lower() for table in named}


def _where(error: sqlglot.errors.SqlglotError) -> str:
    faults = getattr(error, "errors", [])
    if not faults:
        return str(error).splitlines()[0]
    return f"line {faults[0]['line']}, column {faults[0]['col']}: {faults[0]['description']}"


def _selected_table(metadata: Path) -> str:
    text = metadata.read_bytes()
    view = json.loads(gzip.decompress(text) if text.startswith(b"\x1f\x8b") else text)
    version = next(v for v in view["versions"] if v["version-id"] == view["current-version-id"])
    selected = sqlglot.parse_one(version["representations"][0]["sql"], dialect="spark").find(exp.Table)
    assert selected is not None, f"{metadata} selects from no table"
    return f"{selected.db}.{selected.name}"

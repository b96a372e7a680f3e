"""Athena's SQL on a laptop: DuckDB over the files of the lake's own Iceberg tables."""

import gzip
import json
import re
import shutil
import tempfile
import time
from collections.abc import Collection, Iterable, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import sqlglot
from pyiceberg.catalog.sql import IcebergTables, SqlCatalog
from pyiceberg.exceptions import NoSuchTableError
from pyiceberg.manifest import DataFile
from pyiceberg.schema import Schema
from pyiceberg.table import FileScanTask, Table
from pyiceberg.types import IcebergType, ListType, MapType, StructType
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlglot import exp

from athena_queries.engines.engine import CATALOG, Answer, NewTable, is_build_folder
from athena_queries.engines.file_filter import file_filter
from athena_queries.engines.source_line import fault
from athena_queries.literal import quoted
from athena_queries.sql import QueryError, parse, tables_of, with_parameters

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_NAMES = {"string": "VARCHAR", "long": "BIGINT", "int": "INTEGER", "binary": "BLOB", "timestamptz": "TIMESTAMPTZ"}


class DuckDbEngine:
    """Runs Athena's dialect over one lake; tables are read as of their current snapshots."""

    def __init__(self, lake: Path) -> None:
        self._lake = lake

    @cached_property
    def catalog(self) -> SqlCatalog:
        """Return the lake's catalog."""
        return SqlCatalog(CATALOG, uri=f"sqlite:///{self._lake / 'catalog.db'}", warehouse=f"file://{self._lake}")

    def run(self, sql: str, parameters: Sequence[str] = ()) -> Answer:
        """Return the answer to one SELECT, each ``?`` replaced by a SQL literal; raise QueryError if there is none."""
        started = time.monotonic()
        query = parse(with_parameters(sql, parameters))
        # What the library imports to write it is not read for the query.
        query.sql(dialect="duckdb")
        with connect() as connection:
            for name in sorted(tables_of(query)):
                self._attach(connection, query, name)
            before = _bytes_read()
            rows = answer(connection, query)
            after = _bytes_read()
        scanned = None if before is None or after is None else after - before
        return Answer(rows, scanned, time.monotonic() - started)

    def create_table_as(self, spark: "SparkSession", table: NewTable, select: str) -> int | None:
        """Make an Iceberg table of the SELECT's rows; return the bytes scanned.

        Spark makes it, as it makes every table: Iceberg's JDBC catalog leaves a read open on an existing SQLite file,
        and a second process that writes to the file would find it locked.
        """
        found = self.run(select)
        try:
            self._write(spark, table, found.rows)
        except BaseException:
            self.drop_table(spark, table.name, table.location)
            raise
        return found.bytes_scanned

    def _write(self, spark: "SparkSession", table: NewTable, rows: pa.Table) -> None:
        partitions = ", ".join(re.sub(r"^(year|month|day|hour)\(", r"\1s(", each) for each in table.partitioning)
        with tempfile.TemporaryDirectory() as folder:
            pq.write_table(rows, f"{folder}/rows.parquet")
            spark.sql(
                f"CREATE TABLE {CATALOG}.{table.name} USING iceberg LOCATION '{table.location}' "
                + (f"PARTITIONED BY ({partitions}) " if partitions else "")
                + f"AS SELECT * FROM parquet.`file://{folder}`"
            )

    def drop_table(self, spark: "SparkSession", name: str, location: str) -> None:
        """Remove what there is of a table and of its files."""
        spark.sql(f"DROP TABLE IF EXISTS {CATALOG}.{name}")
        shutil.rmtree(location.removeprefix("file://"), ignore_errors=True)

    def remove_others(self, folder: str, kept: Collection[str]) -> None:
        """Remove the builds' folders in a folder that are none of these locations."""
        names = {location.rpartition("/")[2] for location in kept}
        for entry in Path(folder.removeprefix("file://")).glob("*"):
            if entry.name not in names and is_build_folder(entry.name):
                shutil.rmtree(entry)

    def replace_view(self, spark: "SparkSession", view: str, table: str) -> None:
        """Make the view select all of the table, in one atomic step."""
        spark.sql(f"CREATE OR REPLACE VIEW {CATALOG}.{view} AS SELECT * FROM {CATALOG}.{table}")

    def view_target(self, view: str) -> str | None:
        """Return the table that a view ``gold.<name>`` selects from, or None where nothing is published.

        PyIceberg's SQL catalog does not load views yet, so the row and its metadata file are read here.
        """
        namespace, _, name = view.partition(".")
        row = select(IcebergTables.metadata_location).where(
            IcebergTables.catalog_name == CATALOG,
            IcebergTables.table_namespace == namespace,
            IcebergTables.table_name == name,
            IcebergTables.iceberg_type == "VIEW",
        )
        with Session(self.catalog.engine) as session:
            location = session.scalar(row)
        return _selected_table(Path(location.removeprefix("file:"))) if location else None

    def table(self, name: str) -> Table:
        """Return the Iceberg table of this name, or the one behind the view; raise QueryError if there is none."""
        try:
            return self.catalog.load_table(name)
        except (NoSuchTableError, ValueError):
            target = self.view_target(name) if "." in name else None
            if not target:
                raise self._no_table(name) from None
            return self.catalog.load_table(target)

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

    def _attach(self, connection: duckdb.DuckDBPyConnection, query: exp.Query, name: str) -> None:
        """Make what the query needs of one of the lake's tables readable as ``name``."""
        namespace, _, table = name.partition(".")
        rows = self._bronze(table) if namespace == "bronze" else self._iceberg(connection, query, name)
        connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{namespace}"')
        connection.execute(f'CREATE VIEW "{namespace}"."{table}" AS SELECT * FROM {rows}')

    def _bronze(self, table: str) -> str:
        """Return the Parquet objects of one of Firehose's folders, as Athena reads them through the Glue table."""
        folder = self._lake / "bronze" / table
        if not folder.is_dir():
            raise self._no_table(f"bronze.{table}")
        return f"read_parquet({quoted(f'{folder}/**/*.parquet')}, hive_partitioning = false)"

    def _iceberg(self, connection: duckdb.DuckDBPyConnection, query: exp.Query, name: str) -> str:
        """Return the rows of a table's current snapshot: its files, less the positions that its delete files name.

        Files that cannot have a row for the query are left out, as Athena leaves them out.
        """
        table = self.table(name)
        needed = file_filter(query, name, table.schema(), partial(_value, connection))
        tasks = list(table.scan(row_filter=needed).plan_files())
        if not tasks:
            connection.register(f"{name} without rows", table.schema().as_arrow().empty_table())
            return f'"{name} without rows"'
        read = partial(_read_parquet, table.schema())
        changed = [task for task in tasks if task.delete_files]
        parts = [read([task for task in tasks if not task.delete_files])] if len(changed) < len(tasks) else []
        if changed:
            columns = ", ".join(f'"{field.name}"' for field in table.schema().fields)
            deletes = sorted({_path(each) for task in changed for each in task.delete_files})
            parts.append(
                f"(SELECT {columns} FROM {read(changed, 'filename = true, file_row_number = true')} "
                f"WHERE (filename, file_row_number) NOT IN (SELECT (regexp_replace(file_path, '^file:/*', '/'), pos) "
                f"FROM read_parquet([{', '.join(map(quoted, deletes))}])))"
            )
        return f"({' UNION ALL '.join(f'SELECT * FROM {part}' for part in parts)})"


def _read_parquet(schema: Schema, tasks: Iterable[FileScanTask], options: str = "") -> str:
    """Return DuckDB's call that reads data files; their columns are found by Iceberg's field ids."""
    named = [(each.field_id, quoted(each.name), quoted(_type(each.field_type))) for each in schema.fields]
    fields = [f"{number}: {{name: {name}, type: {type_}, default_value: NULL}}" for number, name, type_ in named]
    paths = ", ".join(quoted(_path(task.file)) for task in tasks)
    return f"read_parquet([{paths}], schema = MAP {{{', '.join(fields)}}}{f', {options}' if options else ''})"


def _path(file: DataFile) -> str:
    return re.sub("^file:/*", "/", file.file_path)


def connect() -> duckdb.DuckDBPyConnection:
    """Return an empty DuckDB that counts and divides as Athena does."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    # Only so does an error tell its position, from which source_line finds the line.
    connection.execute("SET errors_as_json = true")
    # As in Athena: 7 / 2 is 3. What stays different is 7 / 0, here NULL and there an error.
    connection.execute("SET integer_division = true")
    # What is read is counted where the process reads: nothing may be kept from one read to the next.
    connection.execute("SET enable_external_file_cache = false")
    return connection


def answer(connection: duckdb.DuckDBPyConnection, query: exp.Query) -> pa.Table:
    """Return the rows of a SELECT in Athena's dialect over the tables of this connection."""
    comparable = query.transform(_without_precision)
    try:
        return connection.execute(comparable.sql(dialect="duckdb")).to_arrow_table()
    except duckdb.Error as error:
        raise fault(error, comparable) from error


def _without_precision(node: exp.Expr) -> exp.Expr:
    """Return a time that is written down as a TIMESTAMP: DuckDB compares no TIMESTAMP(0) with one that has a zone."""
    if isinstance(node, exp.Cast) and isinstance(node.this, exp.Literal) and node.to.this == exp.DType.TIMESTAMP:
        return exp.cast(node.this, exp.DType.TIMESTAMP)
    return node


def _value(connection: duckdb.DuckDBPyConnection, constant: exp.Expr) -> Any:
    """Return what an expression without columns is; None where DuckDB cannot say."""
    try:
        plain = constant.transform(_without_precision)
        [[value]] = connection.execute(f"SELECT {plain.sql(dialect='duckdb')}").fetchall()
    except duckdb.Error:
        return None
    return value


def _bytes_read() -> int | None:
    """Return what this process has read so far; only Linux says."""
    try:
        counters = Path("/proc/self/io").read_text()
    except OSError:
        return None
    found = re.search(r"^rchar: (\d+)$", counters, re.MULTILINE)
    return int(found[1]) if found else None


def _type(iceberg: IcebergType) -> str:
    """Return a type's name in DuckDB."""
    if isinstance(iceberg, StructType):
        members = [f'"{field.name}" {_type(field.field_type)}' for field in iceberg.fields]
        return f"STRUCT({', '.join(members)})"
    if isinstance(iceberg, MapType):
        return f"MAP({_type(iceberg.key_type)}, {_type(iceberg.value_type)})"
    if isinstance(iceberg, ListType):
        return f"{_type(iceberg.element_type)}[]"
    return _NAMES.get(str(iceberg), str(iceberg))


def _selected_table(metadata: Path) -> str:
    text = metadata.read_bytes()
    view = json.loads(gzip.decompress(text) if text.startswith(b"\x1f\x8b") else text)
    version = next(v for v in view["versions"] if v["version-id"] == view["current-version-id"])
    selected = sqlglot.parse_one(version["representations"][0]["sql"], dialect="spark").find(exp.Table)
    assert selected is not None, f"{metadata} selects from no table"
    return f"{selected.db}.{selected.name}"

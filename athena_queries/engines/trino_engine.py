"""Trino, the engine behind Athena, on a laptop: over the lake's own Iceberg tables, where one runs on this machine."""

import time
import uuid
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyiceberg.table import Table
from sqlglot.tokenizer_core import TokenType

from athena_queries.engines.duckdb_engine import DuckDbEngine
from athena_queries.engines.engine import CATALOG, Answer, NewTable
from athena_queries.engines.trino_http import Result, StatementError, execute
from athena_queries.engines.trino_types import to_table
from athena_queries.literal import quoted
from athena_queries.sql import QueryError, parse, tables_of, tokens_of, with_parameters

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# Here each metadata file that was ever read is a table of its own. What SQL names is a view of the current one: that
# is replaced in one step, and a query that is under way still finds what it began with.
_TABLES = "metadata_files"


class TrinoEngine:
    """Runs Athena's dialect over one lake, on the Trino at this port; tables are read as of their current snapshots."""

    def __init__(self, lake: Path, port: int) -> None:
        self._lake = DuckDbEngine(lake)
        self._port = port
        self._shown: dict[str, str] = {}

    def run(self, sql: str, parameters: Sequence[str] = ()) -> Answer:
        """Return the answer to one SELECT, each ``?`` replaced by a SQL literal; raise QueryError if there is none."""
        started = time.monotonic()
        result = self._execute(self._select(with_parameters(sql, parameters)))
        return Answer(to_table(result.columns, result.rows), result.bytes_scanned, time.monotonic() - started)

    def create_table_as(self, spark: "SparkSession", table: NewTable, select: str) -> int | None:
        """Make an Iceberg table of the SELECT's rows; return the bytes scanned.

        Trino makes the table and Spark gives it its name: the lake's catalog is a file that only Spark writes to.
        """
        text = self._select(select)
        self._make_schema(_TABLES)
        made = f"{_TABLES}.built_{uuid.uuid4().hex}"
        try:
            # On the line of the SELECT's first, so that an error's line is that of its text.
            scanned = self._execute(f"CREATE TABLE {made} WITH ({_properties(table)}) AS {text}").bytes_scanned
            spark.sql(
                f"CALL {CATALOG}.system.register_table("
                f"table => '{table.name}', metadata_file => {quoted(self._metadata_file(made))})"
            )
        except BaseException:
            self.drop_table(spark, table.name, table.location)
            raise
        return scanned

    def drop_table(self, spark: "SparkSession", name: str, location: str) -> None:
        """Remove what there is of a table and of its files."""
        self._lake.drop_table(spark, name, location)

    def remove_others(self, folder: str, kept: Collection[str]) -> None:
        """Remove the builds' folders in a folder that are none of these locations."""
        self._lake.remove_others(folder, kept)

    def replace_view(self, spark: "SparkSession", view: str, table: str) -> None:
        """Make the view select all of the table, in one atomic step."""
        self._lake.replace_view(spark, view, table)

    def view_target(self, view: str) -> str | None:
        """Return the table that a view ``gold.<name>`` selects from, or None where nothing is published."""
        return self._lake.view_target(view)

    def _select(self, sql: str) -> str:
        """Return the text as Trino takes it, once Trino shows every table that it names."""
        for name in sorted(tables_of(parse(sql))):
            self._show(name)
        # Unlike Athena, Trino's protocol knows no end of a statement.
        ends = (token.start for token in tokens_of(sql) if token.token_type == TokenType.SEMICOLON)
        return sql[: next(ends, None)]

    def _show(self, name: str) -> None:
        """Make one of the lake's tables readable as ``name``, as it is now."""
        namespace, _, view = name.partition(".")
        if namespace == "bronze":
            raise QueryError(f"{name}: Bronze is no Iceberg table, which this Trino reads alone; DuckDB reads it")
        table = self._lake.table(name)
        if self._shown.get(name) == table.metadata_location:
            return
        self._make_schema(_TABLES)
        self._make_schema(namespace)
        registered = self._register(table)
        shown = f'"{namespace}"."{view}"'
        self._execute(f"CREATE OR REPLACE VIEW {shown} SECURITY INVOKER AS SELECT * FROM {_TABLES}.{registered}")
        self._shown[name] = table.metadata_location

    def _register(self, table: Table) -> str:
        """Return the name that the table's current metadata file has in Trino."""
        file = table.metadata_location.rpartition("/")[2]
        # Trino takes what follows an @ or a $ for a part of a table.
        name = "_".join([*table.name(), file.removesuffix(".metadata.json").replace("-", "_")])
        place = ", ".join(map(quoted, (_TABLES, name, table.location(), file)))
        try:
            execute(self._port, f"CALL system.register_table({place})")
        except StatementError as error:
            if error.name not in {"ALREADY_EXISTS", "TABLE_ALREADY_EXISTS"}:
                raise QueryError(f"Trino cannot read {'.'.join(table.name())}: {error}") from error
        return f'"{name}"'

    def _make_schema(self, name: str) -> None:
        if name not in self._shown:
            self._execute(f'CREATE SCHEMA IF NOT EXISTS "{name}"')
            self._shown[name] = ""

    def _metadata_file(self, table: str) -> str:
        schema, _, name = table.partition(".")
        log = f'{schema}."{name}$metadata_log_entries"'
        [[file]] = self._execute(f"SELECT file FROM {log} ORDER BY timestamp DESC, file DESC LIMIT 1").rows
        return str(file)

    def _execute(self, sql: str) -> Result:
        try:
            return execute(self._port, sql)
        except StatementError as error:
            raise QueryError(str(error)) from error


def _properties(table: NewTable) -> str:
    """Return the table's properties as Trino's WITH lists them."""
    # Athena writes format 2, and so does Spark here.
    properties: dict[str, Any] = {"location": quoted(table.location), "format_version": 2}
    if table.partitioning:
        properties["partitioning"] = f"ARRAY[{', '.join(map(quoted, table.partitioning))}]"
    return ", ".join(f"{name} = {value}" for name, value in properties.items())

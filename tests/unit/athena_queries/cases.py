"""A test case of a query: the folder ``tests/athena_queries/<query>/<case>/``, which needs no Python.

It holds a YAML file for each table that the query reads (``silver.tasks.yaml``: rows, with only the columns that
matter), ``expected.yaml``, and for an analyst's file ``parameters.yaml``, where it is not asked with its header's
examples.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import yaml
from sqlglot import exp

from athena_queries.analyst_file import read_analyst_files
from athena_queries.gold_table import read_gold_tables
from athena_queries.lake_tables import LakeTable, lake_tables
from athena_queries.sql import QueryError, parse, tables_of, with_parameters
from tests.unit.athena_queries.typed_values import UntypedError, typed

CASES = Path(__file__).parents[2] / "athena_queries"
_EXPECTED, _PARAMETERS = "expected.yaml", "parameters.yaml"

Row = Mapping[str, Any]


class CaseError(Exception):
    """A case's folder cannot be used; the message is one line that names its file."""


@dataclass(frozen=True)
class Case:
    """One case: the SELECT with its parameters put in, the tables it reads, and the rows it must answer."""

    sql: str
    tables: Mapping[str, pa.Table]
    expected: list[Row]

    @cached_property
    def is_ordered(self) -> bool:
        """Whether the answer has an order: its outermost SELECT says so."""
        return bool(parse(self.sql).args.get("order"))


@cache
def queries() -> dict[str, str]:
    """Return the SQL of every Gold table and analyst's file, by name."""
    return {**{table.name: table.sql for table in read_gold_tables()}, **{name: f.sql for name, f in _files().items()}}


def case_folders(cases: Path = CASES) -> list[Path]:
    """Return the folder of every case."""
    return sorted(folder for folder in cases.glob("*/*") if folder.is_dir())


def read_case(folder: Path) -> Case:
    """Return the case in this folder; raise CaseError where it is none."""
    name = folder.parent.name
    if name not in queries():
        raise CaseError(f"{folder.parent}: no Gold table or analyst's file is called {name}")
    if not (folder / _EXPECTED).is_file():
        raise CaseError(f"{folder}: there is no {_EXPECTED}")
    try:
        sql = with_parameters(queries()[name], _literals(folder))
        return Case(sql, _tables(folder, tables_of(parse(sql))), _rows(folder / _EXPECTED))
    except QueryError as error:
        raise CaseError(f"{folder}: {error}") from error


@cache
def schema_of(name: str) -> pa.Schema:
    """Return the columns of one of the lake's tables, as Arrow has them; raise KeyError if there is none."""
    return arrow_schema(_lake()[name].columns)


def arrow_schema(columns: Mapping[str, str]) -> pa.Schema:
    """Return columns of Athena's types as Arrow has them."""
    types = {name: exp.DataType.build(kind, dialect="athena").sql(dialect="duckdb") for name, kind in columns.items()}
    nulls = ", ".join(f'CAST(NULL AS {kind}) AS "{name}"' for name, kind in types.items())
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        return connection.execute(f"SELECT {nulls}").to_arrow_table().schema


@cache
def _files() -> dict[str, Any]:
    return {file.name: file for file in read_analyst_files()}


@cache
def _lake() -> dict[str, LakeTable]:
    return lake_tables(read_gold_tables())


def _literals(folder: Path) -> list[str]:
    file = _files().get(folder.parent.name)
    given = folder / _PARAMETERS
    if not file and given.exists():
        raise CaseError(f"{given}: a Gold table takes no parameters")
    values = _list(given) if given.exists() else []
    return file.literals([_typed_by_hand(value) for value in values]) if file else []


def _typed_by_hand(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _tables(folder: Path, read: Iterable[str]) -> dict[str, pa.Table]:
    given = {file.name.removesuffix(".yaml"): file for file in folder.iterdir()}
    given = {name: file for name, file in given.items() if file.name not in {_EXPECTED, _PARAMETERS}}
    for name, file in given.items():
        if name not in _lake():
            raise CaseError(f"{file}: the lake has no table {name}")
        if name not in read:
            raise CaseError(f"{file}: the query does not read {name}")
    return {name: _table(name, given.get(name)) for name in read}


def _table(name: str, file: Path | None) -> pa.Table:
    if name not in _lake():
        raise CaseError(f"the query reads {name}, which the lake does not have")
    schema = schema_of(name)
    if not file:
        return schema.empty_table()
    rows = _rows(file)
    for number, row in enumerate(rows, start=1):
        if unknown := set(row) - set(schema.names):
            raise CaseError(f"{file}: row {number}: {name} has no column {', '.join(sorted(unknown))}")
    try:
        return pa.table([typed(field, [row.get(field.name) for row in rows]) for field in schema], schema=schema)
    except UntypedError as error:
        raise CaseError(f"{file}: {error}") from error


def _rows(file: Path) -> list[Row]:
    rows = _list(file)
    if not all(isinstance(row, dict) for row in rows):
        raise CaseError(f"{file}: every row is a map of columns")
    return rows


def _list(file: Path) -> list[Any]:
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise CaseError(f"{file}: {' '.join(str(error).split())}") from error
    if not isinstance(content, list):
        raise CaseError(f"{file}: a list is expected; one without entries is []")
    return content

"""Every case of `tests/athena_queries`, on DuckDB as `make query` asks it."""

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pytest

from athena_queries.engines.duckdb_engine import answer, connect
from athena_queries.gold_table import GoldTable, read_gold_tables
from athena_queries.sql import parse, tables_of
from tests.unit.athena_queries.cases import arrow_schema, case_folders, queries, read_case, schema_of
from tests.unit.athena_queries.difference import difference


def asked(sql: str, tables: Mapping[str, pa.Table]) -> pa.Table:
    with connect() as connection:
        for name, rows in tables.items():
            namespace, _, table = name.partition(".")
            connection.register(name, rows)
            connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{namespace}"')
            connection.execute(f'CREATE VIEW "{namespace}"."{table}" AS SELECT * FROM "{name}"')
        return answer(connection, parse(sql))


@pytest.mark.parametrize("folder", case_folders(), ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_the_query_answers_what_the_case_expects(folder: Path) -> None:
    case = read_case(folder)
    if found := difference(case.expected, asked(case.sql, case.tables), case.is_ordered):
        pytest.fail(f"{folder.parent.name}/{folder.name}: - is expected, + is the answer\n{found}", pytrace=False)


@pytest.mark.parametrize("query", queries())
def test_every_query_has_two_cases(query: str) -> None:
    cases = [folder.name for folder in case_folders() if folder.parent.name == query]
    assert len(cases) >= 2, f"tests/athena_queries/{query}/ holds {len(cases)} cases"


@pytest.mark.parametrize("table", read_gold_tables(), ids=lambda table: table.name)
def test_a_gold_tables_answer_has_the_columns_and_types_of_its_metadata(table: GoldTable) -> None:
    empty = {name: schema_of(name).empty_table() for name in tables_of(parse(table.sql))}
    types = {name: column.type for name, column in table.columns.items()}
    assert asked(table.sql, empty).schema == arrow_schema(types)

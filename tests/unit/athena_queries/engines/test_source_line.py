from collections.abc import Iterator

import duckdb
import pytest

from athena_queries.analyst_file import read_analyst_files
from athena_queries.engines.source_line import _Marked, _split, fault, located
from athena_queries.gold_table import read_gold_tables
from athena_queries.sql import QueryError, parse

# Every fault stands in line 6, in the middle of steps that name the same columns.
AROUND = """\
-- Question: é?
with tasks as (
    select user_id, n, d
    from silver.tasks
    where n > 0 and
    {}
),

answer as (select user_id, n, d from tasks where d > date('2025-01-01'))

select * from answer order by n
"""
FAULTS = {
    "nothing = 1": 'column "nothing" not found in FROM clause! Candidate bindings:',
    "tasks.nothing = 1": 'does not have a column named "nothing"',
    "x.user_id = 'a'": 'Referenced table "x" not found! Candidate tables: "tasks"',
    "no_such_function(\n\nn) = 1": "Scalar Function with name no_such_function does not exist!",
    "user_id > 5": "Cannot compare values of type VARCHAR and type INTEGER",
    "d > 5": "Cannot compare values of type DATE and type INTEGER",
    "user_id + n > 5": "No function matches the given name and argument types '+(VARCHAR, BIGINT)'",
    "sum(n) > 1": "WHERE clause cannot contain aggregates!",
    "cast(user_id as bigint) = 1": "Could not convert string 'ada' to INT64",
    "date_diff('day', d, user_id) = 1": "No function matches",
    "n = 'é' or 'é' = 'é' and nothing > 1": 'column "nothing" not found',
    "d > date '2025-13-01'": "date field value out of range",
    "n in (select user_id, n from silver.tasks)": "Subquery returns 2 columns - expected 1",
}


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("SET errors_as_json = true")
        connection.execute("CREATE SCHEMA silver")
        connection.execute(
            "CREATE TABLE silver.tasks AS SELECT 'ada' AS user_id, 1::BIGINT AS n, DATE '2025-10-15' AS d"
        )
        yield connection


def said_of(connection: duckdb.DuckDBPyConnection, sql: str) -> QueryError:
    query = parse(sql)
    with pytest.raises(duckdb.Error) as error:
        connection.execute(query.sql(dialect="duckdb")).fetchall()
    return fault(error.value, query)


@pytest.mark.parametrize(("condition", "said"), FAULTS.items())
def test_duckdbs_error_has_the_line_of_athenas_text(
    connection: duckdb.DuckDBPyConnection, condition: str, said: str
) -> None:
    error = said_of(connection, AROUND.format(condition))
    assert said in error.said
    assert error.line == 6


def test_an_error_without_a_position_is_about_the_first_name_that_the_text_has(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    sql = "select a.n\nfrom silver.tasks as a\njoin silver.tasks as b\n  using (m)"
    error = said_of(connection, sql)
    assert error.line is None
    assert located(error, sql).line == 4


def test_a_duckdb_that_speaks_plainly_is_understood() -> None:
    error = fault(duckdb.Error("Out of Memory Error: no\nmore"), parse("select 1"))
    assert str(error) == "Out of Memory Error: no"


def test_a_table_that_is_not_there_is_found_where_it_is_read() -> None:
    sql = "select nothing,\n silver.nothing.a\nfrom silver.tasks\njoin\n  silver.Nothing on true"
    error = QueryError("there is no table silver.nothing in this lake; it has silver.tasks")
    assert str(located(error, sql)) == f"line 5: {error.said}"
    assert located(QueryError("silver.Nothing: it cannot be read"), sql).line == 5
    assert located(QueryError("Table 'nothing' does not exist"), "select nothing\nfrom nothing").line == 2


def test_a_line_that_is_known_stays_and_one_that_nothing_tells_is_none() -> None:
    assert located(QueryError("column x", 7), "select x").line == 7
    assert located(QueryError("the column y is nowhere"), "select 'y' -- y").line is None
    assert located(QueryError('"y" not found! Candidate bindings: "x"'), "select x").line is None


def test_lines_are_told_of_every_query_of_this_project() -> None:
    for sql in [*(file.sql for file in read_analyst_files()), *(table.sql for table in read_gold_tables())]:
        query = parse(sql)
        marked = _split(_Marked(dialect="duckdb").generate(query))
        assert "".join(text for text, _ in marked) == query.sql(dialect="duckdb")
        assert len({line for _, line in marked}) > 3

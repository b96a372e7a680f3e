"""For random conditions: files that are left out have no row of the answer."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from athena_queries.engines.duckdb_engine import DuckDbEngine, answer, connect
from athena_queries.sql import parse

FIRST = date(2025, 1, 1)
SCHEMA = pa.schema(
    [("at", pa.timestamp("us", tz="UTC")), ("day", pa.date32()), ("user", pa.string()), ("number", pa.int64())]
)
ROWS = [
    {
        "at": datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=7 * number) if number % 11 else None,
        "day": FIRST + timedelta(days=number // 3),
        "user": f"o'neil {number % 5}" if number % 7 else None,
        "number": number,
    }
    for number in range(60)
]

days = st.integers(-1, 25).map(lambda days: f"date '{FIRST + timedelta(days=days)}'")
times = st.integers(-1, 500).map(lambda hours: f"timestamp '{datetime(2025, 1, 1) + timedelta(hours=hours)}'")
users = st.integers(0, 6).map(lambda number: f"'o''neil {number}'")
numbers = st.integers(-2, 62).map(str)
operators = st.sampled_from(["=", "<", "<=", ">", ">=", "!="])
COLUMNS = {"at": days | times, "day": days, "user": users, "number": numbers}


@st.composite
def conditions(draw: st.DrawFn) -> str:
    column = draw(st.sampled_from(list(COLUMNS)))
    one, other = draw(COLUMNS[column]), draw(COLUMNS[column])
    compared = f"{column} {draw(operators)} {one}"
    return draw(
        st.sampled_from(
            [
                compared,
                f"{one} {draw(operators)} {column}",
                f"{column} between {one} and {other}",
                f"{column} in ({one}, {other})",
                f"not ({compared})",
                f"({compared} or {column} is null)",
                f"t.{compared}",
                *([f"{column} < {one} + interval '1' day"] if one.startswith("date") else []),
            ]
        )
    )


wheres = st.lists(conditions(), min_size=1, max_size=3).map(" and ".join)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDbEngine]:
    """A lake of one table in twelve files, each with rows that follow one another."""
    lake: Path = tmp_path_factory.mktemp("filtered")
    engine = DuckDbEngine(lake)
    engine.catalog.create_namespace("silver")
    table = engine.catalog.create_table("silver.things", SCHEMA)
    for first in range(0, len(ROWS), 5):
        table.append(pa.Table.from_pylist(ROWS[first : first + 5], SCHEMA))
    yield engine
    engine.catalog.engine.dispose()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(one=wheres, other=wheres)
def test_an_answer_is_that_of_reading_every_file(engine: DuckDbEngine, one: str, other: str) -> None:
    sql = (
        f"with a as (select number from silver.things as t where {one}), "
        f"b as (select number from silver.things as t where {other}) "
        "select a.number as n, b.number as m from a left join b on a.number = b.number order by n, m"
    )
    with connect() as connection:
        connection.register("things", pa.Table.from_pylist(ROWS, SCHEMA))
        expected = answer(connection, parse(sql.replace("silver.things", "things")))
    assert engine.run(sql).rows.to_pylist() == expected.to_pylist()


def test_a_days_rows_are_read_from_the_files_that_have_the_day(engine: DuckDbEngine) -> None:
    every = engine.run("select max(user) as u from silver.things").bytes_scanned
    day = "at >= date '2025-01-03' and at < date '2025-01-03' + interval '1' day"
    one = engine.run(f"select max(user) as u from silver.things where {day}").bytes_scanned
    # Three of its rows: one file of the twelve, or two.
    assert every is None or one is None or one < every / 4

"""For random conditions in queries of many shapes: files that are left out have no row of the answer."""

import re
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyiceberg.expressions import AlwaysTrue, BooleanExpression, EqualTo, Or

from athena_queries.engines.duckdb_engine import DuckDbEngine, answer, connect
from athena_queries.engines.file_filter import file_filter
from athena_queries.sql import parse

FIRST = date(2025, 1, 1)
SCHEMA = pa.schema(
    [
        ("at", pa.timestamp("us", tz="UTC")),
        ("day", pa.date32()),
        ("user", pa.string()),
        ("number", pa.int64()),
        ("rest", pa.int64()),
    ]
)
ROWS = [
    {
        "at": datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=7 * number) if number % 11 else None,
        "day": FIRST + timedelta(days=number // 3),
        "user": f"o'neil {number % 5}" if number % 7 else None,
        "number": number,
        "rest": 59 - number,
    }
    for number in range(60)
]
OTHERS = pa.table({"n": [*range(-3, 63, 2), None], "score": [*range(33), 33]})

days = st.integers(-1, 25).map(lambda days: f"date '{FIRST + timedelta(days=days)}'")
times = st.integers(-1, 500).map(lambda hours: f"timestamp '{datetime(2025, 1, 1) + timedelta(hours=hours)}'")
users = st.integers(0, 6).map(lambda number: f"'o''neil {number}'")
numbers = st.integers(-2, 62).map(str)
operators = st.sampled_from(["=", "<", "<=", ">", ">=", "!="])
COLUMNS = {"at": days | times, "day": days, "user": users, "number": numbers}


@st.composite
def conditions(draw: st.DrawFn) -> str:
    """Return one condition, its column written ``@column``: each query puts the table's name there, or none."""
    column = draw(st.sampled_from(list(COLUMNS)))
    one, other = draw(COLUMNS[column]), draw(COLUMNS[column])
    compared = f"@{column} {draw(operators)} {one}"
    return draw(
        st.sampled_from(
            [
                compared,
                f"{one} {draw(operators)} @{column}",
                f"@{column} between {one} and {other}",
                f"@{column} between symmetric {one} and {other}",
                f"@{column} in ({one}, {other})",
                f"not ({compared})",
                f"({compared} or @{column} is null)",
                *([f"@{column} < {one} + interval '1' day"] if one.startswith("date") else []),
                *([f"@{column} > {one} - 1"] if column == "number" else []),
            ]
        )
    )


wheres = st.lists(conditions(), min_size=1, max_size=3).map(" and ".join)

# {x.} is a condition of which each column is written x.column, {.} one whose columns stand alone.
SHAPES = [
    "with a as (select number from silver.things where {.}), b as (select number from silver.things as t where {t.}) "
    "select a.number as n, b.number as m from a left join b on a.number = b.number",
    *(
        f"select t.number, o.n, o.score from silver.others as o {kind} join silver.things as t on o.n = t.number "
        "where {t.}"
        for kind in ["inner", "left", "right", "full"]
    ),
    "select t.number, u.number from silver.things as t left join silver.things as u on t.number = u.rest where {u.}",
    "select t.number, u.number from silver.things as t full join silver.things as u on t.number = u.rest "
    "where {t.} and {u.}",
    "select t.number, u.number from silver.things as t left join silver.things as u on t.number = u.rest and {u.} "
    "where {t.}",
    "select t.number, number from silver.things as t join silver.others as o on t.number = o.n and {o.n} where {t.}",
    "select count(*), sum(t.number) from silver.things as t cross join silver.things as u where {t.} and {u.}",
    "select n from silver.others as o where exists (select 1 from silver.things as t where t.number = o.n and {t.})",
    "select n from silver.others as o where not exists (select 1 from silver.things where number = n and {.})",
    "select o.number from silver.things as o where {o.} "
    "and exists (select 1 from silver.things as i where i.rest = o.number and {i.} and {o.})",
    "select number from silver.things as t where exists (select 1 from silver.others where {t.} and score = t.rest)",
    "select number from silver.things where number in (select n from silver.others where {.})",
    "select n, number from silver.others cross join lateral "
    "(select max(number) as number from silver.things where rest < n and {.}) as t",
    "with things as (select * from silver.things where {.}) select count(*) as n from silver.things cross join things",
    "with things as (select * from silver.things where {.}) "
    "select s.number, things.rest from silver.things as s join things on s.number = things.rest where {things.}",
    "with t as (select * from silver.things where {.}) select number from t where {t.}",
    "select X.NUMBER, X.REST from (SELECT * FROM SILVER.THINGS WHERE {.}) as x where {X.}",
    "select NUMBER from SILVER.Things as T where {t.} and {T.}",
    "select number from (select * from silver.things as t where {t.}) as t where {.}",
    "select number from silver.things where {.} union all select rest from silver.things as t where {t.}",
    "select number from silver.things except (select number from silver.things where {.})",
    "select t.number from silver.things as t (at, day, user, rest, number) where {t.}",
    "select number from silver.things as t (at, day, user, rest, number) where {.}",
    "select number from (silver.things as t join silver.others as o on t.number = o.n) where {t.}",
    "select number, (select count(*) from silver.things as u where u.number < t.number and {u.}) as n "
    "from silver.things as t where {t.}",
]


@st.composite
def queries(draw: st.DrawFn) -> str:
    def condition(place: re.Match[str]) -> str:
        name = place[1]
        where = draw(wheres)
        if name == "o.n":
            return f"o.n {draw(operators)} {draw(numbers)}"
        return where.replace("@", name.lstrip("."))

    return re.sub(r"\{([\w.]+)\}", condition, draw(st.sampled_from(SHAPES)))


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDbEngine]:
    """A lake of two tables in several files, each with rows that follow one another."""
    lake: Path = tmp_path_factory.mktemp("filtered")
    engine = DuckDbEngine(lake)
    engine.catalog.create_namespace("silver")
    things = engine.catalog.create_table("silver.things", SCHEMA)
    for first in range(0, len(ROWS), 5):
        things.append(pa.Table.from_pylist(ROWS[first : first + 5], SCHEMA))
    others = engine.catalog.create_table("silver.others", OTHERS.schema)
    for first in range(0, OTHERS.num_rows, 7):
        others.append(OTHERS.slice(first, 7))
    yield engine
    engine.catalog.engine.dispose()


def sorted_rows(rows: pa.Table) -> list[str]:
    return sorted(map(str, zip(*(column.to_pylist() for column in rows.columns), strict=True)))


def read_whole(sql: str) -> pa.Table:
    with connect() as connection:
        connection.register("all_things", pa.Table.from_pylist(ROWS, SCHEMA))
        connection.register("all_others", OTHERS)
        connection.execute("create schema silver")
        connection.execute("create table silver.things as from all_things")
        connection.execute("create table silver.others as from all_others")
        return answer(connection, parse(sql))


def assert_nothing_is_missed(engine: DuckDbEngine, sql: str) -> None:
    found, expected = engine.run(sql).rows, read_whole(sql)
    assert sorted_rows(found) == sorted_rows(expected)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sql=queries())
def test_an_answer_is_that_of_reading_every_file(engine: DuckDbEngine, sql: str) -> None:
    assert_nothing_is_missed(engine, sql)


@pytest.mark.parametrize(
    "sql",
    [
        "with things as (select * from silver.things where number = 8) "
        "select count(*) as n from silver.things cross join things",
        "select number from silver.things as t (at, day, user, rest, number) where number = 8",
        "select number from silver.things as t (at, day, user, rest, number) where t.number = 8",
        "select number from silver.things where number between symmetric 20 and 8",
        "select n from silver.others where exists (select 1 from silver.things where score = 3 and n = number)",
        "select number from silver.things where number in (select n from silver.others where number = 9)",
        "select count(*) as n from silver.things as t cross join silver.things as T2 where T.number = 8",
        "select o.n, t.number from silver.others as o asof join silver.things as t on o.n >= t.number "
        "where t.number = 9",
        "select rest as number from silver.things where number = 9",
        "select number from silver.things where number < 100000000000000000000 and number > -100000000000000000000",
    ],
)
def test_a_name_that_means_something_else_leaves_no_file_out(engine: DuckDbEngine, sql: str) -> None:
    assert_nothing_is_missed(engine, sql)


def is_eight(column: str) -> BooleanExpression:
    term: Any = EqualTo  # its types know the bound form alone
    found: BooleanExpression = term(column, 8)
    return found


def needed(engine: DuckDbEngine, where: str, sql: str = "select number from silver.things where") -> BooleanExpression:
    schema = engine.catalog.load_table("silver.things").schema()
    return file_filter(parse(f"{sql} {where}"), "silver.things", schema, lambda _: 8)


@pytest.mark.parametrize(
    "value",
    [
        "cast(random() * 60 as bigint)",
        "length(cast(uuid() as varchar))",
        "nextval('things')",
        "any(array[8])",
        "(select max(n) from silver.others)",
        "day_of_week(current_date)",
        "rest",
    ],
)
def test_a_value_that_may_be_another_the_next_time_leaves_no_file_out(engine: DuckDbEngine, value: str) -> None:
    assert needed(engine, f"number = {value}") == AlwaysTrue()
    assert needed(engine, f"number in (1, {value})") == AlwaysTrue()


@pytest.mark.parametrize(
    "value", ["8", "(8)", "- 8", "cast('8' as bigint)", "4 + 4", "try_cast('8' as bigint)", "date('1970-01-09')"]
)
def test_a_constant_finds_its_files(engine: DuckDbEngine, value: str) -> None:
    assert needed(engine, f"number = {value}") == is_eight("number")


def test_a_table_that_is_read_in_two_places_is_needed_for_both(engine: DuckDbEngine) -> None:
    two = needed(engine, "number = 1 union all select rest from silver.things where rest = 1")
    assert two == Or(is_eight("number"), is_eight("rest"))
    assert needed(engine, "number = 1 and exists (select 1 from silver.things)") == AlwaysTrue()


def test_in_a_later_cte_a_column_that_stands_alone_is_the_tables(engine: DuckDbEngine) -> None:
    sql = "with a as (select n from silver.others), b as (select number from SILVER.Things where"
    assert needed(engine, "NUMBER = 1) select * from a cross join b", sql) == is_eight("number")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says how many bytes a process read")
def test_a_days_rows_are_read_from_the_files_that_have_the_day(engine: DuckDbEngine) -> None:
    every = engine.run("select max(user) as u from silver.things").bytes_scanned
    day = "at >= date '2025-01-03' and at < date '2025-01-03' + interval '1' day"
    one = engine.run(f"select max(user) as u from silver.things where {day}").bytes_scanned
    assert every is not None
    assert one is not None
    # Three of its rows: one file of the twelve, or two.
    assert one < every / 4

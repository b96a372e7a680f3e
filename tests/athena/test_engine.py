"""What the engine promises of one lake, on a real Trino."""

from pathlib import Path

import pyarrow as pa
import pytest

from athena_queries.engines.duckdb_engine import DuckDbEngine
from athena_queries.engines.trino_engine import TrinoEngine
from athena_queries.sql import QueryError
from tests.athena.small_lake import make_lake

ROWS = pa.table({"n": pa.array([1, 2], pa.int64()), "user_id": ["ada", "o'neil b"]})


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    return make_lake(tmp_path / "lake of ö", {"silver.numbers": ROWS})


@pytest.fixture
def engine(lake: Path, trino: int) -> TrinoEngine:
    return TrinoEngine(lake, trino)


def test_a_table_is_read_as_it_is_now(lake: Path, trino: int, engine: TrinoEngine) -> None:
    total = "select sum(n) as total from silver.numbers"
    assert engine.run(total).rows.to_pylist() == [{"total": 3}]
    DuckDbEngine(lake).catalog.load_table("silver.numbers").append(ROWS)
    assert engine.run(total).rows.to_pylist() == [{"total": 6}]
    assert TrinoEngine(lake, trino).run(total).rows.to_pylist() == [{"total": 6}]


def test_a_parameter_is_a_literal_and_a_semicolon_ends_the_text(engine: TrinoEngine) -> None:
    answer = engine.run("select n from silver.numbers\nwhere user_id = ?;\n", ["'o''neil b'"])
    assert answer.rows.to_pylist() == [{"n": 2}]


def test_what_is_scanned_is_what_is_read_of_the_tables_files(lake: Path, engine: TrinoEngine) -> None:
    size = next(lake.glob("silver/numbers/data/*.parquet")).stat().st_size
    assert 0 < (engine.run("select user_id from silver.numbers").bytes_scanned or 0) <= size
    assert engine.run("select count(*) as rows from silver.numbers").bytes_scanned == 0


def test_an_error_names_its_line_and_column(engine: TrinoEngine) -> None:
    with pytest.raises(QueryError, match=r"^line 2, column 5: Column 'nothing' cannot be resolved"):
        engine.run("select\n    nothing\nfrom silver.numbers")


def test_a_table_that_is_not_there_is_named_with_those_that_are(engine: TrinoEngine) -> None:
    with pytest.raises(QueryError, match=r"no table silver\.none.* silver\.numbers"):
        engine.run("select * from silver.none")


def test_bronze_is_left_to_the_other_engines(engine: TrinoEngine) -> None:
    with pytest.raises(QueryError, match=r"bronze\.api_logs: Bronze is no Iceberg table"):
        engine.run("select * from bronze.api_logs")


def test_every_type_comes_as_arrow_has_it(engine: TrinoEngine) -> None:
    sql = """select
        cast(1.50 as decimal(10, 2)) as price, date '2025-10-15' as day, true as is_so, 1 as small, real '0.5' as half,
        timestamp '2025-10-15 23:59:59.999999 UTC' as at, timestamp '2025-10-15 01:00:00 Europe/Berlin' as berlin,
        timestamp '2025-10-15 23:59:59.5' as wall, time '01:02:03' as clock, x'00ff' as bytes, infinity() as endless,
        map(array[1], array[array['a', null]]) as nested, cast(row(1, 'x') as row(n bigint, s varchar)) as pair,
        json '{"a": 1}' as document, interval '1' day as length, null as nothing
    """
    row = engine.run(sql).rows
    assert [str(type_) for type_ in row.schema.types] == [
        "decimal128(10, 2)", "date32[day]", "bool", "int32", "float",
        "timestamp[us, tz=UTC]", "timestamp[us, tz=UTC]",
        "timestamp[us]", "time64[us]", "binary", "double",
        "map<int32, list<item: string>>", "struct<n: int64, s: string>",
        "string", "string", "null",
    ]  # fmt: skip
    assert [str(value) for value in row.to_pylist()[0].values()] == [
        "1.50", "2025-10-15", "True", "1", "0.5",
        "2025-10-15 23:59:59.999999+00:00", "2025-10-14 23:00:00+00:00",
        "2025-10-15 23:59:59.500000", "01:02:03", "b'\\x00\\xff'", "inf",
        "[(1, ['a', None])]", "{'n': 1, 's': 'x'}",
        '{"a":1}', "1 00:00:00.000", "None",
    ]  # fmt: skip

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from athena_queries.duckdb_engine import DuckDbEngine, QueryError, parse, tables_of


@pytest.fixture(scope="module")
def engine(spark: SparkSession, lake: Path) -> DuckDbEngine:
    spark.sql("CREATE NAMESPACE IF NOT EXISTS lake.engine_tests")
    spark.sql(
        "CREATE TABLE lake.engine_tests.events USING iceberg AS "
        "SELECT id, timestamp'2025-10-15 23:30:00' AS changed_at, map('tags', '{}') AS extra FROM range(3)"
    )
    spark.sql("CREATE TABLE lake.engine_tests.empty (id long) USING iceberg")
    spark.sql("CREATE VIEW lake.engine_tests.published AS SELECT * FROM lake.engine_tests.events")
    return DuckDbEngine(lake)


def test_athenas_sql_is_answered_from_the_lakes_own_tables(engine: DuckDbEngine) -> None:
    answer = engine.run("select approx_percentile(id, 0.5) as middle, count(*) as n from engine_tests.events")
    assert answer.rows.to_pylist() == [{"middle": 1, "n": 3}]
    assert answer.rows_read == 3


def test_bronze_is_read_from_the_objects_that_firehose_wrote(engine: DuckDbEngine, lake: Path) -> None:
    for day in ("01", "02"):
        folder = lake / "bronze" / "letters" / "2025" / "10" / day / "ada"
        folder.mkdir(parents=True)
        pq.write_table(pa.table({"letter_id": [day], "user_id": ["ada"]}), folder / "o.parquet")
    [row] = engine.run("select user_id, count(*) as n from bronze.letters group by user_id").rows.to_pylist()
    assert row == {"user_id": "ada", "n": 2}
    with pytest.raises(QueryError, match=r"no table bronze\.none in this lake; it has bronze\.letters"):
        engine.run("select * from bronze.none")


def test_division_and_names_are_athenas(engine: DuckDbEngine) -> None:
    [row] = engine.run(
        "SELECT 7 / 2 AS whole, 7.0 / 2 AS half, sum(id) / 2 AS n FROM Engine_Tests.EVENTS"
    ).rows.to_pylist()
    assert (row["whole"], float(row["half"]), row["n"]) == (3, 3.5, 1)


def test_times_are_utc_whatever_the_machine_says(engine: DuckDbEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    [row] = engine.run("select changed_at, date(changed_at) as day from engine_tests.events limit 1").rows.to_pylist()
    assert row["changed_at"] == datetime(2025, 10, 15, 23, 30, tzinfo=UTC)
    assert str(row["day"]) == "2025-10-15"


def test_a_view_is_read_through_to_its_table(engine: DuckDbEngine) -> None:
    assert engine.view_target("engine_tests.published") == "engine_tests.events"
    assert engine.run("select count(*) as n from engine_tests.published").rows.to_pylist() == [{"n": 3}]


def test_a_table_without_rows_answers_with_none(engine: DuckDbEngine) -> None:
    assert engine.run("select id from engine_tests.empty").rows.num_rows == 0


def test_the_snapshots_behind_a_query_are_told(engine: DuckDbEngine) -> None:
    snapshots = engine.snapshots(parse("select 1 from engine_tests.empty, engine_tests.published"))
    assert snapshots["engine_tests.empty"] is None
    assert snapshots["engine_tests.published"] is not None


def test_a_ctes_name_is_no_table(engine: DuckDbEngine) -> None:
    assert tables_of(parse("with events as (select 1 from engine_tests.events) select * from events")) == {
        "engine_tests.events"
    }


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("select from where", "line 1, column"),
        ("select\n  (1", "line 2, column"),
        ("", "one SELECT"),
        ("select 1; select 2", "one SELECT"),
        ("drop table engine_tests.events", "one SELECT"),
        ("select 1 from engine_tests.nothing", "there is no table engine_tests.nothing in this lake"),
        ("select 1 from nothing", "there is no table nothing in this lake; it has"),
        ("select nothing from engine_tests.events", 'column "nothing" not found'),
    ],
)
def test_sql_that_cannot_be_answered_says_why_in_one_line(engine: DuckDbEngine, sql: str, said: str) -> None:
    with pytest.raises(QueryError) as error:
        engine.run(sql)
    assert said in str(error.value)
    assert "\n" not in str(error.value)

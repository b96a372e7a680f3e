import sys
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from athena_queries.engines.duckdb_engine import DuckDbEngine
from athena_queries.sql import QueryError


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


def test_rows_that_were_deleted_beside_their_files_are_gone(engine: DuckDbEngine, spark: SparkSession) -> None:
    spark.sql("DROP TABLE IF EXISTS lake.engine_tests.merged PURGE")
    spark.sql(
        "CREATE TABLE lake.engine_tests.merged USING iceberg PARTITIONED BY (part) TBLPROPERTIES "
        "('write.delete.mode'='merge-on-read', 'write.update.mode'='merge-on-read') "
        "AS SELECT id, id % 2 AS part FROM range(9)"
    )
    spark.sql("DELETE FROM lake.engine_tests.merged WHERE id = 3")
    spark.sql("UPDATE lake.engine_tests.merged SET id = 100 WHERE id = 5")
    rows = engine.run("select id from engine_tests.merged order by id").rows.to_pylist()
    assert [row["id"] for row in rows] == [0, 1, 2, 4, 6, 7, 8, 100]


def test_columns_are_found_by_field_id_whatever_they_were_called(engine: DuckDbEngine, spark: SparkSession) -> None:
    spark.sql("DROP TABLE IF EXISTS lake.engine_tests.evolved PURGE")
    spark.sql(
        "CREATE TABLE lake.engine_tests.evolved USING iceberg AS "
        "SELECT id, named_struct('of', id) AS part FROM range(2)"
    )
    spark.sql("ALTER TABLE lake.engine_tests.evolved RENAME COLUMN id TO number")
    spark.sql("ALTER TABLE lake.engine_tests.evolved ADD COLUMNS (note map<string, string>)")
    spark.sql("INSERT INTO lake.engine_tests.evolved SELECT 7, named_struct('of', 7L), map('k', 'v')")
    found = engine.run("select number, part.of as part, note['k'] as k from engine_tests.evolved order by 1")
    assert found.rows.to_pylist() == [
        {"number": 0, "part": 0, "k": None},
        {"number": 1, "part": 1, "k": None},
        {"number": 7, "part": 7, "k": "v"},
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says what a process has read")
def test_only_what_is_read_is_counted(engine: DuckDbEngine, spark: SparkSession) -> None:
    spark.sql("DROP TABLE IF EXISTS lake.engine_tests.wide PURGE")
    spark.sql(
        "CREATE TABLE lake.engine_tests.wide USING iceberg "
        "TBLPROPERTIES ('write.parquet.row-group-size-bytes'='65536') AS SELECT id, uuid() AS text FROM range(20000)"
    )
    size = sum(task.file.file_size_in_bytes for task in engine.table("engine_tests.wide").scan().plan_files())
    every, one = (
        engine.run(f"select max(text) as t from engine_tests.wide {where}").bytes_scanned
        for where in ("", "where id = 7")
    )
    assert every is not None
    assert one is not None
    assert size * 0.7 < every < size * 1.1
    assert one < size / 5


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

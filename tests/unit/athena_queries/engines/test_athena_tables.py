"""Gold's tables and views as the engine makes them in Athena: split, stored, cleaned up after."""

import base64
import json
from collections.abc import Iterator
from typing import Any, cast

import boto3
import pytest
from moto import mock_aws
from pyspark.sql import SparkSession

from athena_queries.engines.athena_engine import AthenaEngine
from athena_queries.engines.engine import CATALOG, NewTable
from athena_queries.sql import QueryError
from glue_jobs.storage import iceberg
from tests.unit.athena_queries.engines.fake_athena import FakeAthena, Outcome, failed
from tests.unit.athena_queries.engines.fake_athena_lake import BUCKET, FakeAthenaLake

TABLE = NewTable("gold.days_v1_0a1b2c3d4e5f", f"s3://{BUCKET}/gold/days/v1_0a1b2c3d4e5f", ("month(day)",))
DAYS = "-- gold.days: one row per day.\nselect day, user_id, tasks\nfrom silver.days"


@pytest.fixture
def lake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAthenaLake]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket=BUCKET)
        yield FakeAthenaLake(s3)


def engine_over(lake: FakeAthenaLake) -> tuple[AthenaEngine, FakeAthena]:
    athena = FakeAthena(lake.answer)
    return AthenaEngine(athena, boto3.client("glue"), lake.s3, sleep=lambda _: None), athena


def spark_of(lake: FakeAthenaLake) -> SparkSession:
    return cast(SparkSession, lake)


def fill(lake: FakeAthenaLake, months: int) -> None:
    """Make `silver.days`, two rows a month, and one whose day nobody knows."""
    lake.duck.execute(
        "CREATE TABLE silver.days AS "
        "SELECT CAST(DATE '2010-01-15' + to_months(CAST(n // 2 AS INTEGER)) AS DATE) AS day, "
        f"'user-' || n % 3 AS user_id, n AS tasks FROM range({2 * months}) AS t(n) "
        "UNION ALL SELECT NULL, 'user-0', 0"
    )


def rows_of(lake: FakeAthenaLake, table: str) -> list[tuple[Any, ...]]:
    return lake.duck.sql(f"SELECT * FROM {table} ORDER BY ALL").fetchall()


def writes(athena: FakeAthena) -> list[str]:
    return [sql for sql in athena.statements if not sql.startswith("SELECT")]


def test_a_table_is_one_ctas_at_its_own_location(lake: FakeAthenaLake) -> None:
    fill(lake, months=12)
    engine, athena = engine_over(lake)
    scanned = engine.create_table_as(spark_of(lake), TABLE, f"{DAYS};\n")
    assert writes(athena) == [
        "CREATE TABLE gold.days_v1_0a1b2c3d4e5f WITH (table_type = 'ICEBERG', is_external = false, format = 'PARQUET', "
        f"location = '{TABLE.location}', partitioning = ARRAY['month(day)']) AS {DAYS}"
    ]
    assert rows_of(lake, TABLE.name) == rows_of(lake, "silver.days")
    assert scanned == 110  # the partitions' count and the rows; to ask for the types scans nothing


def test_a_table_without_partitions_is_not_counted(lake: FakeAthenaLake) -> None:
    fill(lake, months=1)
    engine, athena = engine_over(lake)
    engine.create_table_as(spark_of(lake), NewTable(TABLE.name, TABLE.location), DAYS)
    assert len(athena.statements) == 2
    assert "partitioning" not in writes(athena)[0]


@pytest.mark.parametrize(
    ("partitioning", "months", "statements"),
    [
        (("month(day)",), 99, 1),  # and the partition of the row without a day
        (("month(day)",), 100, 3),
        (("month(day)",), 250, 4),
        (("year(day)",), 250, 1),
        (("day(day)", "user_id"), 52, 3),
        (("month(day)", "bucket(user_id, 8)"), 11, 1),
        (("month(day)", "bucket(user_id, 8)"), 24, 4),
        (("bucket(user_id, 100)",), 24, 1),
    ],
)
def test_more_than_100_partitions_are_written_by_several_statements(
    lake: FakeAthenaLake, partitioning: tuple[str, ...], months: int, statements: int
) -> None:
    fill(lake, months)
    engine, athena = engine_over(lake)
    table = NewTable(TABLE.name, TABLE.location, partitioning)
    engine.create_table_as(spark_of(lake), table, DAYS)
    assert rows_of(lake, table.name) == rows_of(lake, "silver.days")
    assert len(writes(athena)) == statements
    # The SELECT itself ran once; what it was gathered in is gone.
    assert sum(sql.startswith("CREATE") and "silver.days" in sql for sql in athena.statements) == 1
    assert list(lake.tables) == [table.name]
    assert {key.rpartition("/data/")[0] for key in lake.objects()} == {"gold/days/v1_0a1b2c3d4e5f"}


def test_partitions_by_text_and_number_are_split_too(lake: FakeAthenaLake) -> None:
    lake.duck.execute(
        "CREATE TABLE silver.days AS SELECT DATE '2025-10-15' AS day, 'O''Connor-' || n AS user_id, n % 7 AS tasks "
        "FROM range(150) AS t(n) UNION ALL SELECT DATE '2025-10-15', NULL, NULL"
    )
    engine, _ = engine_over(lake)
    engine.create_table_as(spark_of(lake), NewTable(TABLE.name, TABLE.location, ("user_id", "tasks")), DAYS)
    assert rows_of(lake, TABLE.name) == rows_of(lake, "silver.days")


@pytest.mark.parametrize(
    ("partitioning", "told"),
    [("bucket(user_id, 101)", "at most 100 buckets"), ("truncate(user_id, 2)", "not by truncate")],
)
def test_a_partitioning_that_cannot_be_split_is_refused(lake: FakeAthenaLake, partitioning: str, told: str) -> None:
    engine, athena = engine_over(lake)
    with pytest.raises(QueryError, match=told):
        engine.create_table_as(spark_of(lake), NewTable(TABLE.name, TABLE.location, (partitioning,)), DAYS)
    assert athena.asked == []


def test_a_time_with_a_zone_is_stored_as_utcs_because_athena_stores_no_zone(lake: FakeAthenaLake) -> None:
    lake.duck.execute("SET TimeZone = 'Europe/Berlin'")
    lake.duck.execute("CREATE TABLE silver.tasks AS SELECT 1 AS n, TIMESTAMPTZ '2025-10-16 01:59:59+02' AS changed_at")
    engine, _ = engine_over(lake)
    engine.create_table_as(
        spark_of(lake), NewTable(TABLE.name, TABLE.location), "select n, changed_at from silver.tasks"
    )
    stored = lake.duck.sql(f"SELECT n, CAST(changed_at AS VARCHAR), typeof(changed_at) FROM {TABLE.name}").fetchall()
    assert stored == [(1, "2025-10-15 23:59:59", "TIMESTAMP")]


@pytest.mark.parametrize("fails_at", [0, 1, 2])
def test_a_failure_leaves_no_table_and_no_file(lake: FakeAthenaLake, fails_at: int) -> None:
    fill(lake, months=150)
    lake.fails_at = fails_at
    engine, _ = engine_over(lake)
    lake.s3.put_object(Bucket=BUCKET, Key="gold/days/v1_0a1b2c3d4e5f6/data/another.parquet")
    with pytest.raises(QueryError) as caught:
        engine.create_table_as(spark_of(lake), TABLE, DAYS)
    assert str(caught.value) == "GENERIC_INTERNAL_ERROR: the lake is out of order."
    assert len(lake.written) == fails_at + 1
    assert lake.tables == {}
    assert lake.objects() == ["gold/days/v1_0a1b2c3d4e5f6/data/another.parquet"]


def test_an_interrupt_stops_the_statement_and_leaves_nothing(lake: FakeAthenaLake) -> None:
    fill(lake, months=150)
    engine, athena = engine_over(lake)

    def interrupted(sql: str) -> Outcome:
        if sql.startswith("INSERT"):
            athena.faults["GetQueryExecution"] = [KeyboardInterrupt()]
        return lake.answer(sql)

    athena.answer = interrupted
    with pytest.raises(KeyboardInterrupt):
        engine.create_table_as(spark_of(lake), TABLE, DAYS)
    assert len(athena.stopped) == 1
    assert lake.tables == {}
    assert lake.objects() == []


def test_a_fault_of_the_select_has_the_line_of_the_file(lake: FakeAthenaLake) -> None:
    engine, athena = engine_over(lake)
    athena.answer = lambda _: failed("COLUMN_NOT_FOUND: line 2:8: Column 'day' cannot be resolved")
    with pytest.raises(QueryError) as caught:
        engine.create_table_as(spark_of(lake), TABLE, DAYS)
    assert caught.value.line == 2
    assert athena.statements[0].splitlines()[1:] == [*DAYS.splitlines()[1:], ") LIMIT 0"]


def test_what_cannot_be_cleaned_up_is_told_with_what_failed(lake: FakeAthenaLake) -> None:
    fill(lake, months=1)
    lake.fails_at = 0
    engine, _ = engine_over(lake)
    elsewhere = NewTable(TABLE.name, f"s3://{BUCKET}", ())
    with pytest.raises(QueryError) as caught:
        engine.create_table_as(spark_of(lake), elsewhere, DAYS)
    assert "the lake is out of order.; and what was written to s3://the-lake is still there" in str(caught.value)


@pytest.mark.parametrize(
    "location", ["s3://the-lake", "s3://the-lake/", "s3:///gold", "file:///gold/days", "s3://x/a'b"]
)
def test_a_location_that_is_no_folder_of_a_bucket_is_never_emptied(lake: FakeAthenaLake, location: str) -> None:
    lake.s3.put_object(Bucket=BUCKET, Key="bronze/task_changes/o.parquet")
    engine, _ = engine_over(lake)
    with pytest.raises(QueryError, match="location"):
        engine.drop_table(spark_of(lake), TABLE.name, location)
    assert lake.objects() == ["bronze/task_changes/o.parquet"]


def test_a_dropped_table_takes_its_files_and_the_rows_gathered_for_it_along(lake: FakeAthenaLake) -> None:
    for folder in ("v1_0a1b2c3d4e5f/data", "v1_0a1b2c3d4e5f/metadata", "v1_0a1b2c3d4e5f_rows/data", "v1_0a1b2c3d4e6a"):
        lake.s3.put_object(Bucket=BUCKET, Key=f"gold/days/{folder}/o")
    engine, _ = engine_over(lake)
    engine.drop_table(spark_of(lake), TABLE.name, f"{TABLE.location}/")
    assert lake.objects() == ["gold/days/v1_0a1b2c3d4e6a/o"]


def test_spark_drops_from_the_lakes_own_catalog() -> None:
    assert CATALOG == iceberg.CATALOG


def presto_view(sql: str) -> str:
    """Return the text that Athena keeps of a view."""
    columns = [{"name": "day", "type": "date"}]
    view = {"originalSql": sql, "catalog": "awsdatacatalog", "schema": "gold", "columns": columns}
    return f"/* Presto View: {base64.b64encode(json.dumps(view).encode()).decode()} */"


def create_view(text: str | None) -> None:
    glue = boto3.client("glue")
    glue.create_database(DatabaseInput={"Name": "gold"})
    given = {"ViewOriginalText": text, "ViewExpandedText": "/* Presto View */"} if text else {}
    glue.create_table(DatabaseName="gold", TableInput={"Name": "days", "TableType": "VIRTUAL_VIEW", **given})


@pytest.mark.parametrize("named", ["gold.days_v1_abc", "days_v1_abc", '"awsdatacatalog"."gold"."days_v1_abc"'])
def test_a_views_table_is_read_from_the_catalog(lake: FakeAthenaLake, named: str) -> None:
    create_view(presto_view(f"SELECT *\nFROM\n  {named}\n"))
    assert engine_over(lake)[0].view_target("gold.days") == "gold.days_v1_abc"


def test_what_is_not_published_has_no_target(lake: FakeAthenaLake) -> None:
    engine, _ = engine_over(lake)
    assert engine.view_target("gold.days") is None
    create_view(presto_view("SELECT * FROM gold.days_v1_abc"))
    assert engine.view_target("gold.weeks") is None


def test_a_table_in_a_views_place_is_an_error(lake: FakeAthenaLake) -> None:
    create_view(None)
    with pytest.raises(QueryError, match=r"gold\.days is in the catalog, but is no view of Athena's"):
        engine_over(lake)[0].view_target("gold.days")


def test_a_view_is_replaced_by_one_statement(lake: FakeAthenaLake) -> None:
    engine, athena = engine_over(lake)
    athena.answer = lambda _: Outcome()
    engine.replace_view(spark_of(lake), "gold.days", TABLE.name)
    assert athena.statements == ["CREATE OR REPLACE VIEW gold.days AS SELECT * FROM gold.days_v1_0a1b2c3d4e5f"]


def test_the_folders_of_builds_that_nobody_needs_are_removed(lake: FakeAthenaLake) -> None:
    engine, _ = engine_over(lake)
    folder = f"s3://{BUCKET}/gold/days"
    kept = f"{folder}/v1_0a1b2c3d4e5f_aaaaaa"
    names = ["v1_0a1b2c3d4e5f_aaaaaa", "v1_0a1b2c3d4e5f_bbbbbb", "v1_0a1b2c3d4e5f_bbbbbb_rows", "metadata"]
    for name in names:
        lake.s3.put_object(Bucket=BUCKET, Key=f"gold/days/{name}/data/o.parquet")
    engine.remove_others(folder, [kept])
    assert lake.objects() == ["gold/days/metadata/data/o.parquet", "gold/days/v1_0a1b2c3d4e5f_aaaaaa/data/o.parquet"]

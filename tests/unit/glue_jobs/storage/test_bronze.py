import json
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import LongType, StringType, StructField, StructType, TimestampType

from glue_jobs.schemas.bronze import CLAIMED_IMAGES
from glue_jobs.storage.bronze import _gathered, read_bronze, read_claimed

SCHEMA = StructType([StructField("n", LongType())])
TIMES = StructType([StructField("at", TimestampType())])


@pytest.mark.parametrize("user", ["ada", "bronze", "a%20b", "a%2Bb%40c", "d'arc", "(x)!", "%2Ehidden"])
def test_an_object_is_found_by_its_key_and_its_rows_name_it(spark: SparkSession, tmp_path: Path, user: str) -> None:
    lake, key = tmp_path / "bronze" / "x", f"bronze/task_changes/2025/10/15/{user}/o.parquet"
    (lake / key).parent.mkdir(parents=True)
    pq.write_table(pa.table({"n": [1]}), lake / key)
    rows = read_bronze(spark, f"file://{lake}", [key], SCHEMA).collect()
    assert [(row.n, row.bronze_object) for row in rows] == [(1, key)]


def write(lake: Path, name: str, columns: dict[str, list[object]], **options: object) -> str:
    """Write an object of Bronze, and return its key."""
    key = f"bronze/task_changes/2025/10/15/ada/{name}.parquet"
    (lake / key).parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), lake / key, **options)
    return key


def test_no_object_makes_no_row_and_the_same_columns(spark: SparkSession, tmp_path: Path) -> None:
    rows = read_bronze(spark, f"file://{tmp_path}", [], SCHEMA)
    assert (rows.columns, rows.count()) == (["n", "bronze_object"], 0)


def test_a_column_that_an_older_object_lacks_is_null_and_one_that_nobody_asked_for_is_not_read(
    spark: SparkSession, tmp_path: Path
) -> None:
    keys = [write(tmp_path, "old", {"n": [1], "other": ["x"]}), write(tmp_path, "new", {"m": ["b"], "n": [2]})]
    schema = StructType([*SCHEMA.fields, StructField("m", StringType())])
    rows = read_bronze(spark, f"file://{tmp_path}", keys, schema).collect()
    assert sorted((row.n, row.m, row.bronze_object) for row in rows) == [(1, None, keys[0]), (2, "b", keys[1])]


@pytest.mark.parametrize(
    "options", [{"use_deprecated_int96_timestamps": True}, {"coerce_timestamps": "ms"}, {"coerce_timestamps": "us"}]
)
def test_a_time_is_the_same_in_each_form_that_parquet_has_for_it(
    spark: SparkSession, tmp_path: Path, options: dict[str, object]
) -> None:
    moment = datetime(2025, 10, 15, 23, 59, 59, 123000)
    key = write(tmp_path, "o", {"at": pa.array([moment, None], pa.timestamp("us"))}, **options)
    rows = read_bronze(spark, f"file://{tmp_path}", [key], TIMES)
    assert [row.at for row in rows.select(F.col("at").cast("string")).collect()] == ["2025-10-15 23:59:59.123", None]


def test_objects_that_write_a_time_each_in_another_form_are_read_together(spark: SparkSession, tmp_path: Path) -> None:
    keys = [
        write(tmp_path, "int96", {"at": [datetime(2025, 1, 1)]}, use_deprecated_int96_timestamps=True),
        write(tmp_path, "ms", {"at": [datetime(1900, 1, 1)]}, coerce_timestamps="ms"),
        write(tmp_path, "ns", {"at": pa.array([datetime(1969, 12, 31, 23)]).cast(pa.timestamp("ns", "UTC"))}),
        write(tmp_path, "none", {"at": pa.nulls(1)}),
    ]
    rows = read_bronze(spark, f"file://{tmp_path}", keys, TIMES).select(F.col("at").cast("string"), "bronze_object")
    times = ["2025-01-01 00:00:00", "1900-01-01 00:00:00", "1969-12-31 23:00:00", None]
    assert {row.bronze_object: row.at for row in rows.collect()} == dict(zip(keys, times, strict=True))


def test_times_of_before_1970_and_far_from_now_are_read_as_a_jvm_writes_them(
    spark: SparkSession, tmp_path: Path
) -> None:
    times = ["1900-01-01 00:00:01", "1969-12-31 23:59:59.999999", "9999-12-31 23:59:59.999"]
    spark.conf.set("spark.sql.parquet.outputTimestampType", "INT96")
    try:
        spark.createDataFrame([(each,) for each in times], "at string").selectExpr(
            "cast(at as timestamp) as at"
        ).coalesce(1).write.parquet(str(tmp_path / "bronze"))
    finally:
        spark.conf.unset("spark.sql.parquet.outputTimestampType")
    [path] = (tmp_path / "bronze").glob("*.parquet")
    rows = read_bronze(spark, f"file://{tmp_path}", [f"bronze/{path.name}"], TIMES)
    assert sorted(row.at for row in rows.select(F.col("at").cast("string")).collect()) == times


def test_what_is_finer_than_a_microsecond_is_cut_off(spark: SparkSession, tmp_path: Path) -> None:
    key = write(tmp_path, "o", {"at": pa.array([1_760_486_400_123_456_789], pa.timestamp("ns", "UTC"))})
    [row] = read_bronze(spark, f"file://{tmp_path}", [key], TIMES).select(F.col("at").cast("string")).collect()
    assert row.at == "2025-10-15 00:00:00.123456"


@pytest.mark.parametrize("form", [pa.large_string(), pa.binary(), pa.dictionary(pa.int32(), pa.string())])
def test_text_is_the_same_in_each_form(spark: SparkSession, tmp_path: Path, form: pa.DataType) -> None:
    key = write(tmp_path, "o", {"m": pa.array(["é", None, "é"]).cast(form)})
    rows = read_bronze(spark, f"file://{tmp_path}", [key], StructType([StructField("m", StringType())]))
    assert [row.m for row in rows.collect()] == ["é", None, "é"]


def test_an_object_without_any_of_the_columns_has_as_many_rows_all_the_same(
    spark: SparkSession, tmp_path: Path
) -> None:
    key = write(tmp_path, "o", {"other": [1, 2, 3]})
    rows = read_bronze(spark, f"file://{tmp_path}", [key], SCHEMA).collect()
    assert [(row.n, row.bronze_object) for row in rows] == [(None, key)] * 3


def test_large_rows_do_not_gather_by_the_thousand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glue_jobs.storage.bronze._BYTES_AT_ONCE", 1000)
    tables = [pa.table({"m": ["x" * 600]}) for _ in range(5)]
    assert [len(table) for table in _gathered(tables)] == [2, 2, 1]


@pytest.mark.parametrize(("objects", "slices"), [(1, 1), (31, 31), (1_000, 32), (100_000, 200)])
def test_many_objects_are_cut_into_more_slices(spark: SparkSession, tmp_path: Path, objects: int, slices: int) -> None:
    rows = read_bronze(spark, f"file://{tmp_path}", ["bronze/x"] * objects, SCHEMA)
    assert rows.rdd.getNumPartitions() == slices


def test_objects_of_one_row_and_one_of_many_are_read_whole(spark: SparkSession, tmp_path: Path) -> None:
    keys = [write(tmp_path, f"small-{number}", {"n": [number]}) for number in range(100)]
    keys.append(write(tmp_path, "large", {"n": list(range(100, 25_100))}))
    rows = read_bronze(spark, f"file://{tmp_path}", keys, SCHEMA)
    assert [row.n for row in rows.orderBy("n").collect()] == list(range(25_100))
    assert rows.where("n >= 100").select("bronze_object").distinct().collect() == [(keys[-1],)]


def test_claimed_images_are_read_whole_and_one_that_is_missing_makes_no_row(
    spark: SparkSession, tmp_path: Path
) -> None:
    lake, key = tmp_path / "lake", "claim_checks/task_changes/2025/10/15/a%20b/e1.json"
    (lake / key).parent.mkdir(parents=True)
    image = json.dumps({"title": {"S": 'é\u2028"' * 100_000}}, ensure_ascii=False)
    (lake / key).write_text(json.dumps({"event_id": "e1", "new_image": image, "old_image": None}) + "\n")
    keys = [key, "claim_checks/task_changes/2025/10/15/a%20b/gone.json"]
    [row] = read_claimed(spark, f"file://{lake}", keys, CLAIMED_IMAGES).collect()
    assert (row.event_id, row.new_image, row.old_image) == ("e1", image, None)
    assert read_claimed(spark, f"file://{lake}", keys[1:], CLAIMED_IMAGES).count() == 0

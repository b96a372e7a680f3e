"""What the jobs say of an object of Bronze that nobody can read."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession
from pyspark.sql.types import BooleanType, DateType, LongType, StringType, StructField, StructType, TimestampType

from glue_jobs.storage.bronze import read_bronze
from glue_jobs.storage.unreadable import BronzeError, bronze_errors

KEY = "bronze/task_changes/2025/10/15/ada/o.parquet"
SCHEMA = StructType([StructField("n", LongType()), StructField("text", StringType())])


def gone(_path: Path) -> None:
    """Leave nothing there."""


def empty(path: Path) -> None:
    path.write_bytes(b"")


def no_parquet(path: Path) -> None:
    path.write_text("<html>\n403\n</html>" * 10)


def cut(path: Path) -> None:
    pq.write_table(pa.table({"n": [1], "text": ["x"]}), path)
    path.write_bytes(path.read_bytes()[:-20])


def damaged(path: Path) -> None:
    pq.write_table(pa.table({"n": [1], "text": ["x" * 1000]}), path, use_dictionary=False, compression="snappy")
    content = path.read_bytes()
    path.write_bytes(content[:4] + b"\xff" * 60 + content[64:])


def of_another_type(path: Path) -> None:
    pq.write_table(pa.table({"n": ["1"], "text": ["x"]}), path)


CASES: list[tuple[Callable[[Path], None], str]] = [
    (gone, "it is gone"),
    (empty, "Parquet file size is 0 bytes"),
    (no_parquet, "Parquet magic bytes not found"),
    (cut, "Parquet"),
    (damaged, ""),
    (of_another_type, "its column n is string, not int64"),
]


@pytest.mark.parametrize(("write", "why"), CASES, ids=[write.__name__ for write, _ in CASES])
def test_an_object_that_cannot_be_read_is_named_in_one_line_with_the_next_step(
    spark: SparkSession, tmp_path: Path, write: Callable[[Path], None], why: str
) -> None:
    path = tmp_path / KEY
    path.parent.mkdir(parents=True)
    write(path)
    with pytest.raises(BronzeError) as raised, bronze_errors():
        read_bronze(spark, f"file://{tmp_path}", [KEY], SCHEMA).collect()
    said = str(raised.value)
    assert said.startswith(f"{KEY} cannot be read, and nothing was published: {why}")
    assert said.endswith("; docs/runbook.md#an-object-of-bronze-that-cannot-be-read says what to do")
    assert "\n" not in said


def test_it_is_named_too_where_spark_was_writing(spark: SparkSession, tmp_path: Path) -> None:
    rows = read_bronze(spark, f"file://{tmp_path}", [KEY], SCHEMA)
    with pytest.raises(BronzeError, match=f"^{KEY} cannot be read"), bronze_errors():
        rows.write.parquet(str(tmp_path / "written"))


def test_another_error_stays_what_it_is() -> None:
    with pytest.raises(ZeroDivisionError), bronze_errors():
        raise ZeroDivisionError


@pytest.mark.parametrize(
    ("column", "wanted", "found"),
    [
        (pa.array([1], pa.int64()), TimestampType(), "int64, not timestamp[us, tz=UTC]"),
        (pa.array([datetime(2025, 10, 15)]), DateType(), "timestamp[us], not date32[day]"),
        (pa.array([1], pa.int32()), BooleanType(), "int32, not bool"),
        (pa.array([1], pa.int32()), StringType(), "int32, not string"),
        (pa.array([["x"]]), StringType(), "list<element: string>, not string"),
    ],
)
def test_a_column_of_another_kind_is_not_guessed_at(
    spark: SparkSession, tmp_path: Path, column: pa.Array, wanted: TimestampType, found: str
) -> None:
    (tmp_path / KEY).parent.mkdir(parents=True)
    pq.write_table(pa.table({"c": column}), tmp_path / KEY)
    with pytest.raises(BronzeError) as raised, bronze_errors():
        read_bronze(spark, f"file://{tmp_path}", [KEY], StructType([StructField("c", wanted)])).collect()
    assert f"its column c is {found}" in str(raised.value)

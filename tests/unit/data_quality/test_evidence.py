from typing import Any

from pyspark.sql import DataFrame, SparkSession

from data_quality.evidence import PRESENT, copies_of, kinds_of, presence


def collected(frame: DataFrame) -> list[tuple[Any, ...]]:
    return sorted((tuple(row) for row in frame.collect()), key=str)


def test_rows_that_are_alike_are_one_kind_with_their_number_nulls_too(spark: SparkSession) -> None:
    rows = spark.createDataFrame([("a", 1), ("a", 1), (None, 1), (None, 1), (None, None)], "x string, y int")
    assert collected(kinds_of(rows)) == [("a", 1, 2), (None, 1, 2), (None, None, 1)]


def test_of_a_value_that_need_only_be_there_nothing_else_is_kept(spark: SparkSession) -> None:
    rows = spark.createDataFrame([("a", 1.5), ("", float("nan")), (None, None)], "x string, y double")
    there, absent = (PRESENT, PRESENT), (None, None)
    assert collected(rows.select(presence("x"), presence("y"))) == [there, there, absent]


def test_only_keys_that_more_than_one_row_has_are_told_with_their_rows(spark: SparkSession) -> None:
    rows = spark.createDataFrame([("a", 1), ("a", 2), ("a", 2), ("b", 1), ("b", 1)], "x string, y int")
    assert collected(copies_of(rows, ["x"])) == [("a", 3, 3), ("b", 2, 2)]
    assert collected(copies_of(rows, ["x", "y"])) == [("a", 2, 2, 2), ("b", 1, 2, 2)]


def test_no_rows_are_no_kinds(spark: SparkSession) -> None:
    none = spark.createDataFrame([], "x string")
    assert (kinds_of(none).count(), copies_of(none, ["x"]).count()) == (0, 0)

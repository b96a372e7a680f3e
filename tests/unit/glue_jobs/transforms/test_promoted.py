"""An attribute that gets a column of its own: what older rows have of it in ``extra`` moves there."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql.types import (
    BooleanType,
    DataType,
    DateType,
    DecimalType,
    LongType,
    MapType,
    StringType,
    StructField,
    StructType,
)

from glue_jobs.schemas.task import TASK_ATTRIBUTES, Attribute
from glue_jobs.transforms.task_changes import parse_task_changes, with_promoted

EFFORT = Attribute("effort", "N", LongType())
MOOD = Attribute("mood", "S", StringType())
SEEN = Attribute("is_seen", "BOOL", BooleanType())
FROM = Attribute("from_date", "S", DateType())
ALL = (EFFORT, MOOD, SEEN, FROM)
VALUES: dict[str, Any] = {
    "effort": {"N": "90"},
    "mood": {"S": 'Wäsche "🧺"'},
    "is_seen": {"BOOL": False},
    "from_date": {"S": "2025-10-31"},
}
TYPES = "effort long, mood string, is_seen boolean, from_date date"


def older(spark: SparkSession, **extra: Any) -> DataFrame:
    """Return one row as it was published before any of the attributes had a column."""
    texts = {name: json.dumps(value) for name, value in extra.items()}
    return spark.createDataFrame([(texts, None, None, None, None)], f"extra map<string,string>, {TYPES}")


def only(rows: DataFrame) -> Row:
    [row] = rows.collect()
    return row


def values(row: Row) -> list[Any]:
    return [row[attribute.name] for attribute in ALL]


def test_a_promoted_attribute_moves_to_its_column_and_others_stay(spark: SparkSession) -> None:
    row = only(with_promoted(older(spark, effort={"N": "90"}, other={"N": "1"}), [EFFORT]))
    assert (row.effort, row.extra) == (90, {"other": '{"N": "1"}'})


def test_several_attributes_move_at_once(spark: SparkSession) -> None:
    row = only(with_promoted(older(spark, **VALUES, other={"S": "x"}), ALL))
    assert [str(value) for value in values(row)] == ["90", 'Wäsche "🧺"', "False", "2025-10-31"]
    assert list(row.extra) == ["other"]


def test_a_value_of_another_type_than_the_one_declared_stays_where_it_was(spark: SparkSession) -> None:
    wrong = {"effort": {"S": "ninety"}, "mood": {"SS": ["a"]}, "from_date": {"S": "2025-02-30"}}
    row = only(with_promoted(older(spark, **wrong), ALL))
    assert values(row) == [None, None, None, None]
    assert {name: json.loads(value) for name, value in row.extra.items()} == wrong


def test_an_explicit_null_is_an_absent_value_as_it_is_for_a_declared_attribute(spark: SparkSession) -> None:
    row = only(with_promoted(older(spark, effort={"NULL": True}, mood={"NULL": True}), ALL))
    assert (row.effort, row.mood, row.extra) == (None, None, {})


def test_a_row_that_has_the_column_already_keeps_its_value(spark: SparkSession) -> None:
    rows = spark.createDataFrame([({}, 7, "glad", None, None)], f"extra map<string,string>, {TYPES}")
    assert values(only(with_promoted(rows, ALL))) == [7, "glad", None, None]


def test_a_row_without_any_extra_is_left_as_it_is(spark: SparkSession) -> None:
    rows = spark.createDataFrame([(None, None, None, None, None)], f"extra map<string,string>, {TYPES}")
    assert values(only(with_promoted(rows, ALL))) == [None, None, None, None]


@pytest.mark.parametrize("promoted", [[EFFORT], list(ALL)], ids=["one", "several"])
def test_promoting_gives_the_row_that_a_rebuild_would_parse(
    bronze_rows: Callable[..., DataFrame], promoted: list[Attribute]
) -> None:
    image = {"status": {"S": "pending"}, "other": {"L": []}, "effort": {"NULL": True}, "mood": {"S": "glad"}}
    rows = bronze_rows({"new_image": image}, {"event_id": "e2", "new_image": {"status": {"S": "pending"}, **VALUES}})
    rebuilt = parse_task_changes(rows, [*TASK_ATTRIBUTES, *promoted])
    published = parse_task_changes(rows)
    empty = published.selectExpr(
        "*", *(f"cast(null AS {each.silver_type.simpleString()}) AS {each.name}" for each in promoted)
    )
    filled = with_promoted(empty, promoted).select(rebuilt.columns)
    assert sorted(map(str, filled.collect())) == sorted(map(str, rebuilt.collect()))


@pytest.mark.parametrize(
    ("number", "silver_type", "held"),
    [
        ("7", LongType(), 7),
        ("-7", LongType(), -7),
        ("1.9", LongType(), None),
        ("99999999999999999999", LongType(), None),
        ("1.5", DecimalType(38, 2), Decimal("1.50")),
        ("2.345", DecimalType(38, 2), None),
        (
            "12345678901234567890123456789012345678",
            DecimalType(38, 0),
            Decimal("12345678901234567890123456789012345678"),
        ),
    ],
)
def test_a_number_that_the_declared_type_cannot_hold_stays_whole_in_extra(
    spark: SparkSession, number: str, silver_type: DataType, held: object
) -> None:
    schema = StructType([StructField("n", silver_type), StructField("extra", MapType(StringType(), StringType()))])
    rows = spark.createDataFrame([(None, {"n": f'{{"N":"{number}"}}'})], schema)
    [row] = with_promoted(rows, [Attribute("n", "N", silver_type)]).collect()
    assert row.n == held
    assert row.extra == ({} if held is not None else {"n": f'{{"N":"{number}"}}'})

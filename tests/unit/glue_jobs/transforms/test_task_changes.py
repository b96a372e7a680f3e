import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import DataFrame
from pyspark.sql.types import BooleanType, DecimalType, LongType

from glue_jobs.schemas.task import TASK_ATTRIBUTES, Attribute
from glue_jobs.transforms.task_changes import parse_task_changes, with_claimed_images

BronzeRows = Callable[..., DataFrame]
NOON = datetime(2025, 10, 15, 12, tzinfo=UTC)


def image(**attributes: Any) -> dict[str, Any]:
    return {"PK": {"S": "TASK#ada"}, "SK": {"S": "TASK#t1"}, "status": {"S": "pending"}, **attributes}


def parsed(bronze_rows: BronzeRows, *rows: dict[str, Any]) -> list[Any]:
    return parse_task_changes(bronze_rows(*rows)).collect()


def test_every_modelled_attribute_gets_its_type(bronze_rows: BronzeRows) -> None:
    [row] = parsed(
        bronze_rows,
        {
            "new_image": image(
                title={"S": "Wäsche"},
                priority={"S": "high"},
                due_date={"S": "2025-10-31"},
                created_at={"N": "1760529600"},
                completed_at={"N": "1760529600.5"},
            )
        },
    )
    assert (row.title, row.status, row.priority, row.due_date) == (
        "Wäsche",
        "pending",
        "high",
        date(2025, 10, 31),
    )
    assert row.created_at.astimezone(UTC) == datetime(2025, 10, 15, 12, tzinfo=UTC)
    assert row.completed_at.astimezone(UTC) == datetime(2025, 10, 15, 12, 0, 0, 500_000, tzinfo=UTC)
    assert row.reason is None


UNDECLARED: dict[str, Any] = {
    "text": {"S": 'Wäsche "\\ \u2028 🧺\n'},
    "number": {"N": "12345678901234567890123456789012345678"},
    "fraction": {"N": "-1.5E-100"},
    "bytes": {"B": "AAH/"},
    "flag": {"BOOL": False},
    "nothing": {"NULL": True},
    "texts": {"SS": ["a", "b"]},
    "numbers": {"NS": ["1", "0.10"]},
    "byte_strings": {"BS": ["AA==", ""]},
    "list": {"L": [{"S": "a"}, {"L": []}, {"NULL": True}]},
    "map": {"M": {"h": {"N": "1.0"}, "": {"M": {}}}},
    "": {"S": ""},
}


def test_an_attribute_nobody_declared_is_kept_as_dynamodb_json_whatever_its_type(bronze_rows: BronzeRows) -> None:
    [row] = parsed(bronze_rows, {"new_image": image(**UNDECLARED)})
    assert {name: json.loads(value) for name, value in row.extra.items()} == UNDECLARED
    assert row.extra["texts"] == '{"SS":["a","b"]}'


def test_an_image_of_declared_attributes_alone_has_no_extra(bronze_rows: BronzeRows) -> None:
    [row] = parsed(bronze_rows, {"new_image": image(title={"S": "a"})})
    assert row.extra == {}


def test_index_keys_are_no_attributes_of_their_own(bronze_rows: BronzeRows) -> None:
    [row] = parsed(bronze_rows, {"new_image": image(GSI1PK={"S": "USER#ada"}, GSI4SK={"S": "x"})})
    assert row.extra == {}


def test_a_removed_task_keeps_the_attributes_it_had(bronze_rows: BronzeRows) -> None:
    [row] = parsed(bronze_rows, {"event_name": "REMOVE", "old_image": image(title={"S": "gone"})})
    assert (row.title, row.reason) == ("gone", None)


def test_the_statuses_before_and_after_a_change_are_told(bronze_rows: BronzeRows) -> None:
    was, is_ = image(), image(status={"S": "completed"})
    rows = parsed(
        bronze_rows,
        {"event_id": "1", "event_name": "INSERT", "new_image": is_},
        {"event_id": "2", "event_name": "MODIFY", "old_image": was, "new_image": is_},
        {"event_id": "3", "event_name": "REMOVE", "old_image": is_},
    )
    found = [(row.event_id, row.old_status, row.new_status, row.status) for row in rows]
    assert sorted(found) == [
        ("1", None, "completed", "completed"),
        ("2", "pending", "completed", "completed"),
        ("3", "completed", None, "completed"),
    ]


def test_dynamodbs_null_is_an_absent_value_not_a_fault(bronze_rows: BronzeRows) -> None:
    [row] = parsed(bronze_rows, {"new_image": image(category={"NULL": True}, due_date={"NULL": True})})
    assert (row.category, row.due_date, row.reason) == (None, None, None)


FAULTS: dict[str, dict[str, Any]] = {
    "title is not of type S": {"title": {"N": "5"}},
    "created_at is not of type N": {"created_at": {"S": "yesterday"}},
    "created_at is not a time in Unix seconds": {"created_at": {"N": "1760529600000"}},
    "updated_at is not a time in Unix seconds": {"updated_at": {"N": "-1"}},
    "due_date is not a date": {"due_date": {"S": "2025-02-30"}},
    "due_date is not a date; ttl is not a time in Unix seconds": {"due_date": {"S": "0000-01-01"}, "ttl": {"N": "x"}},
    "status is missing": {"status": {"NULL": True}},
    "title is not of type S; ttl is not of type N": {"title": {"SS": ["a"]}, "ttl": {"S": "1"}},
}


GOOD: dict[str, list[Any]] = {
    "title": [{"S": ""}, {"NULL": True}, "absent"],
    "status": [{"S": "pending"}, {"S": "of tomorrow"}],
    "due_date": [{"S": "2025-10-31"}, {"S": "0001-01-01"}, {"NULL": True}, "absent"],
    "created_at": [{"N": "1760529600"}, {"N": "1760529600.5"}, {"N": "1.7605296E9"}, {"N": "0"}, "absent"],
    "mood": [{"M": {"title": {"N": "5"}}}, "absent"],
}
BAD: dict[str, list[Any]] = {
    "title": [{"N": "5"}, {"SS": ["a"]}, {}, ["a"], 5, None],
    "status": [{"NULL": True}, {"N": "1"}, "pending", "absent"],
    "due_date": [{"S": "2025-2-3"}, {"S": "0000-01-01"}, {"S": "12025-01-01"}, {"S": "2025-10-31 "}, {"N": "7"}],
    "created_at": [{"N": "-1"}, {"N": "253402300800"}, {"N": "9" * 38}, {"N": "x"}, {"S": "1760529600"}],
}
VALUES = {name: st.sampled_from([*GOOD[name] * 4, *BAD.get(name, [])]) for name in GOOD}


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(images=st.lists(st.fixed_dictionaries(VALUES), min_size=100, max_size=300))
def test_a_change_is_faulty_exactly_where_one_of_its_values_is_and_then_it_says_why(
    bronze_rows: BronzeRows, images: list[dict[str, Any]]
) -> None:
    given_images = [{name: value for name, value in image.items() if value != "absent"} for image in images]
    rows = parsed(
        bronze_rows, *({"event_id": str(number), "new_image": each} for number, each in enumerate(given_images))
    )
    found = {int(row.event_id): (row.is_faulty, bool(row.reason)) for row in rows}
    is_bad = [any(value in BAD.get(name, []) for name, value in image.items()) for image in images]
    assert found == {number: (bad, bad) for number, bad in enumerate(is_bad)}


def test_a_value_that_does_not_fit_its_type_says_why(bronze_rows: BronzeRows) -> None:
    rows = parsed(bronze_rows, *({"event_id": why, "new_image": image(**given)} for why, given in FAULTS.items()))
    assert {row.event_id: row.reason for row in rows} == {why: why for why in FAULTS}


def test_an_attribute_of_any_type_is_one_line_of_the_schema(bronze_rows: BronzeRows) -> None:
    declared = (
        *TASK_ATTRIBUTES,
        Attribute("estimate_minutes", "N", LongType()),
        Attribute("effort", "N", DecimalType(38, 0)),
        Attribute("is_private", "BOOL", BooleanType()),
    )
    right = image(estimate_minutes={"N": "90"}, effort={"N": "9" * 38}, is_private={"BOOL": True})
    wrong = image(estimate_minutes={"N": "1e99"})
    rows = bronze_rows({"new_image": right}, {"event_id": "wrong", "new_image": wrong})
    good, bad = parse_task_changes(rows, declared).orderBy("event_id").collect()
    assert (good.estimate_minutes, good.effort, good.is_private) == (90, Decimal("9" * 38), True)
    assert (good.extra, good.reason) == ({}, None)
    assert bad.reason == "estimate_minutes is not a bigint"


def test_a_change_that_lacks_an_image_cannot_be_told_and_says_so(bronze_rows: BronzeRows) -> None:
    rows = parsed(
        bronze_rows,
        {"event_id": "1", "event_name": "MODIFY", "new_image": image()},
        {"event_id": "2", "event_name": "MODIFY", "old_image": image()},
        {"event_id": "3", "event_name": "REMOVE", "new_image": image()},
        {"event_id": "4", "event_name": "INSERT", "old_image": image()},
    )
    assert {row.reason for row in rows} == {"the stream record lacks an image: its view must be NEW_AND_OLD_IMAGES"}


def test_an_image_that_is_no_dynamodb_json_says_so(bronze_rows: BronzeRows) -> None:
    texts = ["", "not json", "[1]", "null", '"text"']
    rows = parsed(bronze_rows, *({"event_id": text, "new_image": text} for text in texts))
    assert {row.event_id: row.reason for row in rows} == dict.fromkeys(texts, "the image is not DynamoDB-JSON")


def test_claimed_images_come_back_and_other_rows_keep_theirs(bronze_rows: BronzeRows) -> None:
    small, large = image(title={"S": "small"}), image(title={"S": "large"})
    rows = bronze_rows(
        {"event_id": "e1", "new_image": small, "bronze_object": "a"},
        {"event_id": "e2", "images_object": "claim_checks/o.json", "bronze_object": "b"},
        {"event_id": "e2", "images_object": "claim_checks/o.json", "bronze_object": "c"},
    )
    claimed = bronze_rows({"event_id": "e2", "new_image": large}).select("event_id", "new_image", "old_image")
    whole = parse_task_changes(with_claimed_images(rows, claimed.union(claimed))).orderBy("bronze_object")
    assert [(row.title, row.reason) for row in whole.collect()] == [("small", None), ("large", None), ("large", None)]


def test_a_change_whose_claimed_images_are_missing_says_so(bronze_rows: BronzeRows) -> None:
    [row] = parsed(bronze_rows, {"images_object": "claim_checks/o.json"})
    assert row.reason == "the object that holds the images is missing"

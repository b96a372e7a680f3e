from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from glue_jobs.schemas.silver import QUARANTINE, TASK_CHANGES
from glue_jobs.transforms.task_changes import keep_typed, parse_task_changes, to_quarantine

BronzeRows = Callable[..., DataFrame]


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


def test_an_attribute_nobody_declared_is_kept_as_dynamodb_json(bronze_rows: BronzeRows) -> None:
    big = {"N": "12345678901234567890123456789012345678"}
    [row] = parsed(bronze_rows, {"new_image": image(tags={"SS": ["a", "b"]}, effort={"M": {"h": big}})})
    assert row.extra == {"tags": '{"SS":["a","b"]}', "effort": f'{{"M":{{"h":{{"N":"{big["N"]}"}}}}}}'}


def test_index_keys_are_no_attributes_of_their_own(bronze_rows: BronzeRows) -> None:
    [row] = parsed(bronze_rows, {"new_image": image(GSI1PK={"S": "USER#ada"}, GSI4SK={"S": "x"})})
    assert row.extra == {}


def test_a_removed_task_keeps_the_attributes_it_had(bronze_rows: BronzeRows) -> None:
    [row] = parsed(bronze_rows, {"event_name": "REMOVE", "old_image": image(title={"S": "gone"})})
    assert (row.title, row.old_status, row.new_status) == ("gone", "pending", None)


def test_both_statuses_of_a_change_are_told(bronze_rows: BronzeRows) -> None:
    [row] = parsed(bronze_rows, {"old_image": image(), "new_image": image(status={"S": "completed"})})
    assert (row.old_status, row.new_status, row.status) == ("pending", "completed", "completed")


def test_dynamodbs_null_is_an_absent_value_not_a_fault(bronze_rows: BronzeRows) -> None:
    [row] = parsed(bronze_rows, {"new_image": image(category={"NULL": True}, due_date={"NULL": True})})
    assert (row.category, row.due_date, row.reason) == (None, None, None)


FAULTS: dict[str, dict[str, Any]] = {
    "title is not of type S": {"title": {"N": "5"}},
    "created_at is not of type N": {"created_at": {"S": "yesterday"}},
    "created_at is not a time in Unix seconds": {"created_at": {"N": "1760529600000"}},
    "updated_at is not a time in Unix seconds": {"updated_at": {"N": "-1"}},
    "due_date is not a date": {"due_date": {"S": "2025-02-30"}},
    "status is missing": {"status": {"NULL": True}},
    "title is not of type S; ttl is not of type N": {"title": {"SS": ["a"]}, "ttl": {"S": "1"}},
}


def test_a_value_that_does_not_fit_its_type_says_why(bronze_rows: BronzeRows) -> None:
    rows = parsed(bronze_rows, *({"event_id": why, "new_image": image(**given)} for why, given in FAULTS.items()))
    assert {row.event_id: row.reason for row in rows} == {why: why for why in FAULTS}


def test_an_image_that_is_no_dynamodb_json_says_so(bronze_rows: BronzeRows) -> None:
    texts = ["", "not json", "[1]", "null", '"text"']
    rows = parsed(bronze_rows, *({"event_id": text, "new_image": text} for text in texts))
    assert {row.event_id: row.reason for row in rows} == dict.fromkeys(texts, "the image is not DynamoDB-JSON")


def test_a_change_delivered_twice_is_kept_once_as_it_came_first(bronze_rows: BronzeRows) -> None:
    late, early = datetime(2025, 10, 15, 13, tzinfo=UTC), datetime(2025, 10, 15, 12, tzinfo=UTC)
    rows = bronze_rows(
        {"new_image": image(), "ingested_at": late, "bronze_object": "b"},
        {"new_image": image(), "ingested_at": early, "bronze_object": "a"},
        {"event_id": "e2", "new_image": image(), "bronze_object": "c"},
    )
    kept = keep_typed(parse_task_changes(rows))
    assert {(row.event_id, row.bronze_object) for row in kept.collect()} == {("e1", "a"), ("e2", "c")}
    assert kept.schema == TASK_CHANGES.columns


def test_a_bad_row_goes_to_quarantine_whole_and_a_good_one_does_not(bronze_rows: BronzeRows) -> None:
    bad = image(title={"N": "5"})
    changes = parse_task_changes(bronze_rows({"event_id": "bad", "new_image": bad}, {"new_image": image()}))
    [row] = to_quarantine(changes, F.lit("2025-10-16").cast("timestamp")).collect()
    assert (row.event_id, row.source, row.reason) == ("bad", "bronze.task_changes", "title is not of type S")
    assert '\\"title\\": {\\"N\\": \\"5\\"}' in row.raw
    assert [row.event_id for row in keep_typed(changes).collect()] == ["e1"]


def test_quarantine_has_the_columns_of_its_table(bronze_rows: BronzeRows) -> None:
    changes = parse_task_changes(bronze_rows({"new_image": image()}))
    assert to_quarantine(changes, F.current_timestamp()).columns == QUARANTINE.columns.names

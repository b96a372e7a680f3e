import copy
import json
from typing import Any

import orjson
import pytest

from cdc_lambda.envelope import Envelope, UndecodableRecordError, to_envelope
from tests.unit.cdc_lambda.conftest import LoadEvent

INGESTED_AT = "2025-10-15 09:01:10.500"


@pytest.fixture
def insert(load_event: LoadEvent) -> dict[str, Any]:
    return copy.deepcopy(load_event("insert")["Records"][0])


def only_record(event: dict[str, Any]) -> dict[str, Any]:
    (record,) = event["Records"]
    assert isinstance(record, dict)
    return record


def row_of(record: dict[str, Any]) -> Envelope:
    row = to_envelope(record, INGESTED_AT)
    assert row is not None
    return row


def with_created_at(record: dict[str, Any], created_at: object) -> dict[str, Any]:
    record["dynamodb"]["NewImage"]["created_at"] = created_at
    return record


def test_an_insert_becomes_one_row_with_every_column(insert: dict[str, Any]) -> None:
    assert row_of(insert) == {
        "event_id": "00000000000000000000000000000001",
        "event_name": "INSERT",
        "sequence_number": "100000000000000000007",
        "changed_at": "2025-10-15 09:00:00.000",
        "user_id": "alice",
        "task_id": "t-1",
        "event_date": "2025-10-15",
        "is_ttl_delete": False,
        "new_image": (
            '{"PK":{"S":"TASK#alice"},"SK":{"S":"TASK#t-1"},"title":{"S":"Write the report"},'
            '"status":{"S":"pending"},"priority":{"S":"high"},"created_at":{"N":"1760518800"},'
            '"updated_at":{"N":"1760518800"},"GSI1PK":{"S":"USER#alice"},"GSI1SK":{"S":"STATUS#pending#t-1"}}'
        ),
        "old_image": None,
        "stream_arn": insert["eventSourceARN"],
        "ingested_at": "2025-10-15 09:01:10.500",
        "images_object": None,
    }


def test_a_modification_keeps_both_images(load_event: LoadEvent) -> None:
    row = row_of(only_record(load_event("modify")))
    assert '"status":{"S":"completed"}' in str(row["new_image"])
    assert '"status":{"S":"pending"}' in str(row["old_image"])


def test_a_removal_has_only_the_old_image_and_its_date(load_event: LoadEvent) -> None:
    row = row_of(only_record(load_event("remove")))
    assert (row["new_image"], row["changed_at"], row["event_date"]) == (
        None,
        "2025-10-16 09:00:00.000",
        "2025-10-15",
    )


def test_every_attribute_type_survives_byte_for_byte(load_event: LoadEvent) -> None:
    image = str(row_of(only_record(load_event("every_attribute_type")))["new_image"])
    for text in (
        '"large_number":{"N":"99999999999999999999999999999999999999"}',
        '"precise_number":{"N":"0.12345678901234567890123456789012345678"}',
        '"small_number":{"N":"-1E-130"}',
        '"binary":{"B":"dGhpcyBpcyBiaW5hcnkA/w=="},"empty_binary":{"B":""}',
        '"string_set":{"SS":["é","a"]}',
        '"number_set":{"NS":["3.14","-42","12345678901234567890123456789012345678"]}',
        '"binary_set":{"BS":["U3Vubnk=","UmFpbnk="]}',
        '"missing":{"NULL":true},"flag":{"BOOL":false}',
        '"list":{"L":[{"S":"x"},{"N":"1"},{"L":[]},{"NULL":true}]}',
        '"map":{"M":{"inner":{"M":{"deep":{"SS":["1","2"]},"":{"M":{}}}}}}',
        '"title":{"S":"naïve 日本語 🚲 \\"quoted\\" \\\\ back\\tslash"}',
        '"description":{"S":""}',
    ):
        assert text in image


def test_an_image_loses_nothing_as_text_and_keeps_its_order(load_event: LoadEvent) -> None:
    record = only_record(load_event("every_attribute_type"))
    image = str(row_of(record)["new_image"])
    assert image == json.dumps(record["dynamodb"]["NewImage"], ensure_ascii=False, separators=(",", ":"))


def test_a_text_that_says_null_is_no_missing_number(insert: dict[str, Any]) -> None:
    insert["dynamodb"]["NewImage"]["title"]["S"] = "null"
    assert '"title":{"S":"null"}' in str(row_of(insert)["new_image"])


@pytest.mark.parametrize(
    ("created_at", "event_date"),
    [
        ({"N": "0"}, "1970-01-01"),
        ({"N": "253402300799"}, "9999-12-31"),
        ({"N": "253402300799.999999999999999999"}, "9999-12-31"),
        ({"N": "1704067199"}, "2023-12-31"),
        ({"N": "1704067200.5"}, "2024-01-01"),
        ({"N": "1.7040672E+9"}, "2024-01-01"),
    ],
)
def test_the_event_date_is_the_utc_date_of_created_at(
    insert: dict[str, Any], created_at: object, event_date: str
) -> None:
    assert row_of(with_created_at(insert, created_at))["event_date"] == event_date


@pytest.mark.parametrize(
    "created_at",
    [
        pytest.param({"N": "-1"}, id="before 1970"),
        pytest.param({"N": "253402300800"}, id="after 9999"),
        pytest.param({"N": "1760518800000"}, id="milliseconds"),
        pytest.param({"N": "9E125"}, id="DynamoDB's largest"),
        pytest.param({"N": "NaN"}, id="NaN"),
        pytest.param({"N": "soon"}, id="no number"),
        pytest.param({"S": "2024-01-01"}, id="text"),
        pytest.param({"NULL": True}, id="null"),
        pytest.param("1704067200", id="no DynamoDB value"),
    ],
)
def test_an_unusable_created_at_leaves_the_date_of_the_change(insert: dict[str, Any], created_at: object) -> None:
    assert row_of(with_created_at(insert, created_at))["event_date"] == "2025-10-15"


def test_a_change_that_drops_created_at_stays_in_the_folder_of_its_task(load_event: LoadEvent) -> None:
    record = only_record(load_event("modify"))
    del record["dynamodb"]["NewImage"]["created_at"]
    record["dynamodb"]["OldImage"]["created_at"] = {"N": "1704067200"}
    assert row_of(record)["event_date"] == "2024-01-01"


def test_a_deletion_by_ttl_is_told_from_one_by_a_user(load_event: LoadEvent) -> None:
    by_ttl, by_user = (only_record(load_event(name)) for name in ("ttl_remove", "remove"))
    assert row_of(by_ttl)["is_ttl_delete"] is True
    assert row_of(by_user)["is_ttl_delete"] is False
    by_user["userIdentity"] = {"type": "Service", "principalId": "replication.dynamodb.amazonaws.com"}
    assert row_of(by_user)["is_ttl_delete"] is False


def test_only_task_keys_make_a_row(load_event: LoadEvent) -> None:
    rows = [to_envelope(record, INGESTED_AT) for record in load_event("mixed_batch")["Records"]]
    assert [row is not None for row in rows] == [False, True, False, True, True, False]


def test_a_task_partition_with_another_sort_key_makes_no_row(insert: dict[str, Any]) -> None:
    insert["dynamodb"]["Keys"]["SK"]["S"] = "COMMENT#1"
    assert to_envelope(insert, INGESTED_AT) is None


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("eventID",), None),
        (("eventName",), "UPSERT"),
        (("eventName",), ["INSERT"]),
        (("eventSourceARN",), 7),
        (("dynamodb", "SequenceNumber"), ""),
        (("dynamodb", "ApproximateCreationDateTime"), "2025-10-15"),
        (("dynamodb", "ApproximateCreationDateTime"), True),
        (("dynamodb", "ApproximateCreationDateTime"), float("nan")),
        (("dynamodb", "ApproximateCreationDateTime"), 1e300),
        (("dynamodb", "NewImage"), "no item"),
        (("dynamodb", "NewImage"), {"created_at": {"N": float("inf")}}),
        (("dynamodb", "NewImage"), {"scores": {"NS": [1, float("nan")]}}),
        (("dynamodb", "Keys", "PK", "S"), "TASK#"),
        (("dynamodb", "Keys", "SK", "S"), "TASK#"),
    ],
)
def test_a_record_that_cannot_be_decoded_says_why_without_its_values(
    insert: dict[str, Any], path: tuple[str, ...], value: object
) -> None:
    holder = insert
    for name in path[:-1]:
        holder = holder[name]
    holder[path[-1]] = value
    with pytest.raises(UndecodableRecordError) as failure:
        to_envelope(insert, INGESTED_AT)
    assert "alice" not in str(failure.value)
    assert "report" not in str(failure.value)


def test_text_that_is_not_unicode_is_refused_without_its_value(insert: dict[str, Any]) -> None:
    insert["dynamodb"]["NewImage"]["title"]["S"] = "secret \ud800"
    with pytest.raises(orjson.JSONEncodeError) as failure:
        to_envelope(insert, INGESTED_AT)
    assert "secret" not in str(failure.value)


@pytest.mark.parametrize(
    "record",
    [
        "text",
        None,
        {},
        {"dynamodb": []},
        {"dynamodb": {"Keys": {"PK": "TASK#a"}}},
        {"dynamodb": {"Keys": {"PK": {"S": 7}, "SK": {"S": "TASK#t"}}}},
    ],
)
def test_what_is_no_stream_record_cannot_be_decoded(record: Any) -> None:
    with pytest.raises(UndecodableRecordError, match=r"dynamodb.Keys"):
        to_envelope(record, INGESTED_AT)

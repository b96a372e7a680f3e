"""The demo's table is the application's: a newcomer's changes go the way of a real table's."""

import json
from pathlib import Path

from local.template import load_template

ROOT = Path(__file__).parents[3]
TABLE = load_template(ROOT / "infra").properties("DemoTable")


def test_its_stream_has_both_images_and_its_items_expire() -> None:
    assert TABLE["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert TABLE["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    assert TABLE["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert TABLE["BillingMode"] == "PAY_PER_REQUEST"


def test_its_keys_and_indexes_are_attributes_of_a_task() -> None:
    keys = {key["AttributeName"] for key in TABLE["KeySchema"]}
    assert keys == {"PK", "SK"}
    indexed = {key["AttributeName"] for index in TABLE["GlobalSecondaryIndexes"] for key in index["KeySchema"]}
    assert {attribute["AttributeName"] for attribute in TABLE["AttributeDefinitions"]} == keys | indexed
    assert indexed == {f"GSI{number}{part}" for number in (1, 2, 3, 4) for part in ("PK", "SK")}
    [record] = json.loads((ROOT / "tests/events/insert.json").read_text(encoding="utf-8"))["Records"]
    assert {"PK", "SK", "GSI1PK", "GSI1SK"} <= record["dynamodb"]["NewImage"].keys()


def test_its_name_is_the_one_that_records_come_from() -> None:
    [record] = json.loads((ROOT / "tests/events/insert.json").read_text(encoding="utf-8"))["Records"]
    assert f":table/{TABLE['TableName']}/stream/" in record["eventSourceARN"]

import json

import pytest

from local.firehose.partition_keys import MetadataExtractionError, PartitionQuery
from local.ingestion import INFRA
from local.template import load_template


@pytest.fixture(scope="module")
def deployed() -> PartitionQuery:
    query = load_template(INFRA).delivery_stream_settings("TaskChangesDeliveryStream").partition_query
    assert query
    return PartitionQuery(query)


@pytest.mark.parametrize(
    ("user", "folder"),
    [
        ("ada", "ada"),
        ("ana+todo@example.org", "ana%2Btodo%40example.org"),
        ("Siobhán O'Connor", "Siobh%C3%A1n%20O'Connor"),
        ("a/b", "a%2Fb"),
        ("..", "%2E."),
        ("_hidden", "%5Fhidden"),
    ],
)
def test_the_deployed_query_gives_date_and_a_safe_folder(deployed: PartitionQuery, user: str, folder: str) -> None:
    keys = deployed.keys(json.dumps({"event_date": "2025-10-15", "user_id": user}).encode())
    assert dict(keys) == {"year": "2025", "month": "10", "day": "15", "user": folder}


@pytest.mark.parametrize("logical_id", ["TaskChangesDeliveryStream", "ApiLogsDeliveryStream"])
def test_with_hash_buckets_a_user_is_always_in_the_same_of_n_folders(logical_id: str) -> None:
    query = load_template(INFRA, {"UserBuckets": "16"}).delivery_stream_settings(logical_id).partition_query
    assert query
    buckets = PartitionQuery(query)
    users = ["ada", "é/😀", "x" * 5_000, *(f"user-{number}" for number in range(400))]
    records = [json.dumps({"event_date": "2025-10-15", "user_id": user}).encode() for user in users]
    folders = [dict(buckets.keys(record))["user"] for record in records]
    assert set(folders) == {f"bucket-{number}" for number in range(16)}
    assert folders == [dict(buckets.keys(record))["user"] for record in records]


def test_a_very_long_user_has_a_folder_that_fits_an_object_key(deployed: PartitionQuery) -> None:
    record = json.dumps({"event_date": "2025-10-15", "user_id": "é" * 2_000}).encode()
    assert dict(deployed.keys(record))["user"] == ("%C3%A9" * 40)[:200]


@pytest.mark.parametrize(
    "record",
    [
        b"no JSON",
        b"\xff",
        b"[]",
        b"{}{}",
        b'{"user": null}',
        b'{"user": ""}',
        b'{"user": "%s"}' % (b"x" * 256),
    ],
)
def test_a_record_without_usable_keys_is_an_error(record: bytes) -> None:
    with pytest.raises(MetadataExtractionError):
        PartitionQuery("{user: .user}").keys(record)

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

"""The deployed entry point against a Firehose and an S3 that are not ours: moto's, over HTTP."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto.backends import get_backend
from moto.server import ThreadedMotoServer
from mypy_boto3_s3 import S3Client

from cdc_lambda import handler
from tests.unit.cdc_lambda.conftest import LoadEvent
from tests.unit.cdc_lambda.fakes import FakeContext

BUCKET = "task-lake"


@pytest.fixture(scope="module")
def moto_url() -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture
def s3(moto_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Client]:
    """Moto's S3 with the lake's bucket and a delivery stream into it, and a cold function that talks to both."""
    settings = {
        "AWS_ENDPOINT_URL": moto_url,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_LAMBDA_FUNCTION_NAME": "cdc",
        "DELIVERY_STREAM": "task-changes",
        "LAKE_BUCKET": BUCKET,
        "NO_PROXY": "127.0.0.1",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(handler, "log_to_stdout", lambda: None)
    handler._deployed_handler.cache_clear()
    client = boto3.client("s3")
    client.create_bucket(Bucket=BUCKET)
    boto3.client("firehose").create_delivery_stream(
        DeliveryStreamName="task-changes",
        ExtendedS3DestinationConfiguration={
            "BucketARN": f"arn:aws:s3:::{BUCKET}",
            "RoleARN": "arn:aws:iam::123456789012:role/firehose",
            "Prefix": "bronze/",
        },
    )
    yield client
    handler._deployed_handler.cache_clear()
    for service in ("s3", "firehose"):
        get_backend(service).reset()


def rows_of(s3: S3Client) -> list[dict[str, Any]]:
    """Return the records that moto's Firehose put into Bronze: it writes them one behind the other, as AWS does."""
    rows = []
    for stored in s3.list_objects_v2(Bucket=BUCKET, Prefix="bronze/").get("Contents", []):
        body = s3.get_object(Bucket=BUCKET, Key=stored["Key"])["Body"].read().decode()
        while body:
            row, end = json.JSONDecoder().raw_decode(body)
            rows.append(row)
            body = body[end:]
    return rows


@pytest.mark.parametrize("name", ["insert", "modify", "remove", "ttl_remove", "every_attribute_type"])
def test_a_change_of_any_kind_can_be_read_back(name: str, s3: S3Client, load_event: LoadEvent) -> None:
    event = load_event(name)
    assert handler.lambda_handler(event, FakeContext()) == {"batchItemFailures": []}
    (row,) = rows_of(s3)
    (record,) = event["Records"]
    assert row["event_id"] == record["eventID"]
    for column, image in (("new_image", "NewImage"), ("old_image", "OldImage")):
        assert json.loads(row[column] or "null") == record["dynamodb"].get(image)


def test_a_batch_larger_than_a_call_arrives_whole(s3: S3Client, load_event: LoadEvent) -> None:
    (record,) = load_event("modify")["Records"]
    records = [record | {"eventID": f"e{number}"} for number in range(1_201)]
    assert handler.lambda_handler({"Records": records}, FakeContext()) == {"batchItemFailures": []}
    assert {row["event_id"] for row in rows_of(s3)} == {f"e{number}" for number in range(1_201)}


def test_images_too_large_for_firehose_lie_where_their_row_says(s3: S3Client, load_event: LoadEvent) -> None:
    event = load_event("modify")
    change = event["Records"][0]["dynamodb"]
    for image in ("NewImage", "OldImage"):
        change[image]["notes"] = {"S": "é" * 300_000}
    assert handler.lambda_handler(event, FakeContext()) == {"batchItemFailures": []}
    (row,) = rows_of(s3)
    kept = json.loads(s3.get_object(Bucket=BUCKET, Key=row["images_object"])["Body"].read())
    assert json.loads(kept["new_image"]) == change["NewImage"]
    assert json.loads(kept["old_image"]) == change["OldImage"]


def test_a_delivery_stream_that_is_gone_is_reported(
    s3: S3Client, load_event: LoadEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cdc_lambda.delivery.BACKOFF_SECONDS", 0)
    boto3.client("firehose").delete_delivery_stream(DeliveryStreamName="task-changes")
    response = handler.lambda_handler(load_event("insert"), FakeContext())
    assert response == {"batchItemFailures": [{"itemIdentifier": "100000000000000000007"}]}
    assert rows_of(s3) == []

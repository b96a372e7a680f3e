import json
import logging
from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from cdc_lambda import handler
from tests.unit.cdc_lambda.conftest import LoadEvent
from tests.unit.cdc_lambda.fakes import FakeContext


@pytest.fixture
def lambda_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A cold execution environment of the deployed function, and a warm logger put back after it."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("DELIVERY_STREAM", "task-changes")
    logger = logging.getLogger("cdc_lambda")
    before = (logger.handlers, logger.level, logger.propagate)
    handler._deployed_handler.cache_clear()
    yield
    handler._deployed_handler.cache_clear()
    logger.handlers, logger.level, logger.propagate = before


@pytest.mark.usefixtures("lambda_environment")
def test_the_deployed_entry_point_delivers_through_boto3_and_logs_one_json_line(
    load_event: LoadEvent, capsys: pytest.CaptureFixture[str]
) -> None:
    with mock_aws():
        s3, firehose = boto3.client("s3"), boto3.client("firehose")
        s3.create_bucket(Bucket="lake")
        firehose.create_delivery_stream(
            DeliveryStreamName="task-changes",
            ExtendedS3DestinationConfiguration={
                "BucketARN": "arn:aws:s3:::lake",
                "RoleARN": "arn:aws:iam::123456789012:role/firehose",
            },
        )
        response = handler.lambda_handler(load_event("mixed_batch"), FakeContext())
        (stored,) = s3.list_objects_v2(Bucket="lake")["Contents"]
        body = s3.get_object(Bucket="lake", Key=stored["Key"])["Body"].read().decode()

    assert response == {"batchItemFailures": []}
    assert body.count('"event_id"') == 3
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["metadata"]["delivered"] == 3


@pytest.mark.usefixtures("lambda_environment")
def test_a_delivery_stream_that_is_missing_is_reported_and_not_hidden(
    load_event: LoadEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cdc_lambda.delivery.BACKOFF_SECONDS", 0)
    with mock_aws():
        response = handler.lambda_handler(load_event("insert"), FakeContext())
    assert response == {"batchItemFailures": [{"itemIdentifier": "100000000000000000007"}]}

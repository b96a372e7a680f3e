import json
import logging
from collections.abc import Callable, Iterator

import boto3
import pytest
from moto import mock_aws

from cdc_lambda import handler, log_forwarder
from cdc_lambda.claim_check import MAX_RECORD_BYTES
from tests.unit.cdc_lambda.conftest import LoadEvent, pack
from tests.unit.cdc_lambda.fakes import FakeContext

ENVIRONMENT = {
    "AWS_LAMBDA_FUNCTION_NAME": "CdcFunction",
    "DELIVERY_STREAM": "task-changes",
    "LAKE_BUCKET": "lake",
}

DEPLOYED = (handler._deployed_handler, log_forwarder._deployed_forwarder)


@pytest.fixture
def lambda_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A cold execution environment of the deployed functions, and a warm logger put back after it."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    logger = logging.getLogger("cdc_lambda")
    before = (logger.handlers, logger.level, logger.propagate)
    for deployed in DEPLOYED:
        deployed.cache_clear()
    yield
    for deployed in DEPLOYED:
        deployed.cache_clear()
    logger.handlers, logger.level, logger.propagate = before


@pytest.fixture
def lake_bucket(lambda_environment: None) -> Iterator[Callable[[str], list[str]]]:
    """A delivery stream into a bucket, both moto's; gives what reads the bucket's objects below a prefix."""
    with mock_aws():
        s3, firehose = boto3.client("s3"), boto3.client("firehose")
        s3.create_bucket(Bucket="lake")
        firehose.create_delivery_stream(
            DeliveryStreamName="task-changes",
            ExtendedS3DestinationConfiguration={
                "BucketARN": "arn:aws:s3:::lake",
                "RoleARN": "arn:aws:iam::123456789012:role/firehose",
                "Prefix": "bronze/",
            },
        )

        def read(prefix: str) -> list[str]:
            keys = [found["Key"] for found in s3.list_objects_v2(Bucket="lake").get("Contents", [])]
            return [
                s3.get_object(Bucket="lake", Key=key)["Body"].read().decode() for key in keys if key.startswith(prefix)
            ]

        yield read


def test_the_deployed_entry_point_delivers_through_boto3_and_logs_one_json_line(
    load_event: LoadEvent, lake_bucket: Callable[[str], list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert handler.lambda_handler(load_event("mixed_batch"), FakeContext()) == {"batchItemFailures": []}
    assert "".join(lake_bucket("bronze/")).count('"event_id"') == 3
    (line,) = capsys.readouterr().out.splitlines()
    assert (json.loads(line)["FunctionName"], json.loads(line)["Delivered"]) == ("CdcFunction", 3)


def test_the_deployed_log_forwarder_delivers_through_boto3_and_leaves_large_lines_in_the_bucket(
    load_event: LoadEvent, lake_bucket: Callable[[str], list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    payload = load_event("logs_data")
    payload["logEvents"][0]["message"] = "x" * MAX_RECORD_BYTES
    log_forwarder.lambda_handler(pack(payload), FakeContext())
    assert "".join(lake_bucket("bronze/")).count('"log_event_id"') == 10
    (claimed,) = lake_bucket("claim_checks/api_logs/2025/10/15/anonymous/")
    assert len(json.loads(claimed)["message"]) == MAX_RECORD_BYTES
    (line,) = capsys.readouterr().out.splitlines()
    assert (json.loads(line)["Delivered"], json.loads(line)["Oversize"]) == (10, 1)


@pytest.mark.usefixtures("lambda_environment")
def test_a_delivery_stream_that_is_missing_is_reported_and_not_hidden(
    load_event: LoadEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cdc_lambda.delivery.BACKOFF_SECONDS", 0)
    with mock_aws():
        response = handler.lambda_handler(load_event("insert"), FakeContext())
    assert response == {"batchItemFailures": [{"itemIdentifier": "100000000000000000007"}]}

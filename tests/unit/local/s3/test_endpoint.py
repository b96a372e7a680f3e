from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.clients import client
from local.clock import VirtualClock
from local.s3.bucket import NAME, LakeBucket
from local.s3.endpoint import S3Endpoint


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def s3(tmp_path: Path, clock: VirtualClock) -> Iterator[Any]:
    with S3Endpoint(LakeBucket(tmp_path, clock, lambda now: now >= 60)) as endpoint:
        yield client("s3", endpoint.url)


def _refusal(s3: Any, bucket: str = NAME, key: str = "a/b") -> tuple[str, int]:
    with pytest.raises(ClientError) as error:
        s3.put_object(Bucket=bucket, Key=key, Body=b"body")
    response = error.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


@pytest.mark.parametrize("key", ["claim_checks/a%2Fb/e.json", "é ü+&=?#/x", "plain"])
@pytest.mark.parametrize("body", [b"", b"body", b"\0\r\n" * 500_000])
def test_boto3_puts_an_object_whole_under_its_own_key(s3: Any, tmp_path: Path, key: str, body: bytes) -> None:
    s3.put_object(Bucket=NAME, Key=key, Body=body)
    assert (tmp_path / key).read_bytes() == body


def test_a_bucket_that_is_down_asks_to_slow_down(s3: Any, tmp_path: Path, clock: VirtualClock) -> None:
    clock.advance_to(60)
    assert _refusal(s3) == ("SlowDown", 503)
    assert not (tmp_path / "a").exists()


def test_a_key_that_no_file_can_have_is_too_long(s3: Any) -> None:
    assert _refusal(s3, key="a/" + "é" * 128) == ("KeyTooLongError", 400)


def test_another_bucket_and_another_operation_are_refused(s3: Any) -> None:
    assert _refusal(s3, bucket="another") == ("NoSuchBucket", 404)
    with pytest.raises(ClientError, match="PutObject only"):
        s3.get_object(Bucket=NAME, Key="a")

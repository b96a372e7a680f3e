"""The lake's bucket takes objects under the lake's key and by TLS, from whoever may write there, and no others."""

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.aws.deployment import Deployment

KEY = "data_docs/silver_tasks/bucket-policy"


def put(deployed: Deployment, **encryption: str) -> None:
    deployed.client("s3", "SilverRole").put_object(Bucket=deployed.bucket, Key=KEY, Body=b"x", **encryption)


def test_who_names_no_encryption_gets_the_buckets_own(deployed: Deployment) -> None:
    put(deployed)


def test_who_names_the_lakes_key_may_write(deployed: Deployment) -> None:
    put(deployed, ServerSideEncryption="aws:kms", SSEKMSKeyId=deployed.outputs["LakeKeyArn"])


def test_another_key_is_refused(deployed: Deployment) -> None:
    other = deployed.client("kms").create_key()["KeyMetadata"]["Arn"]
    with pytest.raises(ClientError, match="AccessDenied"):
        put(deployed, ServerSideEncryption="aws:kms", SSEKMSKeyId=other)


def test_encryption_by_a_key_of_s3s_own_is_refused(deployed: Deployment) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        put(deployed, ServerSideEncryption="AES256")


def test_plain_http_is_refused(deployed: Deployment) -> None:
    given = deployed.assume("SilverRole")
    plain = boto3.client(
        "s3",
        endpoint_url=deployed.emulator.plain_url,
        aws_access_key_id=given["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=given["AWS_SESSION_TOKEN"],
        region_name=given["AWS_REGION"],
        config=Config(proxies={}),
    )
    with pytest.raises(ClientError, match="AccessDenied"):
        plain.put_object(Bucket=deployed.bucket, Key=KEY, Body=b"x")

"""A deployed lake that a test takes down: a CloudFormation that it scripts, and moto's S3, KMS, Glue and tags."""

from typing import Any

import pytest

from operations.stage import stage_named
from operations.teardown.teardown import teardown
from tests.unit.operations.fake_account import REGION, FakeAccount, no_sleep
from tests.unit.operations.fake_cloudformation import FakeCloudFormation, FakeStack

DEV = stage_named("dev")
TAGS = [{"Key": key, "Value": value} for key, value in DEV.tags.items()]
DELETED: tuple[str, list[Any]] = ("DELETE_COMPLETE", [])


def make_bucket(aws: FakeAccount, name: str, *keys: str) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": TAGS})
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    for key in keys:
        s3.put_object(Bucket=name, Key=key, Body=b"12345")


def make_key(aws: FakeAccount) -> str:
    tags = [{"TagKey": one["Key"], "TagValue": one["Value"]} for one in TAGS]
    return str(aws.client("kms").create_key(Tags=tags)["KeyMetadata"]["KeyId"])


def deployed(aws: FakeAccount, key: str) -> FakeCloudFormation:
    """Make a lake as a deployment leaves it."""
    make_bucket(aws, "lake", "bronze/a", "bronze/b", "silver/tasks/c")
    make_bucket(aws, "artifacts", "v1/infra/template.yaml")
    glue = aws.client("glue")
    for database, table in (("silver", "tasks"), ("gold", "task_throughput_daily")):
        glue.create_database(DatabaseInput={"Name": database})
        glue.create_table(DatabaseName=database, TableInput={"Name": table})
    fake = aws.cloudformation
    lake = fake.add(FakeStack(DEV.stack_name, "CREATE_COMPLETE", tags=DEV.tags))
    lake.resources = [
        ("LakeBucket", "lake", "AWS::S3::Bucket"),
        ("LakeKey", key, "AWS::KMS::Key"),
        ("AlarmKey", make_key(aws), "AWS::KMS::Key"),
        ("DemoTable", "todo-app-data", "AWS::DynamoDB::Table"),
        ("CdcLogGroup", "/task-lake/cdc", "AWS::Logs::LogGroup"),
        ("DemoAppLogGroup", "/task-lake-demo/app", "AWS::Logs::LogGroup"),
        ("ApiLogsDeliveryStream", "api-logs", "AWS::KinesisFirehose::DeliveryStream"),
    ]
    artifacts = fake.add(FakeStack(DEV.artifact_stack_name, "CREATE_COMPLETE", tags=DEV.tags))
    artifacts.outputs, artifacts.resources = (
        {"ArtifactBucketName": "artifacts"},
        [("ArtifactBucket", "artifacts", "AWS::S3::Bucket")],
    )
    fake.ends = [DELETED, DELETED]
    return fake


def run(aws: FakeAccount, deletes_data: bool = False, is_yes: bool = True) -> None:
    teardown(aws, DEV, deletes_data, is_yes, no_sleep)


def buckets(aws: FakeAccount) -> set[str]:
    return {one["Name"] for one in aws.client("s3").list_buckets()["Buckets"]}


def state(aws: FakeAccount, key: str) -> str:
    return str(aws.client("kms").describe_key(KeyId=key)["KeyMetadata"]["KeyState"])


def answer(monkeypatch: pytest.MonkeyPatch, *answers: str) -> None:
    left = list(answers)
    monkeypatch.setattr("builtins.input", lambda: left.pop(0))

"""`make replay STAGE=…` through the deployed doors: both functions run, both delivery streams write Bronze."""

import json
import time
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from cdc_lambda.envelope import to_envelope
from operations.replay.delivery_door import STREAMS
from operations.replay.function_doors import CDC_FUNCTION, FORWARDER_FUNCTION
from operations.replay.replay import replay
from operations.replay.report import ReplayReport
from operations.replay.stores import FailureStores, open_doors
from tests.aws.deployment import Deployment
from tests.aws.emulator import ACCOUNT
from tests.unit.local.stream_records import stream_record
from tests.unit.operations.replay.fakes import (
    BATCH,
    EVENT,
    UNDELIVERED,
    batch,
    changes,
    error_line,
    given_up,
    logs,
    no_progress,
    poison,
)

_DELIVERY_SECONDS = 60
_OPERATOR = "replay-operator"
_STORES = "aws/lambda/", "errors/firehose/"


@pytest.fixture
def lake(deployed: Deployment) -> Iterator[Deployment]:
    """The deployed lake, its failure stores empty before and after."""
    empty(deployed)
    nobody = json.dumps({"Version": "2012-10-17", "Statement": []})
    deployed.client("iam").create_role(RoleName=_OPERATOR, AssumeRolePolicyDocument=nobody)
    yield deployed
    deployed.client("iam").delete_role_policy(RoleName=_OPERATOR, PolicyName="replay")
    deployed.client("iam").delete_role(RoleName=_OPERATOR)
    empty(deployed)


def empty(lake: Deployment) -> None:
    for prefix in _STORES:
        for key in keys(lake, prefix):
            lake.client("s3").delete_object(Bucket=lake.bucket, Key=key)


def keys(lake: Deployment, prefix: str) -> list[str]:
    pages = lake.client("s3").get_paginator("list_objects_v2").paginate(Bucket=lake.bucket, Prefix=prefix)
    return [entry["Key"] for page in pages for entry in page.get("Contents", ())]


def put(lake: Deployment, key: str, body: str) -> str:
    lake.client("s3").put_object(Bucket=lake.bucket, Key=key, Body=body.encode())
    return key


def replayed(lake: Deployment) -> ReplayReport:
    """Replay with the rights that docs/runbook.md says an operator needs for it, and no others."""
    arn, bucket = f"us-east-1:{ACCOUNT}", f"arn:aws:s3:::{lake.bucket}"
    stores = [f"{bucket}/{prefix}*" for prefix in _STORES]
    rights = {
        "s3:ListBucket": [bucket],
        "s3:GetObject": stores,
        "s3:DeleteObject": stores,
        "kms:Decrypt": [lake.client("kms").describe_key(KeyId=lake.resources["LakeKey"])["KeyMetadata"]["Arn"]],
        "lambda:InvokeFunction": [
            f"arn:aws:lambda:{arn}:function:{name}" for name in (CDC_FUNCTION, FORWARDER_FUNCTION)
        ],
        "firehose:PutRecordBatch": [f"arn:aws:firehose:{arn}:deliverystream/{name}" for name in STREAMS.values()],
    }
    statements = [{"Effect": "Allow", "Action": action, "Resource": on} for action, on in rights.items()]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    lake.client("iam").put_role_policy(RoleName=_OPERATOR, PolicyName="replay", PolicyDocument=policy)
    s3, lambda_, firehose = (lake.emulator.client(service, _OPERATOR) for service in ("s3", "lambda", "firehose"))
    return replay(FailureStores(s3, lake.bucket), open_doors(lambda_, firehose), no_progress)


def arrived(lake: Deployment, before: set[str], folder: str, count: int) -> list[str]:
    """Return the new objects of a table, once so many are there."""
    deadline = time.monotonic() + _DELIVERY_SECONDS
    while len(found := sorted(set(keys(lake, folder)) - before)) < count and time.monotonic() < deadline:
        time.sleep(0.2)
    return found


def test_one_document_of_each_store_reaches_bronze_by_its_own_door_and_is_gone(lake: Deployment) -> None:
    before = set(keys(lake, "bronze/"))
    put(lake, BATCH.format(1), batch(*changes(1)))
    put(lake, EVENT.format(1), given_up(logs(1)))
    put(lake, UNDELIVERED.format(1), error_line(envelope(stream_record(7, user="bob"))))
    report = replayed(lake)
    assert (report.before.total(), dict(report.reasons)) == (3, {})
    assert [key for prefix in _STORES for key in keys(lake, prefix)] == []
    users = [key.split("/")[-2] for key in arrived(lake, before, "bronze/task_changes/", 2)]
    assert users == ["ada", "bob"]
    assert len(arrived(lake, before, "bronze/api_logs/", 1)) == 1


def test_what_the_deployed_function_cannot_decode_stays_and_its_neighbours_arrive(lake: Deployment) -> None:
    before = set(keys(lake, "bronze/"))
    stays = put(lake, BATCH.format(1), batch(stream_record(2, user="cy"), poison(3), stream_record(4, user="di")))
    report = replayed(lake)
    [(_, reason)] = report.reasons
    assert reason.startswith("undecodable: ")
    assert keys(lake, "aws/lambda/") == [stays]
    assert len(arrived(lake, before, "bronze/task_changes/", 2)) == 2


def envelope(record: Any) -> bytes:
    """Return the record as the function puts it into the delivery stream."""
    return orjson.dumps(to_envelope(record, "2025-10-15 12:00:00.000"))

"""Each correction of the emulator bites: without it the lake would pass where AWS refuses, or fail where AWS does not.

That partition keys come from the deployed query, that a nested template is found, and that the three types of resources
are made and deleted, is what test_flow.py, test_deployment.py and test_rights.py say.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.aws.deployment import Deployment
from tests.aws.emulator import ACCOUNT
from tests.aws.silver_lane import keys, rows, wait

RECORD = {"event_date": "2025-10-15", "user_id": "ada", "message": "a correction's"}
DAY = "bronze/api_logs/2025/10/15/"


@contextmanager
def denied(own_lake: Deployment, role: str, action: str) -> Iterator[None]:
    """Deny the role an action for as long as it takes."""
    iam, name = own_lake.client("iam"), own_lake.resources[role]
    statement = {"Effect": "Deny", "Action": action, "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": statement})
    iam.put_role_policy(RoleName=name, PolicyName="denied", PolicyDocument=document)
    yield
    iam.delete_role_policy(RoleName=name, PolicyName="denied")


@contextmanager
def trusted_with(own_lake: Deployment, role: str, condition: dict[str, str]) -> Iterator[None]:
    """Let the role be assumed by its service with this condition alone, for as long as it takes."""
    iam, name = own_lake.client("iam"), own_lake.resources[role]
    trust: dict[str, Any] = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
    other = {**trust, "Statement": [{**trust["Statement"][0], "Condition": {"StringEquals": condition}}]}
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(other))
    yield
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trust))


def hand_over(own_lake: Deployment) -> int:
    """Return how many objects more Bronze has after one record to the delivery stream, which writes it at once."""
    before = len(keys(own_lake, DAY))
    firehose = own_lake.client("firehose")
    firehose.put_record(DeliveryStreamName="api-logs", Record={"Data": json.dumps(RECORD).encode()})
    return len(keys(own_lake, DAY)) - before


def test_a_delivery_stream_writes_as_its_role_may(own_lake: Deployment) -> None:
    assert hand_over(own_lake) == 1


@pytest.mark.parametrize("action", ["s3:PutObject", "kms:GenerateDataKey", "glue:GetTable"])
def test_a_delivery_stream_needs_its_roles_right(own_lake: Deployment, action: str) -> None:
    with denied(own_lake, "ApiLogsDeliveryRole", action):
        assert hand_over(own_lake) == 0


@pytest.mark.parametrize(("account", "written"), [(ACCOUNT, 1), ("210987654321", 0)])
def test_firehose_tells_its_account_when_it_assumes_a_role(own_lake: Deployment, account: str, written: int) -> None:
    with trusted_with(own_lake, "ApiLogsDeliveryRole", {"sts:ExternalId": account}):
        assert hand_over(own_lake) == written


def test_a_rule_hands_over_to_a_delivery_stream_as_its_role_may(own_lake: Deployment) -> None:
    def ledger() -> set[str]:
        return {row["object_key"] for row in rows(own_lake, "bronze_ledger/")}

    def put(key: str) -> None:
        own_lake.client("s3").put_object(Bucket=own_lake.bucket, Key=key, Body=b"x")

    unannounced, announced = "bronze/corrections/1", "bronze/corrections/2"
    with denied(own_lake, "BronzeObjectRuleRole", "firehose:PutRecord"):
        put(unannounced)
        wait(lambda: "FailedInvocation" in own_lake.emulator.log.read_text(), "the refusal")
    put(announced)
    wait(lambda: announced in ledger(), "the ledger")
    assert unannounced not in ledger()


def test_the_key_is_asked_in_the_name_of_whoever_asks_s3(own_lake: Deployment) -> None:
    silver = own_lake.client("s3", "SilverRole")
    with denied(own_lake, "SilverRole", "kms:Decrypt"), pytest.raises(ClientError, match="AccessDenied"):
        silver.get_object(Bucket=own_lake.bucket, Key="silver/tasks/nothing")
    with pytest.raises(ClientError, match="NoSuchKey"):
        silver.get_object(Bucket=own_lake.bucket, Key="silver/tasks/nothing")


def test_glue_wants_the_right_on_the_catalog_and_the_database_too(own_lake: Deployment) -> None:
    iam, glue = own_lake.client("iam"), own_lake.client("glue", "AnalystRole")
    with pytest.raises(ClientError, match="EntityNotFound"):
        glue.get_table(DatabaseName="gold", Name="nothing")
    statement = {"Effect": "Deny", "Action": "glue:GetTable", "Resource": f"arn:aws:glue:us-east-1:{ACCOUNT}:catalog"}
    document, role = json.dumps({"Version": "2012-10-17", "Statement": statement}), own_lake.resources["AnalystRole"]
    iam.put_role_policy(RoleName=role, PolicyName="denied", PolicyDocument=document)
    with pytest.raises(ClientError, match="AccessDenied"):
        glue.get_table(DatabaseName="gold", Name="nothing")
    iam.delete_role_policy(RoleName=role, PolicyName="denied")

"""What an operator types, typed: each time on an account of its own, empty before and after."""

import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local.java import ROOT
from tests.aws.emulator import Emulator, start

STAGE = "test"
INVENTORY: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "cloudformation": ("stacks", lambda aws: aws.describe_stacks()["Stacks"]),
    "s3": ("buckets", lambda aws: aws.list_buckets()["Buckets"]),
    "iam": ("roles", lambda aws: aws.list_roles()["Roles"]),
    "lambda": ("functions", lambda aws: aws.list_functions()["Functions"]),
    "firehose": ("delivery streams", lambda aws: aws.list_delivery_streams()["DeliveryStreamNames"]),
    "dynamodb": ("tables", lambda aws: aws.list_tables()["TableNames"]),
    "logs": ("log groups", lambda aws: aws.describe_log_groups()["logGroups"]),
    "glue": ("databases", lambda aws: aws.get_databases()["DatabaseList"]),
    "stepfunctions": ("state machines", lambda aws: aws.list_state_machines()["stateMachines"]),
    "scheduler": ("schedules", lambda aws: aws.list_schedules()["Schedules"]),
    "sns": ("topics", lambda aws: aws.list_topics()["Topics"]),
    "sqs": ("queues", lambda aws: aws.list_queues().get("QueueUrls", [])),
    "cloudwatch": ("alarms", lambda aws: aws.describe_alarms()["MetricAlarms"]),
    "events": ("rules", lambda aws: aws.list_rules()["Rules"]),
}


@dataclass(frozen=True)
class Operator:
    """Types commands in the repository, as the account's administrator."""

    emulator: Emulator

    def types(self, command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        given = [f"{name}={value}" for name, value in variables.items()]
        environment = {**os.environ, **self.emulator.environment, "no_proxy": "127.0.0.1"}
        for name in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL"):  # of a make that runs this test
            environment.pop(name, None)
        line = ["make", command, f"STAGE={STAGE}", *given]
        return subprocess.run(line, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    def types_well(self, command: str, **variables: str) -> str:
        done = self.types(command, **variables)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def sees(self) -> dict[str, int]:
        """Return how many of each thing the account has."""
        return {name: len(count(self.emulator.client(api))) for api, (name, count) in INVENTORY.items()}


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[Operator]:
    with start(tmp_path) as emulator:
        yield Operator(emulator)


def lake_bucket(operator: Operator) -> str:
    [stack] = operator.emulator.client("cloudformation").describe_stacks(StackName=f"task-lake-{STAGE}")["Stacks"]
    return next(str(one["OutputValue"]) for one in stack["Outputs"] if one["OutputKey"] == "LakeBucketName")


def test_a_lake_is_deployed_looked_at_and_taken_down_without_a_remainder(operator: Operator) -> None:
    before = operator.sees()
    said = operator.types_well("deploy", YES="1")
    bucket = lake_bucket(operator)
    assert f"s3://{bucket}" in said
    assert "aws dynamodb put-item" in said

    assert "Nothing to change" in operator.types_well("deploy", YES="1")

    said = operator.types_well("status")
    assert f"task-lake-{STAGE} CREATE_COMPLETE" in said
    assert "silver_tasks         never ran" in said

    operator.emulator.client("s3").put_object(Bucket=bucket, Key="bronze/task_changes/x.parquet", Body=b"x")
    refused = operator.types("teardown")
    assert "say YES=1 to go on unasked" in refused.stderr
    assert f"s3://{bucket}" in operator.types_well("teardown", YES="1", DELETE_DATA="1")
    assert operator.sees() == before


def test_data_stays_after_a_teardown_and_a_later_deployment_has_a_bucket_of_its_own(operator: Operator) -> None:
    operator.types_well("deploy", YES="1")
    s3, bucket = operator.emulator.client("s3"), lake_bucket(operator)
    s3.put_object(Bucket=bucket, Key="bronze/task_changes/x.parquet", Body=b"x")
    assert f"The data stays: s3://{bucket}." in operator.types_well("teardown", YES="1")
    assert s3.head_object(Bucket=bucket, Key="bronze/task_changes/x.parquet")
    operator.types_well("deploy", YES="1")
    assert lake_bucket(operator) != bucket
    operator.types_well("teardown", YES="1", DELETE_DATA="1")


def test_a_failure_store_makes_the_status_red(operator: Operator) -> None:
    operator.types_well("deploy", YES="1")
    key = "errors/firehose/task_changes/format-conversion-failed/2025/10/15/x"
    operator.emulator.client("s3").put_object(Bucket=lake_bucket(operator), Key=key, Body=b"{}")
    said = operator.types("status")
    assert said.returncode == 2  # make's own, of any failure
    assert "1 object: `make replay STAGE=test`" in said.stdout
    assert "1 line is red" in said.stderr
    operator.types_well("teardown", YES="1", DELETE_DATA="1")


def test_a_deployment_that_fails_is_rolled_back_names_its_cause_and_can_be_taken_down(operator: Operator) -> None:
    before, glue = operator.sees(), operator.emulator.client("glue")
    glue.create_database(DatabaseInput={"Name": "bronze"})
    failed = operator.types("deploy", YES="1")
    assert failed.returncode == 2
    [line] = [line for line in failed.stderr.splitlines() if "ROLLBACK_COMPLETE" in line]
    for said in ("Database bronze already exists", "delete or rename it", "`make teardown STAGE=test`"):
        assert said in line
    again = operator.types("deploy", YES="1")
    assert line in again.stderr
    assert again.stdout == ""
    operator.types_well("teardown", YES="1")
    glue.delete_database(Name="bronze")
    # ministack does not delete the nested stack that failed, as AWS does with the rest of a rollback.
    assert operator.sees() == {**before, "stacks": before["stacks"] + 1}

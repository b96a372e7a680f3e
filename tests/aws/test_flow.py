"""What is written to the table and the log groups reaches Bronze and the ledger, each component under its own role."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.aws.deployment import Deployment
from tests.aws.silver_lane import keys, rows, wait, wait_for_ledger

TABLE = "todo-app-data"
ACCESS, APP = "/task-lake-demo/access", "/task-lake-demo/app"


def item(user: str, task: str, **attributes: Any) -> dict[str, Any]:
    created = {"created_at": {"N": "1760518800"}, "status": {"S": "pending"}}  # 2025-10-15T09:00:00Z
    return {"PK": {"S": f"TASK#{user}"}, "SK": {"S": f"TASK#{task}"}, **created, **attributes}


# DynamoDB's largest item is 400 KB; both images of it as JSON are more than a Firehose record may be.
LARGEST = item("ada", "flow-largest", attachment={"B": b"\xfb" * 404_000})
HIDDEN = item("_ada/é*", "flow-hidden", amount={"N": "99999999999999999999999999999999999999"})
EPHEMERAL = item("ada", "flow-ephemeral")
PERSONAL = {"PK": {"S": "USER#ada"}, "SK": {"S": "METADATA"}, "email": {"S": "ada@example.org"}}
LINES = {
    ACCESS: ['{"log":"access","request_id":"flow-1","user_id":"ada","status_code":200}', "START"],
    APP: ["no JSON"],
}


@dataclass(frozen=True)
class Flowed:
    """What Bronze and its ledger have of this module's writes, and the keys that came to ``errors/`` meanwhile."""

    changes: list[dict[str, Any]]
    lines: list[dict[str, Any]]
    ledger: list[dict[str, Any]]
    failed: set[str]


@pytest.fixture(scope="module")
def flowed(deployed: Deployment) -> Flowed:
    before = set(keys(deployed, "errors/"))
    write_table(deployed.client("dynamodb"))
    write_logs(deployed.client("logs"))
    wait(lambda: len(changes(deployed)) >= 6, "six changes of tasks in Bronze")
    wait(lambda: len(rows(deployed, "bronze/api_logs/")) >= 3, "three log lines in Bronze")
    wait_for_ledger(deployed)
    failed = set(keys(deployed, "errors/")) - before
    return Flowed(changes(deployed), rows(deployed, "bronze/api_logs/"), rows(deployed, "bronze_ledger/"), failed)


def write_table(table: Any) -> None:
    table.put_item(TableName=TABLE, Item=PERSONAL)
    for one in (HIDDEN, EPHEMERAL, LARGEST):
        table.put_item(TableName=TABLE, Item=one)
    table.put_item(TableName=TABLE, Item={**EPHEMERAL, "status": {"S": "completed"}})
    table.delete_item(TableName=TABLE, Key={name: EPHEMERAL[name] for name in ("PK", "SK")})
    table.put_item(TableName=TABLE, Item={**LARGEST, "status": {"S": "completed"}})


def write_logs(logs: Any) -> None:
    now = int(time.time() * 1000)
    for group, lines in LINES.items():
        logs.create_log_stream(logGroupName=group, logStreamName="flow")
        events = [{"timestamp": now, "message": line} for line in lines]
        logs.put_log_events(logGroupName=group, logStreamName="flow", logEvents=events)


def changes(deployed: Deployment) -> list[dict[str, Any]]:
    found = [row for row in rows(deployed, "bronze/task_changes/") if row["task_id"].startswith("flow-")]
    return sorted(found, key=lambda row: row["sequence_number"].rjust(40, "0"))


def test_each_write_to_a_task_is_one_row_and_no_other_entity_is_any(flowed: Flowed) -> None:
    assert [(row["task_id"], row["event_name"]) for row in flowed.changes] == [
        ("flow-hidden", "INSERT"),
        ("flow-ephemeral", "INSERT"),
        ("flow-largest", "INSERT"),
        ("flow-ephemeral", "MODIFY"),
        ("flow-ephemeral", "REMOVE"),
        ("flow-largest", "MODIFY"),
    ]
    assert {row["user_id"] for row in flowed.changes} == {"ada", "_ada/é*"}


def test_a_number_of_38_digits_arrives_as_it_was_written(flowed: Flowed) -> None:
    assert '"amount":{"N":"99999999999999999999999999999999999999"}' in flowed.changes[0]["new_image"]


def test_the_deployed_query_names_the_folders(deployed: Deployment, flowed: Flowed) -> None:
    folders = {key.rpartition("/")[0] for key in keys(deployed, "bronze/task_changes/2025/10/15/")}
    assert {"bronze/task_changes/2025/10/15/ada", "bronze/task_changes/2025/10/15/%5Fada%2F%C3%A9%2A"} <= folders
    assert len(flowed.changes) == 6


def test_images_too_large_for_firehose_are_claim_checked_under_the_functions_role(
    deployed: Deployment, flowed: Flowed
) -> None:
    (*_, completed) = flowed.changes
    assert completed["images_object"] in keys(deployed, "claim_checks/task_changes/")
    assert (completed["new_image"], completed["old_image"]) == (None, None)


def test_each_line_of_the_log_groups_is_one_row(flowed: Flowed) -> None:
    found = {(row["log_group"], row["message"], row["user_id"], row["request_id"]) for row in flowed.lines}
    assert {
        (ACCESS, LINES[ACCESS][0], "ada", "flow-1"),
        (ACCESS, "START", "anonymous", None),
        (APP, "no JSON", "anonymous", None),
    } <= found


def test_the_ledger_names_each_object_with_its_size(deployed: Deployment, flowed: Flowed) -> None:
    s3 = deployed.client("s3")
    assert {row["object_key"] for row in flowed.ledger} == set(keys(deployed, "bronze/"))
    one = flowed.ledger[0]
    assert s3.head_object(Bucket=deployed.bucket, Key=one["object_key"])["ContentLength"] == one["size_bytes"]
    assert abs(datetime.now(UTC) - one["created_at"].replace(tzinfo=UTC)) < timedelta(minutes=10)


def test_nothing_went_to_an_error_prefix(flowed: Flowed) -> None:
    assert (flowed.failed, len(flowed.changes)) == (set(), 6)


def test_a_delivery_stream_whose_role_may_not_write_delivers_nothing(deployed: Deployment, flowed: Flowed) -> None:
    iam, role = deployed.client("iam"), deployed.resources["ApiLogsDeliveryRole"]
    denial = '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:PutObject","Resource":"*"}}'
    before = keys(deployed, "bronze/api_logs/")
    iam.put_role_policy(RoleName=role, PolicyName="denial", PolicyDocument=denial)
    try:
        record = {"Data": b'{"event_date":"2025-10-15","user_id":"ada","message":"denied"}'}
        deployed.client("firehose").put_record_batch(DeliveryStreamName="api-logs", Records=[record])
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName="denial")
    assert (keys(deployed, "bronze/api_logs/"), len(flowed.lines)) == (before, 3)

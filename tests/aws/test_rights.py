"""Each role may do what its component needs, and is denied what its component must not do: a call each."""

from collections.abc import Mapping

import pytest

from tests.aws.deployment import Deployment
from tests.aws.rights import (
    DATA_KEY,
    Call,
    crawl,
    delete,
    delete_table,
    get,
    get_database,
    get_table,
    list_objects,
    new_log_stream,
    put,
    put_records,
    query,
    start_execution,
    start_job,
    write_table,
)

_STREAM = {"StreamArn": "{TaskStreamArn}"}
_QUEUE = {"QueueUrl": "{BronzeEventQueue}"}

ALLOWED: Mapping[str, list[Call]] = {
    "CdcRole": [
        Call("dynamodbstreams", "describe_stream", _STREAM),
        Call("dynamodbstreams", "list_streams", {"TableName": "todo-app-data"}),
        put_records("task-changes"),
        put("claim_checks/task_changes/a"),
        put("aws/lambda/mapping/shard/a"),
        list_objects("aws/lambda/"),
        new_log_stream("/task-lake/cdc"),
    ],
    "LogForwarderRole": [
        put_records("api-logs"),
        put("claim_checks/api_logs/a"),
        put("aws/lambda/async/a"),
        new_log_stream("/task-lake/log-forwarder"),
    ],
    "TaskChangesDeliveryRole": [
        get_table("bronze", "task_changes"),
        put("bronze/task_changes/a"),
        put("errors/firehose/task_changes/a"),
    ],
    "ApiLogsDeliveryRole": [
        get_table("bronze", "api_logs"),
        put("bronze/api_logs/a"),
        put("errors/firehose/api_logs/a"),
    ],
    "LedgerDeliveryRole": [
        get_table("bronze", "ledger"),
        put("bronze_ledger/a"),
        put("errors/firehose/ledger/a"),
    ],
    "BronzeObjectRuleRole": [
        Call("firehose", "put_record", {"DeliveryStreamName": "bronze-ledger", "Record": {"Data": b"{}"}}),
    ],
    "CrawlerRole": [
        get("bronze/task_changes/a"),
        list_objects("bronze/"),
        get_table("bronze", "task_changes"),
        Call("sqs", "receive_message", _QUEUE),
    ],
    "SilverRole": [
        get("bronze/task_changes/a"),
        get("bronze_ledger/a"),
        get("claim_checks/task_changes/a"),
        put("silver/tasks/a"),
        delete("silver/tasks/a"),
        put("silver/quarantine/a"),
        put("data_docs/silver_tasks/a"),
        get_database("silver"),
        write_table("create_table", "silver", "tasks"),
        write_table("update_table", "silver", "tasks"),
        new_log_stream("/task-lake/jobs/output"),
        Call("s3", "get_object", {"Bucket": "{ArtifactBucketName}", "Key": "{ArtifactVersion}/task_lake.zip"}),
        Call("glue", "get_security_configuration", {"Name": "task-lake-jobs"}),
    ],
    "SilverApiRole": [
        get("bronze/api_logs/a"),
        get("bronze_ledger/a"),
        get("claim_checks/api_logs/a"),
        put("silver/api_requests/a"),
        put("silver/quarantine/a"),
        put("data_docs/silver_api/a"),
        write_table("create_table", "silver", "api_requests"),
        write_table("update_table", "silver", "api_requests"),
    ],
    "MaintenanceRole": [
        list_objects("silver/"),
        get("silver/tasks/a"),
        delete("silver/tasks/a"),
        get_table("silver", "tasks"),
        write_table("update_table", "silver"),
    ],
    "GoldRole": [
        query("task-lake"),
        get("silver/tasks/a"),
        get_table("silver", "tasks"),
        put("gold/a"),
        delete("gold/a"),
        get("athena_results/a"),
        write_table("create_table", "gold"),
        delete_table("gold"),
        put("data_docs/gold/a"),
    ],
    "StateMachineRole": [
        start_job("silver_tasks"),
        start_job("silver_api"),
        start_job("silver_maintenance"),
        start_job("gold"),
        crawl("start_crawler", "bronze"),
        crawl("get_crawler", "bronze"),
        Call("sns", "publish", {"TopicArn": "{AlarmTopicArn}", "Message": "rights"}),
    ],
    "ScheduleRole": [start_execution("task-lake")],
    "AnalystRole": [
        query("task-lake"),
        get("gold/a"),
        get("silver/tasks/a"),
        list_objects("gold/"),
        get_table("gold", "task_throughput_daily"),
        get_table("silver", "tasks"),
        put("athena_results/a"),
    ],
}

DENIED: Mapping[str, list[Call]] = {
    "CdcRole": [
        Call("dynamodb", "scan", {"TableName": "todo-app-data"}),
        put_records("api-logs"),
        put_records("bronze-ledger"),
        put("bronze/task_changes/a"),
        put("claim_checks/api_logs/a"),
        put("silver/tasks/a"),
        get("claim_checks/task_changes/a"),
        delete("claim_checks/task_changes/a"),
        new_log_stream("/task-lake/log-forwarder"),
        DATA_KEY,
    ],
    "LogForwarderRole": [
        Call("dynamodbstreams", "describe_stream", _STREAM),
        put_records("task-changes"),
        put("claim_checks/task_changes/a"),
        put("bronze/api_logs/a"),
        get("bronze/api_logs/a"),
        new_log_stream("/task-lake/cdc"),
    ],
    "TaskChangesDeliveryRole": [
        get_table("bronze", "api_logs"),
        put("bronze/api_logs/a"),
        put("bronze_ledger/a"),
        put("silver/tasks/a"),
        delete("bronze/task_changes/a"),
        DATA_KEY,
    ],
    "ApiLogsDeliveryRole": [
        get_table("bronze", "task_changes"),
        put("bronze/task_changes/a"),
        put("errors/firehose/task_changes/a"),
        delete("bronze/api_logs/a"),
    ],
    "LedgerDeliveryRole": [
        get_table("bronze", "task_changes"),
        put("bronze/task_changes/a"),
        delete("bronze_ledger/a"),
    ],
    "BronzeObjectRuleRole": [put_records("task-changes"), put("bronze_ledger/a"), get("bronze/task_changes/a")],
    "CrawlerRole": [
        get("silver/tasks/a"),
        put("bronze/task_changes/a"),
        write_table("create_table", "bronze"),
        write_table("update_table", "bronze"),
        get_table("silver", "tasks"),
        Call("sqs", "send_message", {**_QUEUE, "MessageBody": "rights"}),
    ],
    "SilverRole": [
        put("bronze/task_changes/a"),
        delete("bronze/task_changes/a"),
        get("bronze/api_logs/a"),
        put("silver/api_requests/a"),
        put("data_docs/gold/a"),
        write_table("update_table", "silver", "api_requests"),
        delete("bronze_ledger/a"),
        get("errors/firehose/task_changes/a"),
        put("gold/a"),
        get("gold/a"),
        get_table("gold", "task_throughput_daily"),
        write_table("create_table", "gold"),
        write_table("update_table", "bronze"),
        delete_table("silver"),
        query("task-lake"),
        new_log_stream("/task-lake/cdc"),
        DATA_KEY,
    ],
    "SilverApiRole": [
        get("bronze/task_changes/a"),
        get("claim_checks/task_changes/a"),
        put("silver/tasks/a"),
        get("silver/tasks/a"),
        get_table("silver", "tasks"),
        write_table("update_table", "silver", "tasks"),
        put("data_docs/silver_tasks/a"),
        delete("bronze/api_logs/a"),
        put("gold/a"),
        query("task-lake"),
    ],
    "MaintenanceRole": [
        get("bronze/task_changes/a"),
        get("claim_checks/task_changes/a"),
        delete("gold/a"),
        put("data_docs/a"),
        delete_table("silver"),
        query("task-lake"),
    ],
    "GoldRole": [
        query("primary"),
        put("silver/tasks/a"),
        delete("silver/tasks/a"),
        get("bronze/task_changes/a"),
        get_table("bronze", "task_changes"),
        write_table("create_table", "silver"),
        write_table("update_table", "silver"),
        delete_table("silver"),
        DATA_KEY,
    ],
    "StateMachineRole": [
        start_job("another"),
        crawl("start_crawler", "another"),
        get("bronze/task_changes/a"),
        get("silver/tasks/a"),
        query("task-lake"),
        Call("sns", "publish", {"TopicArn": "arn:aws:sns:us-east-1:123456789012:another", "Message": "rights"}),
        Call("glue", "delete_job", {"JobName": "gold"}),
    ],
    "ScheduleRole": [start_execution("another"), start_job("silver_tasks"), get("gold/a")],
    "AnalystRole": [
        query("primary"),
        get("bronze/task_changes/a"),
        get("bronze_ledger/a"),
        get("errors/firehose/task_changes/a"),
        get("claim_checks/task_changes/a"),
        get("aws/lambda/mapping/shard/a"),
        list_objects("bronze/"),
        list_objects("errors/"),
        list_objects(""),
        put("gold/a"),
        delete("gold/a"),
        put("silver/tasks/a"),
        get_table("bronze", "task_changes"),
        write_table("create_table", "gold"),
        write_table("update_table", "silver"),
        delete_table("gold"),
        start_job("gold"),
        Call("dynamodb", "scan", {"TableName": "todo-app-data"}),
        DATA_KEY,
    ],
}


def each(table: Mapping[str, list[Call]]) -> pytest.MarkDecorator:
    """Run a test for each role and call."""
    calls = [(role, call) for role, calls in table.items() for call in calls]
    return pytest.mark.parametrize(("role", "call"), calls, ids=[f"{role} {call}" for role, call in calls])


@each(ALLOWED)
def test_a_role_may_do_what_its_component_needs(own_lake: Deployment, role: str, call: Call) -> None:
    assert call.is_allowed(own_lake, role)


@each(DENIED)
def test_a_role_is_denied_what_its_component_must_not_do(own_lake: Deployment, role: str, call: Call) -> None:
    assert not call.is_allowed(own_lake, role)


def test_every_role_of_the_templates_is_here(own_lake: Deployment) -> None:
    roles = {name for name in own_lake.resources if name.endswith("Role")}
    assert roles == set(ALLOWED) == set(DENIED)

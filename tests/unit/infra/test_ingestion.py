import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdc_lambda.claim_check import user_folder
from local import cloudformation
from local.template import Template, load_template

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def template() -> Template:
    return load_template(ROOT / "infra")


@cache
def compiled(query: str) -> Any:
    return jq.compile(query)


def folder_of(template: Template, user_id: str) -> dict[str, str]:
    query = compiled(str(template.delivery_stream_settings("TaskChangesDeliveryStream").partition_query))
    keys = query.input_value({"event_date": "2006-01-11", "user_id": user_id}).first()
    assert isinstance(keys, dict)
    return keys


def test_the_event_date_and_the_user_make_the_folder(template: Template) -> None:
    assert folder_of(template, "alice") == {"year": "2006", "month": "01", "day": "11", "user": "alice"}
    assert template.delivery_stream_settings("TaskChangesDeliveryStream").prefix == (
        "bronze/task_changes/!{partitionKeyFromQuery:year}/!{partitionKeyFromQuery:month}/"
        "!{partitionKeyFromQuery:day}/!{partitionKeyFromQuery:user}/"
    )


@pytest.mark.parametrize(
    ("user_id", "folder"),
    [
        ("a/b", "a%2Fb"),
        ("a b+c", "a%20b%2Bc"),
        ("né", "n%C3%A9"),
        ("100%", "100%25"),
        ("a*b*", "a%2Ab%2A"),
        ("a.b_c-d~e", "a.b_c-d~e"),
        (".", "%2E"),
        ("..", "%2E."),
        (".hidden", "%2Ehidden"),
        ("_temporary", "%5Ftemporary"),
        ("__", "%5F_"),
        ("=", "%3D"),
    ],
)
def test_a_user_is_a_folder_that_is_safe_visible_and_not_a_pattern(
    template: Template, user_id: str, folder: str
) -> None:
    assert folder_of(template, user_id)["user"] == folder


def test_the_laptops_jq_leaves_what_firehoses_jq_leaves(template: Template) -> None:
    # From 1.7 on jq encodes these, and the same user would have another folder on AWS.
    assert folder_of(template, "!'()")["user"] == "!'()"


def test_a_folder_of_any_user_is_cut_for_a_key_that_s3_takes(template: Template) -> None:
    assert folder_of(template, "日" * 682)["user"] == ("%E6%97%A5" * 682)[:200]


@given(user_id=st.text(min_size=1, max_size=40))
def test_a_claim_check_lies_in_the_users_folder(template: Template, user_id: str) -> None:
    assert user_folder(user_id) == folder_of(template, user_id)["user"]


def test_users_spread_evenly_over_as_many_buckets_as_are_set(template: Template) -> None:
    bucketed = load_template(ROOT / "infra", {"UserBuckets": "8"})
    folders = [folder_of(bucketed, f"user-{number}")["user"] for number in range(800)]
    assert {folder: 60 < folders.count(folder) < 140 for folder in folders} == {
        f"bucket-{number}": True for number in range(8)
    }
    assert folder_of(bucketed, "日本🚲" * 500)["user"] in folders
    assert folder_of(bucketed, "alice") == folder_of(bucketed, "alice")
    assert folder_of(template, "alice")["user"] == "alice"


def test_both_layers_of_bronze_are_partitioned_alike(template: Template) -> None:
    changes, logs = (
        template.delivery_stream_settings(name) for name in ("TaskChangesDeliveryStream", "ApiLogsDeliveryStream")
    )
    assert logs.partition_query == changes.partition_query
    assert (logs.name, logs.buffer_seconds, logs.buffer_bytes) == ("api-logs", 60, 64 << 20)
    assert logs.prefix == changes.prefix.replace("task_changes", "api_logs")
    assert logs.error_prefix == changes.error_prefix.replace("task_changes", "api_logs")


def test_firehose_buffers_as_long_and_as_much_as_conversion_asks(template: Template) -> None:
    changes, ledger = (
        template.delivery_stream_settings(name) for name in ("TaskChangesDeliveryStream", "LedgerDeliveryStream")
    )
    assert (changes.name, changes.buffer_seconds, changes.buffer_bytes) == ("task-changes", 60, 64 << 20)
    assert (ledger.name, ledger.buffer_seconds, ledger.buffer_bytes) == ("bronze-ledger", 300, 64 << 20)
    assert (changes.timestamp_formats, ledger.timestamp_formats) == ((), ("yyyy-MM-dd'T'HH:mm:ss'Z'",))


def test_each_delivery_stream_converts_by_the_bronze_table_it_fills(template: Template) -> None:
    database = template.properties("BronzeDatabase")["DatabaseInput"]["Name"]
    for stream, table in (
        ("TaskChangesDeliveryStream", "TaskChangesTable"),
        ("ApiLogsDeliveryStream", "ApiLogsTable"),
        ("LedgerDeliveryStream", "LedgerTable"),
    ):
        s3 = template.properties(stream)["ExtendedS3DestinationConfiguration"]
        schema = s3["DataFormatConversionConfiguration"]["SchemaConfiguration"]
        name = template.properties(table)["TableInput"]["Name"]
        assert (schema["DatabaseName"], schema["TableName"]) == (database, name)
        location = template.properties(table)["TableInput"]["StorageDescriptor"]["Location"]
        written_to = s3["Prefix"].split("!{")[0]
        assert location.argument == "s3://${LakeBucket}/" + written_to


def test_a_poison_record_can_neither_block_its_shard_nor_vanish(template: Template) -> None:
    mapping = template.properties("TaskStreamMapping")
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert (mapping["BisectBatchOnFunctionError"], mapping["MaximumRetryAttempts"]) == (True, 3)
    assert mapping["DestinationConfig"]["OnFailure"]["Destination"]
    assert (mapping["StartingPosition"], mapping["BatchSize"]) == ("TRIM_HORIZON", 100)


def test_the_filter_asks_for_the_prefix_of_both_keys(template: Template) -> None:
    (pattern,) = template.mapping_settings().filters
    task = [{"prefix": "TASK#"}]
    assert pattern == {"dynamodb": {"Keys": {"PK": {"S": task}, "SK": {"S": task}}}}


def test_the_ledger_follows_bronze_and_not_itself(template: Template) -> None:
    pattern = template.properties("BronzeObjectRule")["EventPattern"]["detail"]["object"]["key"]
    assert pattern == [{"prefix": "bronze/"}]
    ledger = template.delivery_stream_settings("LedgerDeliveryStream")
    for written in (ledger.prefix, ledger.error_prefix):
        assert not written.startswith("bronze/")


def test_a_ledger_row_has_the_columns_of_the_ledger(template: Template) -> None:
    rule = template.rule_settings()
    row = rule.input_template
    for name, value in {"key": '"bronze/x"', "size": "7", "time": '"2025-10-15T09:01:00Z"'}.items():
        row = row.replace(f"<{name}>", value)
    assert list(json.loads(row)) == [column.name for column in template.glue_columns("LedgerTable")]


@pytest.mark.parametrize(
    ("logical_id", "entry_point", "stream"),
    [
        ("CdcFunction", "cdc_lambda.handler.lambda_handler", "TaskChangesDeliveryStream"),
        ("LogForwarderFunction", "cdc_lambda.log_forwarder.lambda_handler", "ApiLogsDeliveryStream"),
    ],
)
def test_a_function_is_the_packaged_entry_point_with_its_stream(
    template: Template, logical_id: str, entry_point: str, stream: str
) -> None:
    function = template.properties(logical_id)
    assert (function["CodeUri"], function["Handler"]) == ("../build/cdc_lambda.zip", entry_point)
    variables = function["Environment"]["Variables"]
    assert variables["DELIVERY_STREAM"].argument == stream
    assert variables["LAKE_BUCKET"].argument == "LakeBucketName"


def test_a_payload_that_fails_is_tried_again_and_then_kept(template: Template) -> None:
    config = template.properties("LogForwarderInvokeConfig")
    assert config["FunctionName"].argument == "LogForwarderFunction"
    assert (config["MaximumRetryAttempts"], config["MaximumEventAgeInSeconds"]) == (2, 21600)
    assert config["DestinationConfig"]["OnFailure"]["Destination"]


def test_the_forwarder_can_never_be_subscribed_to_a_log_group_of_the_lake(template: Template) -> None:
    groups = {
        name: resource["Properties"]["LogGroupName"]
        for name, resource in template.resources.items()
        if resource["Type"] == "AWS::Logs::LogGroup"
    }
    assert template.properties("LogForwarderFunction")["LoggingConfig"]["LogGroup"].argument in groups
    assert all(name.startswith("/task-lake/") for name in groups.values())

    raw = (ROOT / "infra/ingestion.yaml").read_text(encoding="utf-8")
    subscribed = re.findall(r"Type: AWS::Logs::SubscriptionFilter\n(?:    .*\n)*?      LogGroupName: (.*)\n", raw)
    assert subscribed == ["!Ref AccessLogGroupName", "!Ref AppLogGroupName"]
    parameters = cloudformation.parse(raw)["Parameters"]
    for reference in subscribed:
        allowed = re.compile(parameters[reference.removeprefix("!Ref ")]["AllowedPattern"])
        assert not [name for name in groups.values() if allowed.match(name)]
        assert all(allowed.match(name) for name in ("", "/aws/lambda/todo-api", "API-Gateway-Execution-Logs_a1/prod"))


def test_only_a_group_that_is_subscribed_may_invoke_the_forwarder() -> None:
    named = load_template(ROOT / "infra", {"AccessLogGroupName": "/api/access", "AppLogGroupName": "/api/app"})
    permissions = [
        resource["Properties"]["SourceArn"].argument
        for resource in named.resources.values()
        if resource["Type"] == "AWS::Lambda::Permission"
    ]
    prefix = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:"
    assert permissions == [f"{prefix}${{AccessLogGroupName}}:*", f"{prefix}${{AppLogGroupName}}:*"]


def test_a_group_cannot_be_subscribed_twice() -> None:
    raw = (ROOT / "infra/ingestion.yaml").read_text(encoding="utf-8")
    rule = cloudformation.parse(raw)["Rules"]["EachGroupOnce"]
    [assertion] = rule["Assertions"]
    [equals] = assertion["Assert"].argument
    assert [reference.argument for reference in equals.argument] == ["AccessLogGroupName", "AppLogGroupName"]


def test_the_access_logs_format_is_documented_beside_its_subscription() -> None:
    raw = (ROOT / "infra/ingestion.yaml").read_text(encoding="utf-8")
    comment = "".join(line.strip("# ") for line in raw.splitlines() if line.startswith("  #   "))
    line = re.sub(r"\$context\.[A-Za-z.]+", "0", comment)
    assert list(json.loads(line)) == [
        "log",
        "request_id",
        "user_id",
        "requested_at_ms",
        "method",
        "route",
        "status_code",
        "latency_ms",
        "integration_error",
    ]


def test_each_function_writes_objects_only_under_its_own_prefixes_of_this_accounts_bucket(template: Template) -> None:
    for role, prefixes in (
        ("CdcRole", ["claim_checks/task_changes", "aws/lambda"]),
        ("LogForwarderRole", ["claim_checks/api_logs", "aws/lambda/async"]),
    ):
        [statement] = [
            statement
            for policy in template.properties(role)["Policies"]
            for statement in policy["PolicyDocument"]["Statement"]
            if statement["Action"] == "s3:PutObject"
        ]
        bucket = "arn:${AWS::Partition}:s3:::${LakeBucketName}"
        assert [arn.argument for arn in statement["Resource"]] == [f"{bucket}/{prefix}/*" for prefix in prefixes]
        assert statement["Condition"]["StringEquals"]["s3:ResourceAccount"].argument == "AWS::AccountId"


def test_no_role_may_do_everything_or_touch_everything(template: Template) -> None:
    for statement in role_statements(template):
        resources = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        assert not [action for action in actions if "*" in action]
        # A security configuration has no ARN that a policy could name.
        assert "*" not in resources or actions == ["glue:GetSecurityConfiguration"]


def test_every_log_group_forgets(template: Template) -> None:
    groups = [r for r in template.resources.values() if r["Type"] == "AWS::Logs::LogGroup"]
    assert len(groups) == 5
    assert all(group["Properties"]["RetentionInDays"] for group in groups)


def role_statements(template: Template) -> Iterator[dict[str, Any]]:
    for resource in template.resources.values():
        properties = resource["Properties"]
        if resource["Type"] == "AWS::IAM::Role":
            for policy in properties.get("Policies", []):
                yield from policy["PolicyDocument"]["Statement"]
        if resource["Type"] == "AWS::IAM::ManagedPolicy":
            yield from properties["PolicyDocument"]["Statement"]

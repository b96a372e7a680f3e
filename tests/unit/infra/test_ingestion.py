import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jq
import pytest

from local.template import Template, load_template

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def template() -> Template:
    return load_template(ROOT / "infra")


def folder_of(template: Template, user_id: str) -> dict[str, str]:
    query = template.delivery_stream_settings("TaskChangesDeliveryStream").partition_query
    keys = jq.compile(query).input_value({"event_date": "2006-01-11", "user_id": user_id}).first()
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


def test_the_function_is_the_packaged_handler(template: Template) -> None:
    function = template.properties("CdcFunction")
    assert (function["CodeUri"], function["Handler"]) == (
        "../build/cdc_lambda.zip",
        "cdc_lambda.handler.lambda_handler",
    )


def test_no_role_may_do_everything_or_touch_everything(template: Template) -> None:
    for statement in role_statements(template):
        resources = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
        assert "*" not in resources
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        assert not [action for action in actions if "*" in action]


def test_every_log_group_forgets(template: Template) -> None:
    groups = [r for r in template.resources.values() if r["Type"] == "AWS::Logs::LogGroup"]
    assert len(groups) == 2
    assert all(group["Properties"]["RetentionInDays"] for group in groups)


def role_statements(template: Template) -> Iterator[dict[str, Any]]:
    for resource in template.resources.values():
        properties = resource["Properties"]
        if resource["Type"] == "AWS::IAM::Role":
            for policy in properties.get("Policies", []):
                yield from policy["PolicyDocument"]["Statement"]
        if resource["Type"] == "AWS::IAM::ManagedPolicy":
            yield from properties["PolicyDocument"]["Statement"]

import json
from functools import cache
from pathlib import Path
from typing import Any

import jq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdc_lambda.claim_check import user_folder
from local.template import Template, load_template

INFRA = Path(__file__).parents[3] / "infra"


@pytest.fixture(scope="module")
def template() -> Template:
    return load_template(INFRA)


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
    bucketed = load_template(INFRA, {"UserBuckets": "8"})
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
        assert location.argument == "s3://${LakeBucketName}/" + written_to


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

from pathlib import Path

import pytest

from infra.cloudformation import Intrinsic
from local.ingestion import INFRA
from local.settings import AsyncInvokeSettings, Column
from local.template import Template, TemplateError, load_template


@pytest.fixture(scope="module")
def template() -> Template:
    return load_template(INFRA)


def test_the_mapping_is_the_deployed_one(template: Template) -> None:
    mapping = template.mapping_settings()
    assert (mapping.batch_size, mapping.window_seconds, mapping.max_retries) == (100, 10, 3)
    assert mapping.max_record_age_seconds == 86_400
    assert mapping.bisect
    assert mapping.reports_item_failures
    assert mapping.filters[0]["dynamodb"]["Keys"]["PK"] == {"S": [{"prefix": "TASK#"}]}


def test_a_delivery_stream_has_its_buffer_prefix_and_query(template: Template) -> None:
    stream = template.delivery_stream_settings("TaskChangesDeliveryStream")
    assert (stream.buffer_seconds, stream.buffer_bytes) == (60, 64 * 1024 * 1024)
    assert stream.prefix.startswith("bronze/task_changes/!{partitionKeyFromQuery:year}/")
    assert stream.partition_query
    assert ".user_id" in stream.partition_query


def test_the_ledger_has_no_partition_keys_and_its_own_timestamp_format(template: Template) -> None:
    stream = template.delivery_stream_settings("LedgerDeliveryStream")
    assert stream.partition_query is None
    assert stream.timestamp_formats == ("yyyy-MM-dd'T'HH:mm:ss'Z'",)
    assert template.glue_columns("LedgerTable")[1] == Column("size_bytes", "bigint")


def test_short_intrinsics_are_kept_as_what_they_are(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("Resources: {A: {Properties: {B: !Ref C, D: !Sub [a, {b: c}], E: !If {x: y}}}}")
    properties = load_template(tmp_path).properties("A")
    assert properties["B"] == Intrinsic("Ref", "C")
    assert properties["D"] == Intrinsic("Sub", ["a", {"b": "c"}])
    assert properties["E"] == Intrinsic("If", {"x": "y"})


def test_an_intrinsic_where_the_laptop_needs_a_literal_is_an_error() -> None:
    stream = {
        "DeliveryStreamName": Intrinsic("Ref", "Name"),
        "ExtendedS3DestinationConfiguration": {"BufferingHints": {"IntervalInSeconds": 60, "SizeInMBs": 64}},
    }
    template = Template({"S": {"Properties": stream}})
    with pytest.raises(TemplateError, match="DeliveryStreamName must be a literal"):
        template.delivery_stream_settings("S")


@pytest.mark.parametrize("setting", ["MaximumRetryAttempts", "MaximumRecordAgeInSeconds"])
def test_unbounded_retries_are_an_error(setting: str) -> None:
    bounded = {"MaximumRetryAttempts": 3, "MaximumRecordAgeInSeconds": 60}
    with pytest.raises(TemplateError, match=f"{setting} must be bounded"):
        Template({"TaskStreamMapping": {"Properties": bounded | {setting: -1}}}).mapping_settings()


def test_an_asynchronous_invocation_has_lambdas_defaults() -> None:
    template = Template({"Own": {"Properties": {"MaximumRetryAttempts": 1}}, "Default": {"Properties": {}}})
    assert template.async_settings("Own") == AsyncInvokeSettings(max_retries=1, max_age_seconds=21_600)
    assert template.async_settings("Default").max_retries == 2


def test_a_parameter_has_the_given_value_or_its_default(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(
        "Parameters: {N: {Type: Number, Default: 0}, M: {Type: String}}\n"
        "Resources: {A: {Properties: {N: !Ref N, M: !Ref M}}}"
    )
    assert load_template(tmp_path).properties("A") == {"N": "0", "M": Intrinsic("Ref", "M")}
    assert load_template(tmp_path, {"N": "16", "M": "m"}).properties("A") == {"N": "16", "M": "m"}
    with pytest.raises(TemplateError, match="no template has a parameter K"):
        load_template(tmp_path, {"K": "1"})


def test_a_missing_resource_is_named() -> None:
    with pytest.raises(TemplateError, match="no resource Nowhere"):
        Template({}).properties("Nowhere")

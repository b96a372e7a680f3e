from pathlib import Path

import pytest

from local.ingestion import INFRA
from local.settings import Column, Intrinsic
from local.template import Template, TemplateError, load_template


@pytest.fixture(scope="module")
def template() -> Template:
    return load_template(INFRA)


def test_the_mapping_is_the_deployed_one(template: Template) -> None:
    mapping = template.mapping_settings()
    assert (mapping.batch_size, mapping.window_seconds, mapping.max_retries) == (100, 10, 3)
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


def test_unbounded_retries_are_an_error() -> None:
    with pytest.raises(TemplateError, match="must be bounded"):
        Template({"TaskStreamMapping": {"Properties": {}}}).mapping_settings()


def test_a_missing_resource_is_named() -> None:
    with pytest.raises(TemplateError, match="no resource Nowhere"):
        Template({}).properties("Nowhere")

"""The deployed settings, read from the CloudFormation templates, so that laptop and cloud cannot differ."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.cloudformation import Intrinsic, parse, resolved
from local.settings import (
    AsyncInvokeSettings,
    Column,
    DeliveryStreamSettings,
    MappingSettings,
    RuleSettings,
    Table,
)

MIB = 1024 * 1024


class TemplateError(ValueError):
    """The template lacks a setting that the laptop reads, or holds an intrinsic where it needs a literal."""


@dataclass(frozen=True)
class Template:
    """The resources of all stacks by logical id."""

    resources: Mapping[str, Any]

    def properties(self, logical_id: str) -> Any:
        """Return the properties of one resource."""
        if logical_id not in self.resources:
            raise TemplateError(f"the template has no resource {logical_id}")
        return self.resources[logical_id]["Properties"]

    def function_timeout_seconds(self, logical_id: str = "CdcFunction") -> int:
        """Return how long one invocation may take; Lambda's default is 3 s."""
        return int(_literal(self.properties(logical_id).get("Timeout", 3), f"{logical_id}.Timeout"))

    def mapping_settings(self, logical_id: str = "TaskStreamMapping") -> MappingSettings:
        """Return the event source mapping's settings, with Lambda's own defaults."""
        mapping = self.properties(logical_id)
        return MappingSettings(
            batch_size=int(_literal(mapping.get("BatchSize", 100), f"{logical_id}.BatchSize")),
            window_seconds=int(mapping.get("MaximumBatchingWindowInSeconds", 0)),
            bisect=bool(mapping.get("BisectBatchOnFunctionError", False)),
            max_retries=_bounded(mapping, "MaximumRetryAttempts", logical_id),
            max_record_age_seconds=_bounded(mapping, "MaximumRecordAgeInSeconds", logical_id),
            reports_item_failures="ReportBatchItemFailures" in mapping.get("FunctionResponseTypes", []),
            filters=tuple(json.loads(f["Pattern"]) for f in mapping.get("FilterCriteria", {}).get("Filters", [])),
        )

    def async_settings(self, logical_id: str) -> AsyncInvokeSettings:
        """Return how a function is invoked asynchronously, with Lambda's own defaults: two retries, six hours."""
        config = self.properties(logical_id)
        return AsyncInvokeSettings(
            max_retries=int(_literal(config.get("MaximumRetryAttempts", 2), f"{logical_id}.MaximumRetryAttempts")),
            max_age_seconds=int(
                _literal(config.get("MaximumEventAgeInSeconds", 21_600), f"{logical_id}.MaximumEventAgeInSeconds")
            ),
        )

    def delivery_stream_settings(self, logical_id: str) -> DeliveryStreamSettings:
        """Return the settings of one delivery stream with an extended S3 destination."""
        stream = self.properties(logical_id)
        s3 = stream["ExtendedS3DestinationConfiguration"]
        hints = s3["BufferingHints"]
        return DeliveryStreamSettings(
            name=_literal(stream["DeliveryStreamName"], f"{logical_id}.DeliveryStreamName"),
            buffer_seconds=int(hints["IntervalInSeconds"]),
            buffer_bytes=int(hints["SizeInMBs"]) * MIB,
            prefix=_literal(s3["Prefix"], f"{logical_id}.Prefix"),
            error_prefix=_literal(s3["ErrorOutputPrefix"], f"{logical_id}.ErrorOutputPrefix"),
            partition_query=_partition_query(s3),
            timestamp_formats=_timestamp_formats(s3),
            table=_table(s3),
        )

    def glue_columns(self, logical_id: str) -> tuple[Column, ...]:
        """Return the columns of one Glue table, in order."""
        storage = self.properties(logical_id)["TableInput"]["StorageDescriptor"]
        return tuple(Column(column["Name"], column["Type"]) for column in storage["Columns"])

    def rule_settings(self, logical_id: str = "BronzeObjectRule") -> RuleSettings:
        """Return an EventBridge rule with the input transformer of its only target."""
        rule = self.properties(logical_id)
        (target,) = rule["Targets"]
        transformer = target["InputTransformer"]
        return RuleSettings(rule["EventPattern"], transformer["InputPathsMap"], transformer["InputTemplate"])


def load_template(folder: Path, parameters: Mapping[str, str] | None = None) -> Template:
    """Return the resources of every template in ``folder``; logical ids are unique across the stacks.

    A parameter has the given value or its default; what depends on one without either stays an ``Intrinsic``.
    """
    resources: dict[str, Any] = {}
    unknown = set(parameters or ())
    for path in sorted(folder.glob("*.yaml")):
        document = parse(path.read_text(encoding="utf-8"))
        declared = document.get("Parameters", {})
        unknown -= declared.keys()
        defaults = {name: str(one["Default"]) for name, one in declared.items() if "Default" in one}
        given = {name: value for name, value in (parameters or {}).items() if name in declared}
        resources |= resolved(document.get("Resources", {}), defaults | given)
    if unknown:
        raise TemplateError(f"no template has a parameter {min(unknown)}")
    return Template(resources)


def _literal(value: Any, setting: str) -> Any:
    if isinstance(value, Intrinsic | Mapping):
        raise TemplateError(f"{setting} must be a literal: the laptop reads it from the template")
    return value


def _bounded(mapping: Mapping[str, Any], setting: str, logical_id: str) -> int:
    limit = int(_literal(mapping.get(setting, -1), f"{logical_id}.{setting}"))
    if limit < 0:
        raise TemplateError(f"{logical_id}.{setting} must be bounded: one bad record blocks its shard")
    return limit


def _partition_query(s3: Mapping[str, Any]) -> str | None:
    if not s3.get("DynamicPartitioningConfiguration", {}).get("Enabled", False):
        return None
    for processor in s3["ProcessingConfiguration"]["Processors"]:
        if processor["Type"] == "MetadataExtraction":
            parameters = {p["ParameterName"]: p["ParameterValue"] for p in processor["Parameters"]}
            return str(_literal(parameters["MetadataExtractionQuery"], "MetadataExtractionQuery"))
    raise TemplateError("dynamic partitioning needs a MetadataExtraction processor")


def _table(s3: Mapping[str, Any]) -> Table:
    schema = s3["DataFormatConversionConfiguration"]["SchemaConfiguration"]
    return Table(_literal(schema["DatabaseName"], "DatabaseName"), _literal(schema["TableName"], "TableName"))


def _timestamp_formats(s3: Mapping[str, Any]) -> tuple[str, ...]:
    conversion = s3.get("DataFormatConversionConfiguration", {})
    deserializer = conversion.get("InputFormatConfiguration", {}).get("Deserializer", {})
    return tuple((deserializer.get("HiveJsonSerDe") or {}).get("TimestampFormats", ()))

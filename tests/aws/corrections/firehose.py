"""Firehose as AWS runs it: a query of JQ 1.6, prefixes, and each read and write under the delivery stream's role.

ministack 1.5.33 knows paths and strftime of JQ alone (``_jq_parse``), appends the hour to a prefix of partition keys
(``_evaluate_prefix``), and asks no role for what it writes (``_put_s3_object``).
"""

import json
import re
import threading
from functools import cache
from typing import Any

import jq
from ministack.core.responses import get_account_id
from ministack.services import firehose

from tests.aws.corrections import acting

_delivery = threading.local()
_deliver, _convert, _evaluate = firehose._deliver_to_s3, firehose._convert_to_parquet, firehose._evaluate_prefix
_HOUR = re.compile(r"\d{4}/\d\d/\d\d/\d\d/$")


def apply() -> None:
    """Put the corrections in the place of what they correct."""
    firehose._metadata_extraction_keys = partition_keys
    firehose._evaluate_prefix = evaluate_prefix
    firehose._deliver_to_s3 = deliver
    firehose._convert_to_parquet = convert
    firehose._put_s3_object = put_object


def partition_keys(destination: dict[str, Any], record: bytes) -> dict[str, str] | None:
    """Return what the destination's query makes of the record; None if it has none."""
    if (query := _query(destination)) is None:
        return None
    try:
        return {name: _text(value) for name, value in _program(query).input_text(record.decode()).first().items()}
    except (ValueError, AttributeError) as error:
        raise firehose._DeliveryError("processing-failed", f"Metadata extraction failed: {error}") from error


def _query(destination: dict[str, Any]) -> str | None:
    for processor in destination.get("ProcessingConfiguration", {}).get("Processors", []):
        for parameter in processor.get("Parameters", []):
            if parameter["ParameterName"] == "MetadataExtractionQuery":
                return str(parameter["ParameterValue"])
    return None


def _text(value: Any) -> str:
    if value is None or isinstance(value, (dict, list)):
        raise ValueError("a partition key has no scalar value")
    return value if isinstance(value, str) else json.dumps(value)


@cache
def _program(query: str) -> Any:
    return jq.compile(query)


def evaluate_prefix(template: str, *arguments: Any, **named: Any) -> str:
    """Return the prefix; one with expressions replaces the default of the hour: docs/aws-semantics.md#doubts."""
    evaluated: str = _evaluate(template, *arguments, **named)
    has_keys_alone = "!{partitionKey" in template and "!{timestamp:" not in template
    return _HOUR.sub("", evaluated) if has_keys_alone else evaluated


def deliver(stream: dict[str, Any], destination: dict[str, Any], record: bytes, lambda_keys: Any = None) -> None:
    """Deliver one record under the destination's role."""
    _delivery.role = destination["config"]["RoleARN"]
    _deliver(stream, destination, record, lambda_keys)


def convert(conversion: dict[str, Any], record: bytes) -> bytes:
    """Return the record as Parquet, after the role has read the schema's table."""
    schema = conversion["SchemaConfiguration"]
    _client("glue", schema["RoleARN"]).get_table(DatabaseName=schema["DatabaseName"], Name=schema["TableName"])
    converted: bytes = _convert(conversion, record)
    return converted


def put_object(bucket: str, key: str, body: bytes) -> None:
    """Write an object under the role of the delivery."""
    _client("s3", _delivery.role).put_object(Bucket=bucket, Key=key, Body=body)


def _client(api: str, role: str) -> Any:
    return acting.client(api, role, "firehose.amazonaws.com", {"sts:externalid": get_account_id()})

"""The template's settings that the laptop obeys, typed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class MappingSettings:
    """The event source mapping: how records become batches, and what happens to a batch that fails."""

    batch_size: int
    window_seconds: int
    bisect: bool
    max_retries: int
    max_record_age_seconds: int
    reports_item_failures: bool
    filters: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class AsyncInvokeSettings:
    """How often Lambda tries an asynchronous event again, and for how long, before its failure destination."""

    max_retries: int
    max_age_seconds: int


@dataclass(frozen=True)
class Table:
    """The Glue table whose columns a delivery stream converts to."""

    database: str
    name: str


@dataclass(frozen=True)
class DeliveryStreamSettings:
    """One Firehose delivery stream: buffering, object keys and conversion."""

    name: str
    buffer_seconds: int
    buffer_bytes: int
    prefix: str
    error_prefix: str
    partition_query: str | None
    timestamp_formats: tuple[str, ...]
    table: Table


@dataclass(frozen=True)
class Column:
    """One column of a Glue table, with its Hive type."""

    name: str
    type: str


@dataclass(frozen=True)
class RuleSettings:
    """An EventBridge rule: the events it takes and the text it makes of each."""

    pattern: Mapping[str, Any]
    input_paths: Mapping[str, str]
    input_template: str

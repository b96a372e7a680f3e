"""Stream records and small parts for the tests of the laptop's ingestion."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.lambda_functions.runtime import Invocation
from local.settings import DeliveryStreamSettings, MappingSettings, Table
from local.stream.stream_record import StreamRecord, parse_line

NOON = 1_760_529_600  # 2025-10-15T12:00:00Z


def stream_record(number: int, moment: float = NOON, user: str = "ada", key: str = "TASK#") -> dict[str, Any]:
    """Return an INSERT of task ``number``."""
    keys = {"PK": {"S": f"{key}{user}"}, "SK": {"S": f"TASK#t{number}"}}
    image = {**keys, "title": {"S": "é"}, "created_at": {"N": str(int(moment))}}
    return {
        "eventID": f"event-{number}",
        "eventName": "INSERT",
        "dynamodb": {
            "ApproximateCreationDateTime": moment,
            "Keys": keys,
            "NewImage": image,
            "SequenceNumber": str(10**20 + number),
        },
        "eventSourceARN": "arn:aws:dynamodb:us-east-1:123456789012:table/t/stream/s",
    }


def log_event(number: int, moment: float = NOON, message: str = "a line") -> dict[str, Any]:
    """Return one line of LOGS."""
    return {
        "logGroup": "/aws/lambda/todo-app",
        "logStream": "stream",
        "id": f"log-{number}",
        "timestamp": round(moment * 1000),
        "message": message,
    }


def parsed(record: dict[str, Any]) -> StreamRecord:
    """Return the record as the mapping takes it."""
    item = parse_line("input", 1, json.dumps(record).encode())
    assert isinstance(item, StreamRecord)
    return item


def batch_of(count: int) -> list[StreamRecord]:
    """Return records 0, 1, 2 … of one second."""
    return [parsed(stream_record(number)) for number in range(count)]


def write_lines(path: Path, lines: Iterable[dict[str, Any] | str]) -> Path:
    """Write one line each, JSON or as given."""
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
    return path


def numbers(event: dict[str, Any]) -> list[int]:
    """Return the task numbers of a Lambda event."""
    return [int(record["eventID"].removeprefix("event-")) for record in event["Records"]]


def mapping_settings(**changes: Any) -> MappingSettings:
    """Return the deployed mapping's kind of settings, with less to wait for."""
    settings: dict[str, Any] = {
        "batch_size": 4,
        "window_seconds": 10,
        "bisect": True,
        "max_retries": 3,
        "max_record_age_seconds": 86_400,
        "reports_item_failures": True,
        "filters": ({"dynamodb": {"Keys": {"PK": {"S": [{"prefix": "TASK#"}]}}}},),
    }
    return MappingSettings(**settings | changes)


def stream_settings(**changes: Any) -> DeliveryStreamSettings:
    """Return a delivery stream that partitions by ``user``."""
    settings: dict[str, Any] = {
        "name": "changes",
        "buffer_seconds": 60,
        "buffer_bytes": 1_000,
        "prefix": "bronze/!{partitionKeyFromQuery:user}/",
        "error_prefix": "errors/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd}/",
        "partition_query": "{user: .user}",
        "timestamp_formats": (),
        "table": Table("bronze", "changes"),
    }
    return DeliveryStreamSettings(**settings | changes)


@dataclass(frozen=True)
class Kept:
    """A batch that was given up, and why."""

    batch: Sequence[StreamRecord]
    invoke_count: int
    shard_id: str
    condition: str

    @property
    def numbers(self) -> list[int]:
        return numbers({"Records": [record.body for record in self.batch]})


class FailureList:
    """A failure store that remembers what it was given."""

    def __init__(self) -> None:
        self.kept: list[Kept] = []

    def keep(
        self,
        batch: Sequence[StreamRecord],
        invocation: Invocation | None,
        invoke_count: int,
        shard_id: str,
        condition: str,
    ) -> None:
        self.kept.append(Kept(batch, invoke_count, shard_id, condition))

    def numbers(self) -> list[int]:
        return [number for kept in self.kept for number in kept.numbers]


def objects(lake: Path, prefix: str) -> dict[str, bytes]:
    """Return every object under a prefix by its key."""
    files = [path for path in (lake / prefix).rglob("*") if path.is_file()]
    return {str(path.relative_to(lake)): path.read_bytes() for path in sorted(files)}

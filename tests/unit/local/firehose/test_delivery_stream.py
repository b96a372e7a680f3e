import base64
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from local.clock import VirtualClock
from local.firehose.delivery_stream import DeliveryStream
from local.firehose.parquet import ParquetConverter
from local.s3.bucket import LakeBucket
from local.settings import Column
from tests.unit.local.stream_records import NOON, objects, stream_settings


class Stream:
    """A delivery stream that partitions by ``user`` and converts ``count`` to a bigint; S3 is down until ``up_at``."""

    def __init__(self, lake: Path, up_at: float = NOON, **settings: Any) -> None:
        self.lake = lake
        self.clock = VirtualClock(NOON)
        self.seen: list[tuple[float, str, list[bytes]]] = []
        converter = ParquetConverter((Column("user", "string"), Column("count", "bigint")))
        bucket = LakeBucket(lake, self.clock, lambda now: now < up_at)
        self.firehose = DeliveryStream(
            stream_settings(**settings), converter, bucket, self.clock, self._observe, max_active_partitions=2
        )

    def _observe(self, place: str, records: Sequence[bytes]) -> None:
        self.seen.append((self.clock.now() - NOON, place, list(records)))

    def put(self, *records: Any) -> None:
        self.firehose.put([record if isinstance(record, bytes) else json.dumps(record).encode() for record in records])

    def errors(self, error_type: str) -> list[dict[str, Any]]:
        self.clock.run_until_idle()
        bodies = objects(self.lake, f"errors/{error_type}").values()
        return [json.loads(line) for body in bodies for line in body.splitlines()]


@pytest.fixture
def stream(tmp_path: Path) -> Stream:
    return Stream(tmp_path)


def test_each_partition_becomes_one_object_under_its_own_prefix(stream: Stream) -> None:
    stream.put({"user": "ada"}, {"user": "bob"}, {"user": "ada"})
    stream.clock.run_until_idle()
    keys = list(objects(stream.lake, "bronze"))
    assert [key.rsplit("/", 1)[0] for key in keys] == ["bronze/ada", "bronze/bob"]
    assert all("/changes-1-2025-10-15-12-00-00-" in key and key.endswith(".parquet") for key in keys)
    assert (stream.firehose.rows, stream.firehose.objects) == (3, 2)


def test_the_same_records_make_the_same_objects(tmp_path: Path) -> None:
    runs = [Stream(tmp_path / name) for name in ("a", "b")]
    for run in runs:
        run.put({"user": "ada"}, {"user": "bob"})
        run.clock.run_until_idle()
    assert objects(runs[0].lake, "bronze") == objects(runs[1].lake, "bronze")


def test_a_record_without_partition_keys_is_kept_as_processing_failed(stream: Stream) -> None:
    stream.put(b"no JSON", {"user": None})
    first, second = stream.errors("processing-failed/2025/10/15")
    assert base64.b64decode(first["rawData"]) == b"no JSON"
    assert (first["errorCode"], first["arrivalTimestamp"]) == (
        "DynamicPartitioning.MetadataExtractionFailed",
        NOON * 1000,
    )
    assert "must not be null or empty" in second["errorMessage"]


def test_a_record_that_does_not_convert_is_kept_as_format_conversion_failed(stream: Stream) -> None:
    stream.put({"user": "ada", "count": "many"}, {"user": "ada", "count": 1})
    (document,) = stream.errors("format-conversion-failed/2025/10/15")
    assert json.loads(base64.b64decode(document["rawData"])) == {"user": "ada", "count": "many"}
    assert document["ErrorMessage"] == "count: 'many' is no bigint"
    assert document["dataCatalogTable"]["tableName"] == "changes"
    assert (stream.firehose.rows, stream.firehose.errors) == (1, 1)


def test_the_time_in_a_prefix_is_the_oldest_records_arrival(tmp_path: Path) -> None:
    stream = Stream(tmp_path, partition_query=None, prefix="ledger/!{timestamp:HH/mm}/", buffer_seconds=300)
    stream.put({"user": "ada"})
    stream.clock.advance_to(NOON + 299)
    stream.put({"user": "bob"})
    stream.clock.run_until_idle()
    (key,) = objects(tmp_path, "ledger")
    assert key.startswith("ledger/12/00/")


def test_past_the_quota_of_active_partitions_records_are_kept_in_the_error_prefix(stream: Stream) -> None:
    stream.put({"user": "ada"}, {"user": "bob"}, {"user": "cleo"}, {"user": "ada"})
    (document,) = stream.errors("activePartitionExceeded/2025/10/15")
    assert json.loads(base64.b64decode(document["rawData"])) == {"user": "cleo"}
    assert document["errorMessage"] == "The number of active partitions has exceeded the configured limit"
    assert (stream.firehose.rows, stream.firehose.errors) == (3, 1)
    stream.put({"user": "cleo"})
    stream.clock.run_until_idle()
    assert stream.firehose.rows == 4


def test_each_place_is_told_with_its_records_once_they_are_there(stream: Stream) -> None:
    poison, good = b'{"user": "ada", "count": "many"}', b'{"user": "ada", "count": 1}'
    stream.put(poison, good, b"no JSON")
    assert stream.seen == []
    stream.clock.run_until_idle()
    assert stream.seen == [
        (60, "errors/format-conversion-failed", [poison]),
        (60, "bronze", [good]),
        (60, "errors/processing-failed", [b"no JSON"]),
    ]


def test_while_s3_is_down_objects_are_held_and_records_taken(tmp_path: Path) -> None:
    stream = Stream(tmp_path, up_at=NOON + 600, prefix="bronze/!{timestamp:HH/mm}/!{partitionKeyFromQuery:user}/")
    stream.put({"user": "ada"}, {"user": "bob", "count": "many"}, {"user": ""})
    stream.clock.advance_to(NOON + 300)
    stream.put({"user": "ada"})
    stream.clock.advance_to(NOON + 599)
    assert (stream.seen, objects(tmp_path, "bronze"), objects(tmp_path, "errors")) == ([], {}, {})
    stream.clock.run_until_idle()
    assert [key.rsplit("/", 1)[0] for key in objects(tmp_path, "bronze")] == ["bronze/12/00/ada", "bronze/12/05/ada"]
    assert (stream.firehose.rows, stream.firehose.errors, stream.firehose.lost) == (2, 2, 0)
    assert {moment for moment, _, _ in stream.seen} == {600}


def test_a_partition_that_cannot_be_delivered_stays_active(tmp_path: Path) -> None:
    stream = Stream(tmp_path, up_at=NOON + 600)
    stream.put({"user": "ada"}, {"user": "bob"})
    stream.clock.advance_to(NOON + 300)
    stream.put({"user": "cleo"})
    stream.clock.run_until_idle()
    assert (stream.firehose.rows, stream.firehose.errors) == (2, 1)


def test_records_that_s3_did_not_take_for_a_day_are_lost_and_counted(tmp_path: Path) -> None:
    stream = Stream(tmp_path, up_at=NOON + 24 * 3600 + 1)
    stream.put(b'{"user": "ada"}', b"no JSON")
    stream.clock.advance_to(NOON + 1)
    stream.put(b'{"user": "bob"}')
    stream.clock.run_until_idle()
    assert (stream.firehose.lost, stream.firehose.rows, stream.firehose.errors) == (2, 1, 0)
    assert stream.seen == [
        (24 * 3600, "lost", [b'{"user": "ada"}']),
        (24 * 3600, "lost", [b"no JSON"]),
        (24 * 3600 + 1, "bronze", [b'{"user": "bob"}']),
    ]

"""A Firehose delivery stream in this process: docs/aws-semantics.md#firehose-8."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from local.clock import VirtualClock
from local.firehose.buffers import ActivePartitionsExceededError, Arrival, Buffers, PartitionKeys
from local.firehose.errors import CONVERSION_FAILED, PARTITIONS_EXCEEDED, PROCESSING_FAILED, error_document
from local.firehose.parquet import ParquetConverter
from local.firehose.partition_keys import MetadataExtractionError, PartitionQuery
from local.firehose.prefix import expand, folder, object_name
from local.firehose.s3_delivery import FirehoseObject, deliver
from local.s3.bucket import LakeBucket
from local.settings import DeliveryStreamSettings

LOST = "lost"
_NO_KEYS: PartitionKeys = ()
Observer = Callable[[str, Sequence[bytes]], None]


def nobody(place: str, records: Sequence[bytes]) -> None:
    """Observe nothing."""


class DeliveryStream:
    """Partition keys first, then buffering, then conversion and delivery, as AWS orders them.

    What cannot be partitioned or converted goes to the error prefix; no record is refused, and none is lost unless
    S3 is down for a day. ``observe`` is told each place and its records once they are there: ``bronze/<table>``, the
    error prefix with its error type, or ``lost``.
    """

    def __init__(
        self,
        settings: DeliveryStreamSettings,
        converter: ParquetConverter,
        bucket: LakeBucket,
        clock: VirtualClock,
        observe: Observer = nobody,
        max_active_partitions: int = 500,
    ) -> None:
        self.name = settings.name
        self._settings = settings
        self._converter = converter
        self._bucket = bucket
        self._clock = clock
        self._observe = observe
        self._query = PartitionQuery(settings.partition_query) if settings.partition_query else None
        hints = settings.buffer_seconds, settings.buffer_bytes
        self._partitions = Buffers(*hints, self._deliver_partition, clock, max_active_partitions)
        self._unpartitioned = Buffers(*hints, self._deliver_unpartitioned, clock)
        self.accepted = self.rows = self.objects = self.bytes = self.errors = self.lost = 0
        self.error_paths: list[Path] = []

    def put(self, records: Iterable[bytes]) -> list[str]:
        """Accept records and return their ids, in order."""
        return [self._put(record) for record in records]

    def _put(self, data: bytes) -> str:
        now = self._clock.now()
        try:
            keys = self._query.keys(data) if self._query else _NO_KEYS
            self._partitions.add(keys, Arrival(data, now))
        except MetadataExtractionError as error:
            self._unpartitioned.add(PROCESSING_FAILED, Arrival(data, now, str(error)))
        except ActivePartitionsExceededError as error:
            self._unpartitioned.add(PARTITIONS_EXCEEDED, Arrival(data, now, str(error)))
        self.accepted += 1
        return f"{self.name}-{self.accepted:020d}"

    def _deliver_partition(self, keys: PartitionKeys, arrivals: Sequence[Arrival]) -> None:
        conversion = self._converter.convert([arrival.data for arrival in arrivals])
        if conversion.faults:
            failed = [replace(arrivals[at], fault=why) for at, why in conversion.faults.items()]
            self._deliver_errors(CONVERSION_FAILED, failed)
        if conversion.parquet is None:
            self._partitions.delivered(keys)
            return
        prefix = expand(self._settings.prefix, arrivals[0].arrived_at, dict(keys))
        key = f"{prefix}{self._object_name(prefix, arrivals)}.parquet"
        rows = [arrival.data for at, arrival in enumerate(arrivals) if at not in conversion.faults]
        parquet = FirehoseObject(key, conversion.parquet, folder(self._settings.prefix), rows, arrivals[0].arrived_at)
        deliver(parquet, self._bucket, self._clock, partial(self._rows_settled, keys, parquet))

    def _deliver_unpartitioned(self, error_type: str, failed: Sequence[Arrival]) -> None:
        self._unpartitioned.delivered(error_type)
        self._deliver_errors(error_type, failed)

    def _deliver_errors(self, error_type: str, failed: Sequence[Arrival]) -> None:
        prefix = expand(self._settings.error_prefix, failed[0].arrived_at, {}, error_type)
        key = prefix + self._object_name(prefix, failed)
        documents = [error_document(error_type, one, self._settings.table, self._clock.now()) for one in failed]
        body = "".join(f"{document}\n" for document in documents).encode()
        place = f"{folder(self._settings.error_prefix)}/{error_type}"
        lines = FirehoseObject(key, body, place, [one.data for one in failed], failed[0].arrived_at)
        deliver(lines, self._bucket, self._clock, partial(self._errors_settled, lines))

    def _object_name(self, prefix: str, arrivals: Sequence[Arrival]) -> str:
        # Named by what came in: the file's bytes change with the library that writes it.
        content = b"\n".join(arrival.data for arrival in arrivals)
        return object_name(self.name, prefix, arrivals[0].arrived_at, content)

    def _rows_settled(self, keys: PartitionKeys, parquet: FirehoseObject, path: Path | None) -> None:
        self._partitions.delivered(keys)
        if path:
            self.rows += len(parquet.records)
            self.objects += 1
            self.bytes += len(parquet.body)
        self._settled(parquet, path)

    def _errors_settled(self, lines: FirehoseObject, path: Path | None) -> None:
        if path:
            self.errors += len(lines.records)
            self.error_paths.append(path)
        self._settled(lines, path)

    def _settled(self, finished: FirehoseObject, path: Path | None) -> None:
        if path is None:
            self.lost += len(finished.records)
        self._observe(finished.place if path else LOST, finished.records)

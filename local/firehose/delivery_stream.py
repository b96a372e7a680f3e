"""A Firehose delivery stream in this process: docs/aws-semantics.md#firehose-8."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from local.clock import VirtualClock
from local.firehose.buffers import Arrival, Buffers, PartitionKeys
from local.firehose.errors import CONVERSION_FAILED, PROCESSING_FAILED, conversion_failed, processing_failed
from local.firehose.parquet import ParquetConverter
from local.firehose.partition_keys import MetadataExtractionError, PartitionQuery
from local.firehose.prefix import expand, object_name
from local.s3.bucket import LakeBucket
from local.settings import DeliveryStreamSettings

_NO_KEYS: PartitionKeys = ()


class DeliveryStream:
    """Partition keys first, then buffering, then conversion and delivery, as AWS orders them.

    What cannot be partitioned or converted goes to the error prefix; no record is refused or lost.
    """

    def __init__(
        self,
        settings: DeliveryStreamSettings,
        converter: ParquetConverter,
        bucket: LakeBucket,
        clock: VirtualClock,
    ) -> None:
        self.name = settings.name
        self._settings = settings
        self._converter = converter
        self._bucket = bucket
        self._clock = clock
        self._query = PartitionQuery(settings.partition_query) if settings.partition_query else None
        hints = settings.buffer_seconds, settings.buffer_bytes
        self._partitions = Buffers(*hints, self._deliver, clock)
        self._unpartitioned = Buffers(*hints, self._deliver_unpartitioned, clock)
        self.accepted = self.rows = self.objects = self.bytes = self.errors = 0
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
            self._unpartitioned.add(_NO_KEYS, Arrival(data, now, str(error)))
        self.accepted += 1
        return f"{self.name}-{self.accepted:020d}"

    def _deliver(self, keys: PartitionKeys, arrivals: Sequence[Arrival]) -> None:
        conversion = self._converter.convert([arrival.data for arrival in arrivals])
        if conversion.parquet is not None:
            prefix = expand(self._settings.prefix, arrivals[0].arrived_at, dict(keys))
            # Named by what came in: the file's bytes change with the library that writes it.
            name = object_name(self.name, prefix, arrivals[0].arrived_at, _content(arrivals))
            self._bucket.put(f"{prefix}{name}.parquet", conversion.parquet)
            self.rows += conversion.rows
            self.objects += 1
            self.bytes += len(conversion.parquet)
        if conversion.faults:
            self._deliver_unconverted([replace(arrivals[at], fault=why) for at, why in conversion.faults.items()])

    def _deliver_unconverted(self, failed: Sequence[Arrival]) -> None:
        documents = [conversion_failed(one, self._settings.table, self._clock.now()) for one in failed]
        self._deliver_errors(CONVERSION_FAILED, failed, documents)

    def _deliver_unpartitioned(self, _: PartitionKeys, failed: Sequence[Arrival]) -> None:
        documents = [processing_failed(one, self._clock.now()) for one in failed]
        self._deliver_errors(PROCESSING_FAILED, failed, documents)

    def _deliver_errors(self, error_type: str, failed: Sequence[Arrival], documents: Sequence[str]) -> None:
        prefix = expand(self._settings.error_prefix, failed[0].arrived_at, {}, error_type)
        name = object_name(self.name, prefix, failed[0].arrived_at, _content(failed))
        body = "".join(f"{document}\n" for document in documents)
        self.error_paths.append(self._bucket.put(prefix + name, body.encode()))
        self.errors += len(failed)


def _content(arrivals: Iterable[Arrival]) -> bytes:
    return b"\n".join(arrival.data for arrival in arrivals)

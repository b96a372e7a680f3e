"""Lambda's event source mapping for a DynamoDB stream: docs/aws-semantics.md#event-source-mapping-1."""

import json
import zlib
from collections.abc import Sequence

from local.clock import VirtualClock
from local.event_pattern import matches
from local.event_source_mapping.shard import FailureStore, Invoke, Shard, Waiting
from local.settings import MappingSettings
from local.stream.stream_record import StreamRecord

PARTITION_KEY = "PK"


class EventSourceMapping:
    """Feeds a stream's records to a function from the oldest on (``TRIM_HORIZON``); each shard for itself, in order.

    All changes of one partition key come through one shard.
    """

    def __init__(
        self,
        settings: MappingSettings,
        invoke: Invoke,
        on_failure: FailureStore,
        clock: VirtualClock,
        shards: int = 1,
    ) -> None:
        self._filters = settings.filters
        self._clock = clock
        self._shards = [Shard(shard_id(number), settings, invoke, on_failure, clock) for number in range(shards)]
        self.filtered = 0

    def offer(self, record: StreamRecord) -> None:
        """Read one record: drop it by the filter, or add it to its shard's batch."""
        if self._passes_filter(record):
            self._shard_of(record).read(record)
        else:
            self.filtered += 1

    def redrive(self, records: Sequence[StreamRecord]) -> None:
        """Invoke a batch that was given up before, now and as if just read; the filter has already passed it."""
        for shard in self._shards:
            batch = [Waiting(record, self._clock.now()) for record in records if self._shard_of(record) is shard]
            shard.process(batch)

    def _passes_filter(self, record: StreamRecord) -> bool:
        return not self._filters or any(matches(pattern, record.body) for pattern in self._filters)

    def _shard_of(self, record: StreamRecord) -> Shard:
        return self._shards[zlib.crc32(_partition_key(record).encode()) % len(self._shards)]


def _partition_key(record: StreamRecord) -> str:
    """Return the key as text; what nobody can decode may have none when it is redriven."""
    try:
        return json.dumps(record.body["dynamodb"]["Keys"][PARTITION_KEY])
    except (LookupError, TypeError):
        return ""


def shard_id(number: int) -> str:
    """Return an id in the form of DynamoDB's: ``shardId-00000000000000000000-00000001``."""
    return f"shardId-{0:020}-{number:08x}"

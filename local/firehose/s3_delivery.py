"""Firehose's delivery of an object to S3, held while S3 is down: docs/aws-semantics.md#firehose-4."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from local.clock import VirtualClock
from local.s3.bucket import LakeBucket, S3UnavailableError

RETRY_SECONDS = 60
RETENTION_SECONDS = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class FirehoseObject:
    """A finished object, and the records in it; ``place`` is its folder without dates and users."""

    key: str
    body: bytes
    place: str
    records: Sequence[bytes]
    oldest_arrival: float


def deliver(
    finished: FirehoseObject, bucket: LakeBucket, clock: VirtualClock, settled: Callable[[Path | None], None]
) -> None:
    """Put the object, again each minute while S3 is down; tell ``settled`` once where it lies, or None if it is lost.

    AWS documents that it tries for 24 hours, here those of the object's oldest record, and not how often.
    """
    try:
        path = bucket.put(finished.key, finished.body)
    except S3UnavailableError:
        deadline = finished.oldest_arrival + RETENTION_SECONDS
        if clock.now() >= deadline:
            settled(None)
        else:
            retry = partial(deliver, finished, bucket, clock, settled)
            clock.at(min(clock.now() + RETRY_SECONDS, deadline), retry)
    else:
        settled(path)

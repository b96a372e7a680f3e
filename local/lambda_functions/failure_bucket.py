"""Lambda's documents about what it gave up, in S3: docs/aws-semantics.md#event-source-mapping-5."""

import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path

from local.clock import VirtualClock
from local.s3.bucket import LakeBucket, S3UnavailableError
from local.times import utc

RETRY_SECONDS = 60
_DOCUMENTS = uuid.UUID("c1d5a7f0-52f4-5b6e-8d83-77cb5d0d2b11")


class FailureBucket:
    """Keeps documents; one that S3 does not take is held and put again every minute: no document is lost."""

    def __init__(self, bucket: LakeBucket, clock: VirtualClock) -> None:
        self._bucket = bucket
        self._clock = clock
        self.paths: list[Path] = []

    def keep(self, folder: str, document: str, kept: Callable[[], None]) -> None:
        """Put the document under Lambda's own name for it, without an extension, and call ``kept`` once it lies."""
        moment = utc(self._clock.now())
        name = f"{moment:%Y/%m/%d}/{moment:%Y-%m-%dT%H.%M.%S}-{uuid.uuid5(_DOCUMENTS, document)}"
        self._put(folder + name, document.encode(), kept)

    def _put(self, key: str, body: bytes, kept: Callable[[], None]) -> None:
        try:
            self.paths.append(self._bucket.put(key, body))
        except S3UnavailableError:
            self._clock.at(self._clock.now() + RETRY_SECONDS, partial(self._put, key, body, kept))
        else:
            kept()

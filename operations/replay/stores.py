"""The failure stores of a deployed lake: prefixes of its bucket, each written by one service."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import IO, Any, Final

from botocore.exceptions import ClientError

from operations.replay.delivery_door import STREAMS, delivery_door
from operations.replay.door import Door, NotADocumentError
from operations.replay.function_doors import CDC_FUNCTION, FORWARDER_FUNCTION, ForwarderDoor, StreamDoor

LAMBDA: Final = "aws/lambda/"
ASYNC: Final = f"{LAMBDA}async/"
FIREHOSE: Final = "errors/firehose/"
PREFIXES: Final = (LAMBDA, FIREHOSE)
# Of a batch of 6 MB as text within JSON each character may take six bytes; what is larger Lambda did not write.
MAX_DOCUMENT_BYTES: Final = 48 * 1024 * 1024
PAGE_OBJECTS: Final = 1000  # which is the most
_IN_MEMORY_BYTES: Final = 16 * 1024 * 1024


@dataclass(frozen=True)
class FailedObject:
    """One object of a failure store."""

    key: str
    size: int
    written_at: datetime

    @property
    def store(self) -> str:
        """Return the store that a report counts it in: the folder of one service, and of one kind of failure."""
        parts = self.key.split("/")
        if self.key.startswith(ASYNC):
            return "/".join(parts[:4])
        return "aws/lambda/<mapping>" if self.key.startswith(LAMBDA) else "/".join(parts[:4])


class FailureStores:
    """The objects that the services left in a lake's bucket when they gave up."""

    def __init__(self, s3: Any, bucket: str, since: date | None = None, prefix: str = "") -> None:
        self._s3, self._bucket, self._prefix = s3, bucket, prefix
        self._since = datetime(since.year, since.month, since.day, tzinfo=UTC) if since else None

    def uri(self, key: str) -> str:
        """Return an object's address."""
        return f"s3://{self._bucket}/{key}"

    def objects(self, until: datetime | None = None) -> Iterator[FailedObject]:
        """Yield the chosen objects, a page of them in memory at a time; none written after ``until``, by S3's clock."""
        pages = self._s3.get_paginator("list_objects_v2")
        for store in PREFIXES:
            if not store.startswith(self._prefix) and not self._prefix.startswith(store):
                continue
            prefix, size = max(store, self._prefix, key=len), {"PageSize": PAGE_OBJECTS}
            for page in pages.paginate(Bucket=self._bucket, Prefix=prefix, PaginationConfig=size):
                for entry in page.get("Contents", ()):
                    found = FailedObject(entry["Key"], entry["Size"], entry["LastModified"])
                    if self._is_chosen(found, until):
                        yield found

    def _is_chosen(self, found: FailedObject, until: datetime | None) -> bool:
        # A console's "folder" is an empty object whose name ends in a slash.
        is_folder = found.key.endswith("/") and not found.size
        is_old = self._since is not None and found.written_at < self._since
        return not is_folder and not is_old and (until is None or found.written_at <= until)

    @contextmanager
    def open(self, found: FailedObject) -> Iterator[IO[bytes] | None]:
        """Give an object's content, on disk if it is large; None if another replay has removed it meanwhile."""
        if found.key.startswith(LAMBDA) and found.size > MAX_DOCUMENT_BYTES:
            raise NotADocumentError(f"too large for a document of Lambda's: {found.size:,} bytes")
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES) as file:
            try:
                self._s3.download_fileobj(self._bucket, found.key, file)
            except ClientError as error:
                if error.response["Error"]["Code"] not in {"404", "NoSuchKey"}:
                    raise
                yield None
                return
            file.seek(0)
            yield file

    def remove(self, found: FailedObject) -> None:
        """Delete an object; one that is gone already is no fault."""
        self._s3.delete_object(Bucket=self._bucket, Key=found.key)


@dataclass(frozen=True)
class Doors:
    """Each service's door."""

    mapping: Door
    forwarder: Door
    streams: Mapping[str, Door]

    def of(self, found: FailedObject) -> Door:
        """Return the door that the object's records came by; raise NotADocumentError where there is none."""
        folders = found.key.split("/")
        if not found.key.startswith(LAMBDA):
            if folders[2] not in self.streams:
                raise NotADocumentError(f"no delivery stream writes to {folders[2]}")
            return self.streams[folders[2]]
        if not found.key.startswith(ASYNC):
            return self.mapping
        if folders[3] != FORWARDER_FUNCTION:
            raise NotADocumentError(f"{folders[3]} is no function that the lake invokes asynchronously")
        return self.forwarder


def open_doors(lambda_client: Any, firehose: Any) -> Doors:
    """Return the doors of the account's lake: their names are fixed, docs/adr/0018."""
    streams = {table: delivery_door(firehose, stream) for table, stream in STREAMS.items()}
    return Doors(StreamDoor(lambda_client, CDC_FUNCTION), ForwarderDoor(lambda_client, FORWARDER_FUNCTION), streams)

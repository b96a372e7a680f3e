"""Firehose's inline parsing: partition keys by JQ: docs/aws-semantics.md#firehose-7."""

from functools import cache
from typing import Any

import jq

from local.firehose.buffers import PartitionKeys

# A folder's name on a laptop; an S3 key as a whole may have 1,024 bytes.
MAX_KEY_BYTES = 255


class MetadataExtractionError(ValueError):
    """The query gives no usable partition keys for a record."""


# libjq takes 30 ms to compile a query of this size.
_compiled = cache(jq.compile)


class PartitionQuery:
    """The stream's JQ query."""

    def __init__(self, query: str) -> None:
        self._program = _compiled(query)

    def keys(self, data: bytes) -> PartitionKeys:
        """Return one record's partition keys; a null or empty one is a ``MetadataExtractionError``."""
        try:
            found = self._program.input_text(data.decode()).all()
        except ValueError as error:
            raise MetadataExtractionError(f"the record cannot be parsed or queried: {error}") from error
        if len(found) != 1 or not isinstance(found[0], dict):
            raise MetadataExtractionError("the query must give one object a record")
        return tuple((name, _usable(name, value)) for name, value in found[0].items())


def _usable(name: str, value: Any) -> str:
    if value is None or value == "":
        raise MetadataExtractionError(f"partitionKeys values must not be null or empty: {name}")
    text = value if isinstance(value, str) else str(value)
    if len(text.encode()) > MAX_KEY_BYTES:
        raise MetadataExtractionError(f"partition key {name} is longer than {MAX_KEY_BYTES} bytes")
    return text

"""Firehose's conversion of JSON records into one Snappy Parquet file: docs/aws-semantics.md#firehose-12."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from local.firehose.hive_values import ARROW_TYPES, ConversionError, reader
from local.settings import Column


@dataclass(frozen=True)
class Conversion:
    """A Parquet file of the records that fit, if any did, and the fault of each other one, by position."""

    parquet: bytes | None
    rows: int
    faults: dict[int, str]


class ParquetConverter:
    """Converts records by one Glue table's columns; a member that is no column is dropped silently."""

    def __init__(self, columns: Sequence[Column], timestamp_formats: Sequence[str] = ()) -> None:
        self._columns = [(column.name, reader(column.type, timestamp_formats)) for column in columns]
        self._schema = pa.schema([(column.name, ARROW_TYPES[column.type]) for column in columns])

    def convert(self, records: Sequence[bytes]) -> Conversion:
        """Return the records as a file, in order."""
        rows: list[list[Any]] = []
        faults: dict[int, str] = {}
        for position, record in enumerate(records):
            try:
                rows.append(self._row(record))
            except (ValueError, RecursionError) as error:
                faults[position] = str(error)
        return Conversion(self._file(rows) if rows else None, len(rows), faults)

    def _row(self, record: bytes) -> list[Any]:
        members = json.loads(record)
        if not isinstance(members, dict):
            raise ConversionError("the record is no JSON object")
        row = []
        for name, read in self._columns:
            value = members.get(name)
            try:
                row.append(None if value is None else read(value))
            except ValueError as error:
                raise ConversionError(f"{name}: {error}") from error
        return row

    def _file(self, rows: list[list[Any]]) -> bytes:
        """Write as Hive's Parquet serializer does: INT96 timestamps, no dictionaries, no Arrow schema."""
        columns = zip(self._schema.types, zip(*rows, strict=True), strict=True)
        arrays = [pa.array(values, arrow_type) for arrow_type, values in columns]
        sink = pa.BufferOutputStream()
        with pq.ParquetWriter(
            sink,
            self._schema,
            compression="snappy",
            use_dictionary=False,
            use_deprecated_int96_timestamps=True,
            # Bronze is read whole, and statistics would repeat both images of a one-row file.
            write_statistics=False,
            store_schema=False,
        ) as writer:
            writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))
        return bytes(sink.getvalue())

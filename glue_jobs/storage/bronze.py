"""Bronze's objects as rows."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

import pyarrow as pa
import pyarrow.fs
import pyarrow.parquet as pq
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import StringType, StructField, StructType

from glue_jobs.storage.bronze_columns import as_type
from glue_jobs.storage.files import open_filesystem
from glue_jobs.storage.unreadable import unreadable

_OBJECT = StructField("bronze_object", StringType())
_ROWS_AT_ONCE = 10_000
_BYTES_AT_ONCE = 16 * 1024 * 1024  # which a few rows have whose images are large
# Each slice is for one task: more of them than tasks that run at once keep those all busy, until the last ones end; and
# a task that is tried again reads so many objects again.
_SLICES = 32
_OBJECTS_A_SLICE = 500


def read_bronze(spark: SparkSession, lake: str, object_keys: Sequence[str], schema: StructType) -> DataFrame:
    """Return the rows of just these objects, the columns of ``schema``, and ``bronze_object``, the key of each.

    A column that an object lacks is null; an object that cannot be read is a BronzeError (`bronze_errors`). Spark's own
    reader asks for each path twice before it opens any, and opens it for its footer and again for its rows: for small
    objects, as Bronze's are, that takes longer than what they hold.
    """
    named = StructType([*schema.fields, _OBJECT])
    columns = to_arrow_schema(named)

    def read(numbers: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        filesystem, root = open_filesystem(lake)
        keys = (object_keys[number] for batch in numbers for number in batch.column(0).to_pylist())
        for rows in _gathered(chain.from_iterable(_rows(filesystem, root, key, columns) for key in keys)):
            yield from rows.combine_chunks().to_batches()

    slices = max(min(len(object_keys), _SLICES), len(object_keys) // _OBJECTS_A_SLICE, 1)
    return spark.range(0, len(object_keys), 1, slices).mapInArrow(read, named)


def _rows(filesystem: pyarrow.fs.FileSystem, root: str, key: str, columns: pa.Schema) -> Iterator[pa.Table]:
    """Yield the rows of an object, fetched at once: it has a few megabytes, for Firehose's buffer holds 64 of JSON."""
    with unreadable(key):
        with filesystem.open_input_file(f"{root}/{key}") as file:
            content = file.read_buffer()
        parquet = pq.ParquetFile(pa.BufferReader(content), coerce_int96_timestamp_unit="us")
        held = set(parquet.schema_arrow.names)
        known = [name for name in columns.names if name in held]
        for batch in parquet.iter_batches(_ROWS_AT_ONCE, columns=known, use_threads=False):
            yield _with_columns(pa.Table.from_batches([batch]), key, columns)


def _gathered(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Yield the same rows in few tables: each one's way to the JVM has its price, and an object may hold one row."""
    waiting: list[pa.Table] = []
    rows = size = 0
    for table in tables:
        waiting.append(table)
        rows, size = rows + len(table), size + table.nbytes
        if rows >= _ROWS_AT_ONCE or size >= _BYTES_AT_ONCE:
            yield pa.concat_tables(waiting)
            waiting, rows, size = [], 0, 0
    if waiting:
        yield pa.concat_tables(waiting)


def _with_columns(rows: pa.Table, key: str, columns: pa.Schema) -> pa.Table:
    held = {name: rows[name] for name in rows.column_names} | {_OBJECT.name: pa.repeat(key, len(rows))}
    arrays = [
        as_type(held[column.name], column) if column.name in held else pa.nulls(len(rows), column.type)
        for column in columns
    ]
    return pa.Table.from_arrays(arrays, schema=columns)


def read_claimed(spark: SparkSession, lake: str, object_keys: Sequence[str], schema: StructType) -> DataFrame:
    """Return one row per claim-checked object that is there: JSON too large for Firehose, put beside Bronze.

    One that is missing makes no row: what claims it is quarantined, and blocks nothing else.
    """
    filesystem, root = open_filesystem(lake)
    found = filesystem.get_file_info([f"{root}/{key}" for key in object_keys])
    keys = [key for key, info in zip(object_keys, found, strict=True) if info.is_file]
    if not keys:
        return spark.createDataFrame([], schema)
    return spark.read.schema(schema).json([f"{lake}/{key}" for key in keys])

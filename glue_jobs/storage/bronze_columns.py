"""A column of an object of Bronze in the type that Silver wants."""

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc


def as_type(column: pa.ChunkedArray, wanted: pa.Field) -> pa.ChunkedArray:
    """Return the column in the wanted type; raise ArrowInvalid where it is of another kind, or does not fit.

    Of a time what is finer than a microsecond is cut off, as Spark does.
    """
    if column.type == wanted.type:
        return column
    if not _is_same_kind(column.type, wanted.type):
        # Arrow would take a number for a time, and a text for nearly everything.
        raise pa.ArrowInvalid(f"its column {wanted.name} is {column.type}, not {wanted.type}")
    return column.cast(options=pc.CastOptions(wanted.type, allow_time_truncate=True))


def _is_same_kind(found: pa.DataType, wanted: pa.DataType) -> bool:
    return pa.types.is_null(found) or any(kind(found) and kind(wanted) for kind in _KINDS)


def _is_text(found: pa.DataType) -> bool:
    """Whether it is text, or bytes that may be: Parquet marks text as such, and some writers do not."""
    held = found.value_type if pa.types.is_dictionary(found) else found
    return bool(pa.types.is_string(held) or pa.types.is_large_string(held) or pa.types.is_binary(held))


_KINDS: tuple[Callable[[pa.DataType], bool], ...] = (
    pa.types.is_timestamp,
    pa.types.is_date,
    pa.types.is_boolean,
    pa.types.is_integer,
    _is_text,
)

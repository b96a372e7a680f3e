"""Bronze objects as another version of the function would have left them."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

_OBJECTS = 20
_NEWEST_COLUMN, _FUTURE_COLUMN = "images_object", "schema_version"


def with_other_envelopes(lake: Path) -> dict[str, int]:
    """Rewrite some objects without the envelope's newest column, others with one that nobody knows yet; count both."""
    paths = sorted((lake / "bronze" / "task_changes").rglob("*.parquet"))
    older, newer = paths[:_OBJECTS], paths[-_OBJECTS:]
    for path in older:
        _rewrite(path, lambda table: table.drop_columns([_NEWEST_COLUMN]))
    for path in newer:
        _rewrite(path, lambda table: table.append_column(_FUTURE_COLUMN, pa.array([2] * table.num_rows, pa.int32())))
    return {"older": len(older), "newer": len(newer)}


def _rewrite(path: Path, change: Callable[[pa.Table], pa.Table]) -> None:
    table = change(pq.read_table(path, partitioning=None))
    # As the laptop's Firehose writes: local/firehose/parquet.py.
    pq.write_table(
        table,
        path,
        compression="snappy",
        use_dictionary=False,
        use_deprecated_int96_timestamps=True,
        write_statistics=False,
        store_schema=False,
    )

"""A laptop's lake as a measurement reads it: what arrived when, in which folder, of how many bytes."""

import json
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import jq
import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from cdc_lambda.log_envelope import ANONYMOUS
from cdc_lambda.times import to_timestamp
from operations.cost.measured import BUCKETS
from operations.errors import OptionError


@dataclass(frozen=True)
class Arrivals:
    """The rows of one table in order of arrival: when Lambda wrapped them, in Unix seconds, and what they were then."""

    rows: Sequence[dict[str, Any]]
    object_rows: Sequence[int]
    object_sizes: Sequence[int]

    def by(self, time_column: str, *folder: str) -> list[tuple[float, Hashable]]:
        """Return time and folder of each row, by these columns."""
        return [(_seconds(row[time_column]), tuple(row[name] for name in folder)) for row in self.rows]

    def by_bucket(self, time_column: str) -> list[tuple[float, Hashable]]:
        """Return the same with BUCKETS folders a date for all users."""
        return [(_seconds(row[time_column]), (row["event_date"], _bucket(row["user_id"]))) for row in self.rows]

    def of_users(self, is_anonymous: bool) -> "Arrivals":
        """Return the rows that have a user, or those that have none and share a folder."""
        kept = [row for row in self.rows if (row["user_id"] == ANONYMOUS) == is_anonymous]
        return Arrivals(kept, self.object_rows, self.object_sizes)


def read_arrivals(folder: Path) -> Arrivals:
    """Return every row below a folder of Parquet objects; raise OptionError where there is none."""
    rows: list[dict[str, Any]] = []
    counts, sizes = [], []
    for path in sorted(folder.rglob("*.parquet")):
        table = pq.read_table(path, partitioning=None)
        rows += _plain(table).to_pylist()
        counts.append(table.num_rows)
        sizes.append(path.stat().st_size)
    if not rows:
        raise OptionError(f"{folder} has no rows to measure: `make run LAKE=<folder>` makes a lake")
    return Arrivals(rows, counts, sizes)


def payload(row: dict[str, Any]) -> bytes:
    """Return the record that a row was when it was put: the envelope's JSON."""
    texts = {
        name: to_timestamp(value // 1_000_000) if isinstance(value, int) and name.endswith("_at") else value
        for name, value in row.items()
    }
    return orjson.dumps(texts)


def line_fit(rows: Sequence[int], sizes: Sequence[int]) -> tuple[float, float]:
    """Return the bytes of an object without rows, and of each row, by least squares."""
    if len(set(rows)) < 2:
        return 0.0, sum(sizes) / sum(rows)
    slope, intercept = np.polyfit(rows, sizes, 1)
    return float(max(intercept, 0)), float(max(slope, 0))


def jq_seconds(query: str, payloads: Sequence[bytes]) -> float:
    """Return the seconds that libjq takes for one record."""
    if not query:
        return 0.0
    program = jq.compile(query)
    started = perf_counter()
    for each in payloads:
        program.input_text(each.decode()).first()
    return (perf_counter() - started) / len(payloads)


def newest_receipt(lake: Path) -> dict[str, Any]:
    """Return the receipt of the newest run that read both inputs and passed; raise OptionError where there is none."""
    for path in sorted((lake / "runs").glob("*.json"), reverse=True):
        receipt: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if receipt["verdict"] == "pass" and receipt["events"] and receipt["logs"] and _rows_in(receipt):
            return receipt
    raise OptionError(
        f"{lake} has no run that read records and log lines and passed: `make run LAKE={lake}`, on a new one"
    )


def files_below(folder: Path) -> Iterator[Path]:
    """Yield the files that would be objects: not Hadoop's checksums."""
    return (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".crc")


def _rows_in(receipt: dict[str, Any]) -> int:
    return sum(table["rows_in"] for table in receipt["tables"] if table["table"].startswith("bronze."))


def _plain(table: pa.Table) -> pa.Table:
    """Return the table with nanoseconds for timestamps and text for dates: what Python does not bend."""
    for index, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            column = table.column(index).cast(pa.timestamp("ns")).cast(pa.int64())
            table = table.set_column(index, field.name, column)
        elif pa.types.is_date(field.type):
            table = table.set_column(index, field.name, table.column(index).cast(pa.string()))
    return table


def _seconds(nanoseconds: int) -> float:
    return nanoseconds / 1e9


def _bucket(user_id: str) -> int:
    """Return a user's bucket as the JQ query of infra/ makes it."""
    value = 7
    for character in user_id:
        value = (value * 31 + ord(character)) % 2147483647
    return value % BUCKETS

"""A lake's Bronze of any size: true histories of tasks, their objects and the ledger of them, as Firehose leaves them.

`python -m benchmarks.bronze_lake FOLDER --changes 1_000_000 --days 365 --objects 400`; with `--day 365` it adds that
one day of the same traffic. Each change and each name follows from the arguments.
"""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from math import ceil
from pathlib import Path
from typing import Annotated

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import typer

START = datetime(2025, 1, 1, tzinfo=UTC)
_HISTORY = Path(__file__).with_name("task_history.sql").read_text()
_DUPLICATES, _CHANGES_A_TASK, _LIFETIME_DAYS = 0.01, 4, 14
_AT_ONCE = 500_000
_LEDGER = pa.schema([("object_key", pa.string()), ("size_bytes", pa.int64()), ("created_at", pa.timestamp("us"))])


@dataclass(frozen=True)
class Traffic:
    """So many changes a day, duplicate deliveries among them, in so many objects, from START on."""

    changes_a_day: float
    objects_a_day: float
    seed: int = 5

    def deliver(self, folder: Path, first_day: int, last_day: int) -> int:
        """Write the rows that arrive in these days, ``last_day`` not among them, and return how many they are."""
        days_at_once = ceil(_AT_ONCE / self.changes_a_day)
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            return sum(
                self._deliver(connection, folder, day, min(day + days_at_once, last_day))
                for day in range(first_day, last_day, days_at_once)
            )

    def _deliver(self, connection: duckdb.DuckDBPyConnection, folder: Path, first_day: int, last_day: int) -> int:
        rows = self._rows(connection, first_day, last_day)
        rows_an_object = max(1, round(self.changes_a_day / self.objects_a_day))
        objects = [
            _write_object(rows.slice(first, rows_an_object), folder)
            for first in range(0, rows.num_rows, rows_an_object)
        ]
        _write_ledger(objects, folder)
        return int(rows.num_rows)

    def _rows(self, connection: duckdb.DuckDBPyConnection, first_day: int, last_day: int) -> pa.Table:
        """Return the rows day by day, and within a day by folder."""
        tasks_a_day = self.changes_a_day / (1 + _DUPLICATES) / _CHANGES_A_TASK
        values = {
            "seed": self.seed,
            "start": START.timestamp(),
            "tasks_a_day": tasks_a_day,
            "first_task": int((first_day - _LIFETIME_DAYS - 1) * tasks_a_day),
            "last_task": ceil(last_day * tasks_a_day),
            "first_day": first_day,
            "last_day": last_day,
        }
        script = _HISTORY
        for name in sorted(values, key=len, reverse=True):  # DuckDB takes no parameters in a macro
            script = script.replace(f"${name}", str(values[name]))
        connection.execute(script)
        by_folder = "SELECT * FROM deliveries ORDER BY ingested_at::date, event_date, user_id, ingested_at, event_id"
        return connection.sql(by_folder).to_arrow_table()


@dataclass(frozen=True)
class _Object:
    object_key: str
    size_bytes: int
    created_at: datetime


def _write_object(rows: pa.Table, folder: Path) -> _Object:
    """Write one object of Bronze, a minute after its last row came, in the folder of its first one."""
    created_at = pc.max(rows["ingested_at"]).as_py().replace(microsecond=0) + timedelta(minutes=1)
    place = f"{rows['event_date'][0].as_py():%Y/%m/%d}/{rows['user_id'][0]}"
    key = f"bronze/task_changes/{place}/{_name('task-changes', created_at, rows['event_id'][0].as_py())}"
    return _Object(key, _write(rows, folder / key), created_at)


def _write_ledger(objects: list[_Object], folder: Path) -> None:
    """Write the ledger's object of every five minutes in which an object came."""
    for _, arrived in groupby(sorted(objects, key=lambda one: one.created_at), key=_five_minutes):
        entries = list(arrived)
        newest = entries[-1].created_at
        name = _name("bronze-ledger", newest, entries[0].object_key)
        _write(pa.Table.from_pylist([vars(entry) for entry in entries], _LEDGER), folder / _hour(newest) / name)


def _five_minutes(one: _Object) -> datetime:
    return one.created_at.replace(minute=one.created_at.minute // 5 * 5, second=0)


def _hour(moment: datetime) -> str:
    return f"bronze_ledger/{moment:%Y/%m/%d/%H}"


def _name(stream: str, moment: datetime, identity: str) -> str:
    return f"{stream}-1-{moment:%Y-%m-%d-%H-%M-%S}-{uuid.uuid5(uuid.NAMESPACE_OID, f'{identity} {moment}')}.parquet"


def _write(rows: pa.Table, path: Path) -> int:
    """Write a file as the laptop's Firehose does, and return its bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(
        rows,
        path,
        compression="snappy",
        use_dictionary=False,
        use_deprecated_int96_timestamps=True,
        write_statistics=False,
        store_schema=False,
    )
    return path.stat().st_size


def main(
    folder: Path,
    changes: Annotated[int, typer.Option(min=1, help="Rows, in all days together.")] = 1_000_000,
    days: Annotated[int, typer.Option(min=1)] = 365,
    objects: Annotated[int, typer.Option(min=1, help="Files they lie in.")] = 400,
    day: Annotated[int | None, typer.Option(help="Add this one day of that traffic alone, counted from 0.")] = None,
    seed: int = 5,
) -> None:
    """Make Bronze and its ledger in a folder, about so many rows in so many objects."""
    traffic = Traffic(changes / days, objects / days, seed)
    first_day, last_day = (0, days) if day is None else (day, day + 1)
    print(f"{traffic.deliver(folder, first_day, last_day):,} rows in {folder}")


if __name__ == "__main__":
    typer.run(main)

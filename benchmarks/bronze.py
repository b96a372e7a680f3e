"""The laptop's Firehose beside pyarrow alone: `make bench` prints it, `benchmarks/bronze.json` keeps it.

Each record has a user of its own, 500 of them a minute: every object is one row, and Firehose's 500 active partitions
suffice. Firehose's seconds hold all it does for a record: partition keys, buffer, conversion, file, and the ledger's
entry. pyarrow's are those of writing the same rows, which it gets as Python values, to files of one folder.
"""

import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Annotated

import pyarrow as pa
import pyarrow.parquet as pq
import typer
from rich.console import Console
from rich.table import Table

from benchmarks.accepting import KeepingClient, our_handler
from benchmarks.machine import machine
from benchmarks.records import source, task_changes
from local.clock import VirtualClock
from local.firehose.delivery_stream import DeliveryStream
from local.firehose.parquet import ParquetConverter
from local.ingestion import INFRA
from local.s3.bucket import LakeBucket
from local.s3.event_rule import EventRule
from local.template import load_template

KEPT = Path(__file__).parent / "bronze.json"
FIREHOSE, PYARROW = "the laptop's Firehose", "pyarrow alone"
GOALS = {FIREHOSE: "at least 1,000", PYARROW: ""}
ACTIVE_PARTITIONS = 500


def main(
    records: Annotated[int, typer.Option(min=500, help="Records, so objects, in a round.")] = 5_000,
    rounds: Annotated[int, typer.Option(min=1)] = 3,
) -> None:
    """Count one-row Parquet objects a second, on records of the generated day, or of EVENTS."""
    console = Console(highlight=False)
    payloads = _payloads(records)
    a_second: dict[str, list[float]] = {FIREHOSE: [], PYARROW: []}
    # Nothing is deleted before the end: for minutes after a mass deletion ext4 creates files two times slower.
    with tempfile.TemporaryDirectory() as folder:
        for number in range(1, rounds + 1):
            console.print(f"round {number} of {rounds}: {records:,} objects of one row each, twice")
            lake, plain = Path(folder, f"lake-{number}"), Path(folder, f"plain-{number}")
            a_second[FIREHOSE].append(round(records / _firehose_seconds(payloads, lake)))
            a_second[PYARROW].append(round(records / _pyarrow_seconds(lake / "bronze", plain)))
    _keep(records, a_second)
    table = Table("one-row Parquet objects", "median a second", "min", "max", "goal")
    for name, figures in a_second.items():
        shown = (f"{figure:,.0f}" for figure in (statistics.median(figures), min(figures), max(figures)))
        table.add_row(name, *shown, GOALS[name])
    console.print(table)
    console.print(f"kept in {KEPT.relative_to(Path.cwd())}")


def _payloads(records: int) -> list[bytes]:
    """Return the envelopes that the handler makes of so many changes, each by a user of its own."""
    firehose = KeepingClient()
    changes = list(task_changes(records))
    for number, change in enumerate(changes):
        keys = change["dynamodb"]["Keys"] | {"PK": {"S": f"TASK#user-{number:016}"}}
        change["dynamodb"] = change["dynamodb"] | {"Keys": keys}
    our_handler(firehose)({"Records": changes})
    assert len(firehose.payloads) == records
    return firehose.payloads


def _firehose_seconds(payloads: list[bytes], lake: Path) -> float:
    template, clock = load_template(INFRA), VirtualClock()
    bucket = LakeBucket(lake, clock)

    def stream(name: str) -> DeliveryStream:
        settings = template.delivery_stream_settings(f"{name}DeliveryStream")
        converter = ParquetConverter(template.glue_columns(f"{name}Table"), settings.timestamp_formats)
        return DeliveryStream(settings, converter, bucket, clock)

    task_changes, ledger = stream("TaskChanges"), stream("Ledger")
    bucket.on_object_created(EventRule(template.rule_settings(), lambda record: ledger.put([record])))
    started = time.perf_counter()
    for first in range(0, len(payloads), ACTIVE_PARTITIONS):
        task_changes.put(payloads[first : first + ACTIVE_PARTITIONS])
        clock.advance_to(clock.now() + 60)
    clock.run_until_idle()
    seconds = time.perf_counter() - started
    assert task_changes.objects == len(payloads), "each record is an object"
    return seconds


def _pyarrow_seconds(bronze: Path, folder: Path) -> float:
    """Return the seconds for Bronze's rows, written with the options that the laptop's Firehose writes with."""
    table = pq.read_table(bronze / "task_changes", partitioning=None)
    rows, schema = table.to_pylist(), table.schema
    folder.mkdir()
    started = time.perf_counter()
    for number, row in enumerate(rows):
        pq.write_table(
            pa.Table.from_pylist([row], schema=schema),
            folder / f"{number}.parquet",
            compression="snappy",
            use_dictionary=False,
            use_deprecated_int96_timestamps=True,
            write_statistics=False,
            store_schema=False,
        )
    return time.perf_counter() - started


def _keep(records: int, a_second: dict[str, list[float]]) -> None:
    kept = {
        "command": "make bench",
        "records": {"count": records, "source": source()},
        "machine": machine(),
        "objects_per_second": {
            name: {"median": statistics.median(figures), "all": figures} for name, figures in a_second.items()
        },
    }
    KEPT.write_text(json.dumps(kept, indent=2) + "\n")


if __name__ == "__main__":
    typer.run(main)

"""The CDC handler beside the usual way and the floor: `make bench` prints it, `benchmarks/handler.json` keeps it.

All subjects get the same events, parsed anew for each, and take turns within every slice: what else the machine does
meets them alike. So the ratios hold further than the microseconds.
"""

import gc
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.table import Table

from benchmarks.accepting import STREAM, AcceptingClient, Context, KeepingClient, boto3_client, our_handler
from benchmarks.fresh_process import import_seconds, peak_mb
from benchmarks.machine import machine
from benchmarks.powertools_handler import powertools_handler
from benchmarks.records import BATCH_SIZE, events, source

KEPT = Path(__file__).parent / "handler.json"
SLICE = 20

OURS, OUR_CODE = "cdc_lambda", "cdc_lambda, without boto3"
POWERTOOLS, POWERTOOLS_CODE = "Powertools", "Powertools, without boto3"
BOTO3, FLOOR = "boto3's PutRecordBatch alone", "orjson.loads + dumps"
# What is compared with what, and the goal. boto3 alone takes longer than the floor: our share is told apart.
RATIOS = {
    "Powertools / cdc_lambda": (POWERTOOLS, OURS, "at least 5"),
    "cdc_lambda / floor": (OURS, FLOOR, "at most 1.5"),
    "without boto3: Powertools / cdc_lambda": (POWERTOOLS_CODE, OUR_CODE, "at least 5"),
    "without boto3: cdc_lambda / floor": (OUR_CODE, FLOOR, "at most 1.5"),
}


@dataclass(frozen=True)
class Subject:
    """Something to be timed: ``prepare`` is not part of it."""

    run: Callable[[Any], object]
    prepare: Callable[[bytes], Any] = json.loads


def main(
    records: Annotated[int, typer.Option(min=2_000, help="Stream records in a round.")] = 100_000,
    rounds: Annotated[int, typer.Option(min=1, help="Times that all subjects see them.")] = 3,
) -> None:
    """Time the handler on records of the generated day, or of EVENTS."""
    console = Console(highlight=False)
    _check_that_both_do_the_work()
    imports, memory = import_seconds(10), peak_mb()
    subjects = _subjects()
    results = []
    for number in range(1, rounds + 1):
        console.print(f"round {number} of {rounds}: {records:,} records, {len(subjects)} subjects in turn")
        results.append({name: seconds / records * 1e6 for name, seconds in _round(subjects, records).items()})
    kept = _kept(records, results) | {"import_seconds": imports, "peak_mb": memory}
    KEPT.write_text(json.dumps(kept, indent=2) + "\n")
    for table in _tables(kept):
        console.print(table)
    console.print(f"kept in {KEPT.relative_to(Path.cwd())}")


def _check_that_both_do_the_work() -> None:
    """Raise unless both handlers make the same rows, but for how each writes times and images."""
    columns = ("event_id", "event_name", "sequence_number", "user_id", "task_id", "event_date", "is_ttl_delete")
    event, rows = json.loads(next(events(BATCH_SIZE))), []
    for make in (our_handler, _powertools):
        firehose = KeepingClient()
        make(firehose)(event)
        rows.append([tuple(map(json.loads(payload).get, columns)) for payload in firehose.payloads])
    assert rows[0] == rows[1]
    assert len(rows[0]) == BATCH_SIZE


def _subjects() -> dict[str, Subject]:
    firehose, accepting = boto3_client(), AcceptingClient()
    return {
        OURS: Subject(our_handler(firehose)),
        OUR_CODE: Subject(our_handler(accepting)),
        POWERTOOLS: Subject(_powertools(firehose)),
        POWERTOOLS_CODE: Subject(_powertools(accepting)),
        BOTO3: Subject(
            lambda records: firehose.put_record_batch(DeliveryStreamName=STREAM, Records=records), _payloads
        ),
        FLOOR: Subject(lambda event: orjson.dumps(orjson.loads(event)), prepare=bytes),
    }


def _payloads(event: bytes) -> list[dict[str, bytes]]:
    """Return records as large as their envelopes are."""
    return [{"Data": orjson.dumps(record)} for record in orjson.loads(event)["Records"]]


def _powertools(firehose: Any) -> Callable[[dict[str, Any]], object]:
    handle = powertools_handler(firehose, STREAM)
    return lambda event: handle(event, Context())


def _round(subjects: dict[str, Subject], records: int) -> dict[str, float]:
    """Return each subject's seconds for all records."""
    seconds = dict.fromkeys(subjects, 0.0)
    order, upcoming = list(subjects), events(records)
    while batch := list(islice(upcoming, SLICE)):
        for name in order:
            seconds[name] += _timed(subjects[name], batch)
        order.append(order.pop(0))
    return seconds


def _timed(subject: Subject, batch: list[bytes]) -> float:
    """Return the seconds for the events, each parsed just before, as by Lambda's runtime."""
    gc.collect()
    seconds = 0.0
    for event in batch:
        prepared = subject.prepare(event)
        started = time.process_time()
        subject.run(prepared)
        seconds += time.process_time() - started
    return seconds


def _kept(records: int, rounds: list[dict[str, float]]) -> dict[str, Any]:
    ratios = {name: [one[above] / one[below] for one in rounds] for name, (above, below, _) in RATIOS.items()}
    return {
        "command": "make bench",
        "records": {"count": records, "a batch": BATCH_SIZE, "source": source()},
        "machine": machine(),
        "cpu_microseconds_per_record": {name: _figures([one[name] for one in rounds]) for name in rounds[0]},
        "ratios": {name: _figures(all_rounds) for name, all_rounds in ratios.items()},
    }


def _figures(rounds: list[float]) -> dict[str, Any]:
    return {"median": round(statistics.median(rounds), 2), "all": [round(figure, 2) for figure in rounds]}


def _tables(kept: dict[str, Any]) -> list[Table]:
    times = Table("subject", "CPU µs a record")
    for name, figures in kept["cpu_microseconds_per_record"].items():
        times.add_row(name, f"{figures['median']:.1f}")
    ratios = Table("ratio", "median", "goal")
    for name, figures in kept["ratios"].items():
        ratios.add_row(name, f"{figures['median']:.2f}", RATIOS[name][2])
    cold = Table("in a fresh process", "")
    for module, seconds in kept["import_seconds"].items():
        cold.add_row(f"import {module}", f"{seconds * 1000:.0f} ms")
    for name, megabytes in kept["peak_mb"].items():
        cold.add_row(f"peak memory, {name}", f"{megabytes:.0f} MB")
    return [times, ratios, cold]


if __name__ == "__main__":
    typer.run(main)

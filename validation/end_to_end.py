"""A generated day from stream records to answers, each number held against a recount of the raw input."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

from local.ingestion import INFRA
from local.options import Inputs
from local.template import load_template
from local.traffic.day import generate_day
from validation import recount
from validation.freshness import Hops, hops
from validation.lakes import Row, run
from validation.layers import accounted, layers
from validation.recount import Change, Record
from validation.recounted import answer_check, gold_checks, silver_checks
from validation.registry import Note
from validation.result import Check, Figures, Result, at_most, equal

_STORY = """
A generated day goes the whole way: stream records and log lines, both functions, Firehose, both Silver jobs, Gold, an
analyst's file. What the tables must say is counted from the input files themselves, in plain Python
(`validation/recount.py`), by none of the lake's code. Freshness is in virtual time; on AWS Firehose takes about 1.5
times its hint ([firehose-6](aws-semantics.md#firehose-6)). Silver and Gold follow by their schedule, and a run's own
seconds are below.
"""
_HOPS = {
    "handed": "to the function",
    "landed": "on to an object in Bronze",
    "listed": "on to the ledger",
    "whole": "all together",
}
# AWS takes so many times Firehose's hint.
_REAL_DELAY = 1.5


def validate(folder: Path, note: Note) -> Result:
    """Return what the day became in each layer, and whether each number is the recount's."""
    lake, events, logs = folder / "lake", folder / "day.stream.jsonl.gz", folder / "day.logs.jsonl.gz"
    generate_day(events, logs)
    note("a generated day, from stream to Gold")
    receipt = run(lake, Inputs(events, logs))
    note("its recount")
    records, lines = list(_read(events)), list(_read(logs))
    changes, found = recount.task_changes(records), layers(lake)
    freshness = {
        "a change": hops(lake, "task_changes", "changed_at"),
        "a log line": hops(lake, "api_logs", "logged_at"),
    }
    stopped = [table["table"] for table in receipt["tables"] if table["verdict"] != "pass"]
    return Result(
        _STORY,
        [_rows(receipt, records, changes, lines), _freshness(freshness), _seconds(receipt)],
        [
            *accounted(found, changes, lines),
            equal("rows in quarantine", 0, len(found.quarantine)),
            *silver_checks(lake, changes),
            *gold_checks(lake, changes, lines),
            answer_check(lake, changes),
            *freshness_checks(freshness),
            equal("tables whose gate did not say pass", "none", ", ".join(stopped) or "none"),
        ],
    )


def freshness_checks(freshness: dict[str, Hops]) -> list[Check]:
    """Return the checks that no record waits longer than the template's window and buffers say, nor than minutes."""
    template, change = load_template(INFRA), freshness["a change"]
    buffers = {
        name: template.delivery_stream_settings(f"{name}DeliveryStream").buffer_seconds
        for name in ("TaskChanges", "Ledger")
    }
    window = template.mapping_settings().window_seconds
    return [
        at_most("a change to the function: the mapping's window", window, change.handed[-1], " s"),
        at_most("on to an object: Firehose's buffer", buffers["TaskChanges"], change.landed[-1], " s"),
        at_most("on to the ledger: its stream's buffer", buffers["Ledger"], change.listed[-1], " s"),
        *(
            # The decision record: insights within minutes; queries lag by 5 to 10.
            at_most(f"{kind} until a run can read it, with AWS's delay of buffers", 10, _real_minutes(each), " min")
            for kind, each in freshness.items()
        ),
    ]


def _real_minutes(each: Hops) -> float:
    return (each.handed[-1] + _REAL_DELAY * (each.landed[-1] + each.listed[-1])) / 60


def _rows(receipt: Row, records: list[Record], changes: list[Change], lines: list[Record]) -> Figures:
    rows = [
        ("stream records of the input", "", len(records), ""),
        ("of them changes of tasks", "", len(changes), ""),
        ("log lines of the input", "", len(lines), ""),
        *((table["table"], table["rows_in"], table["rows_out"], table["rejected"]) for table in receipt["tables"]),
    ]
    return Figures("Rows", ["layer", "rows in", "rows out", "rejected"], rows)


def _freshness(freshness: dict[str, Hops]) -> Figures:
    rows = [
        (f"{kind} {said}", *(f"{seconds:.0f} s" for seconds in getattr(each, hop)))
        for kind, each in freshness.items()
        for hop, said in _HOPS.items()
    ]
    return Figures("Freshness: until a run can read it", ["hop", "median", "99 %", "most"], rows)


def _seconds(receipt: Row) -> Figures:
    layers_of = [(table["table"].partition(".")[0], table["seconds"]) for table in receipt["tables"]]
    bronze = max(seconds for layer, seconds in layers_of if layer == "bronze")
    rows = [("Bronze, both inputs together", f"{bronze:.0f}")]
    for layer in ("silver", "gold"):
        rows.append((layer.capitalize(), f"{sum(seconds for of, seconds in layers_of if of == layer):.0f}"))
    return Figures("Seconds of the run", ["stage", "s"], rows, is_timed=True)


def _read(file: Path) -> Iterator[Record]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)

"""The job on ten times the data in the same small heap: what lives there after a collection, and what it all takes."""

import re
from pathlib import Path
from typing import Any

from benchmarks.bronze_lake import Traffic
from benchmarks.silver.figure import Figure, Line, Note
from benchmarks.silver.subject import run

HEAP = "1g"
SIZES, DAYS, CHANGES_AN_OBJECT = (300_000, 3_000_000), 365, 2_500
_AFTER_COLLECTION = re.compile(r"Pause .*->(\d+)M\(\d+M\)")


def measure(folder: Path, rounds: int, note: Note) -> Figure:
    """Return the peaks of one run at each size."""
    peaks = {f"{changes:,} changes": _peaks(folder / f"memory-{changes}", changes, note) for changes in SIZES}
    smaller, larger = peaks.values()
    lines = [
        Line(
            f"{name}, a heap of {HEAP}",
            f"{each['heap_after_collection_mb']} MB in use, {each['jvm_mb']} MB JVM, {each['python_mb']} MB Python",
        )
        for name, each in peaks.items()
    ]
    growth = larger["heap_after_collection_mb"] / smaller["heap_after_collection_mb"]
    lines.append(Line("heap in use for ten times the data", f"{growth:.2f} times", "far from 10"))
    return Figure({"heap": HEAP, "peaks": peaks}, lines)


def _peaks(lake: Path, changes: int, note: Note) -> dict[str, Any]:
    note(f"memory: {changes:,} changes in a heap of {HEAP}")
    rows = Traffic(changes / DAYS, changes / CHANGES_AN_OBJECT / DAYS).deliver(lake, 0, DAYS)
    log = lake / "collections.log"
    # spark-submit starts a JVM that ends at once, and then Spark's: a log each.
    options = f"-Xlog:gc:file={log}.%p"
    done = run("ours", lake, "memory", HEAP, environment={"JAVA_TOOL_OPTIONS": options})
    logs = [path.read_text() for path in lake.glob(f"{log.name}.*")]
    after = [int(megabytes) for text in logs for megabytes in _AFTER_COLLECTION.findall(text)]
    return {
        "rows": rows,
        "heap_after_collection_mb": max(after),
        "jvm_mb": done["peak_mb"]["jvm"],
        "python_mb": done["peak_mb"]["python"],
        "job_seconds": done["job_seconds"],
    }

"""25,000 small objects of Bronze as rows: found by the ledger and read as a run does, and as Spark comes, by turns."""

import json
import sys
from pathlib import Path
from statistics import median
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from benchmarks.bronze_lake import Traffic
from benchmarks.silver.figure import Figure, Line, Note
from benchmarks.silver.measured import Stopwatch, jvm_id
from benchmarks.silver.naive import spark_as_it_comes
from benchmarks.silver.subject import run
from glue_jobs.schemas import bronze
from glue_jobs.storage import ledger
from glue_jobs.storage.bronze import read_bronze
from local.spark import start_spark

CHANGES, DAYS, OBJECTS = 300_000, 90, 25_000
READERS = ("ours", "defaults")


def measure(folder: Path, rounds: int, note: Note) -> Figure:
    """Return the seconds of both readers."""
    lake = folder / "small-objects"
    rows = Traffic(CHANGES / DAYS, OBJECTS / DAYS).deliver(lake, 0, DAYS)
    runs: dict[str, list[dict[str, Any]]] = {reader: [] for reader in READERS}
    for number in range(1, rounds + 1):
        note(f"{OBJECTS:,} small objects, round {number} of {rounds}")
        for reader in READERS:
            runs[reader].append(run("small_objects", reader, lake))
    ours, defaults = (median(each["job_seconds"] for each in runs[reader]) for reader in READERS)
    lines = [
        Line(f"{OBJECTS:,} small objects read: ours", f"{ours:.1f} s"),
        Line(f"{OBJECTS:,} small objects read: Spark's defaults", f"{defaults:.1f} s"),
        Line("Spark's defaults / ours", f"{defaults / ours:.2f}", "at least 3"),
    ]
    objects = sum(1 for _ in (lake / "bronze").rglob("*.parquet"))
    return Figure({"rows": rows, "objects": objects, "runs": runs}, lines)


def main(reader: str, lake: Path) -> None:
    """Read every row of the lake's Bronze once, and print the seconds after the session was up."""
    spark = start_spark(lake) if reader == "ours" else spark_as_it_comes()
    reading = Stopwatch(jvm_id(spark))
    rows = (
        _ours(spark, f"file://{lake}")
        if reader == "ours"
        else spark.read.parquet(f"{lake}/bronze/task_changes/*/*/*/*")
    )
    rows.write.format("noop").mode("overwrite").save()
    print(json.dumps(reading.read()))


def _ours(spark: SparkSession, lake: str) -> DataFrame:
    keys = ledger.read_after(lake, "bronze/task_changes/", None).object_keys
    return read_bronze(spark, lake, keys, bronze.TASK_CHANGES)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))

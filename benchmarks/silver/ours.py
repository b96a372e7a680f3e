"""`silver_tasks` on this machine: `python -m benchmarks.silver.ours LAKE RUN_ID [HEAP]` prints what it took."""

import json
import os
import sys
import time
from pathlib import Path

from benchmarks.silver.measured import Stopwatch, jvm_id, peak_mb
from glue_jobs.jobs import silver_tasks
from local.spark import start_spark


def main(lake: Path, run_id: str, heap: str | None = None) -> None:
    """Run the job once, and print the seconds, the objects it opened and the memory it took."""
    objects = _unread(lake)
    started = time.monotonic()
    spark = start_spark(lake, {"spark.driver.memory": heap} if heap else {})
    session_seconds, job = round(time.monotonic() - started, 2), Stopwatch(jvm_id(spark))
    arguments = ["silver_tasks", "--JOB_NAME", "silver_tasks", "--JOB_RUN_ID", run_id, "--LAKE", f"file://{lake}"]
    outcome = silver_tasks.main(arguments)
    figures = {
        "session_seconds": session_seconds,
        **job.read(),
        "gate_seconds": round(sum(table.gate_seconds for table in outcome.tables), 2),
        "bronze_objects_opened": _opened(objects),
        "peak_mb": {"python": peak_mb(os.getpid()), "jvm": peak_mb(jvm_id(spark))},
    }
    print(json.dumps(figures))


def _unread(lake: Path) -> list[Path]:
    """Return Bronze's objects, each as one that nobody has opened."""
    objects = list((lake / "bronze").rglob("*.parquet"))
    for path in objects:
        os.utime(path, (0, path.stat().st_mtime))
    return objects


def _opened(objects: list[Path]) -> int:
    """Return how many of them were opened since, by the file system's own account: their time of access."""
    opened = sum(path.stat().st_atime > 0 for path in objects)
    assert opened, "this file system keeps no times of access (noatime): what was opened cannot be counted"
    return opened


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])

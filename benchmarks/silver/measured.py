"""What a subject says of itself: seconds, processor seconds and memory of its processes, from /proc."""

import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import SparkSession  # DuckDB's process does without it

_TICKS = os.sysconf("SC_CLK_TCK")


class Stopwatch:
    """Measures from when it is made: this process and others, by the clock and by what the processors did for them.

    On a machine that does other things too the clock tells what those took; processor seconds tell it less.
    """

    def __init__(self, *other_process_ids: int) -> None:
        self._process_ids = (os.getpid(), *other_process_ids)
        self._started, self._cpu_before = time.monotonic(), self._cpu()

    def read(self) -> dict[str, float]:
        """Return the job's seconds so far."""
        return {
            "job_seconds": round(time.monotonic() - self._started, 2),
            "job_cpu_seconds": round(self._cpu() - self._cpu_before, 2),
        }

    def _cpu(self) -> float:
        return sum(_cpu_seconds(process_id) for process_id in {*self._process_ids, *_below(self._process_ids)})


def jvm_id(spark: "SparkSession") -> int:
    """Return the process id of the session's JVM."""
    gateway: Any = spark.sparkContext._gateway
    return int(gateway.proc.pid)


def peak_mb(process_id: int) -> int:
    """Return the most memory that a process ever held, in MB: getrusage's would be its parent's at the fork."""
    status = Path(f"/proc/{process_id}/status").read_text().splitlines()
    kilobytes = next(line.split()[1] for line in status if line.startswith("VmHWM:"))
    return round(int(kilobytes) * 1024 / 1e6)


def _cpu_seconds(process_id: int) -> float:
    after_name = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    # Those of the children that have ended, Spark's Python workers among them, are the last two.
    return sum(map(int, after_name[11:15])) / _TICKS


def _below(process_ids: Iterable[int]) -> Iterator[int]:
    """Yield the processes that these started and that have not ended."""
    for process_id in process_ids:
        for tasks in Path(f"/proc/{process_id}/task").glob("*/children"):
            children = [int(child) for child in tasks.read_text().split()]
            yield from children
            yield from _below(children)

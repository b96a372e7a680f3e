"""Spark on this machine: its Java, its jars and what a laptop sets differently from Glue."""

import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from pyspark.sql import SparkSession

from glue_jobs.session import lake_settings, start_session
from local.jars import jar_paths
from local.java import ROOT, java_home

_LOG_SETTINGS = Path(__file__).parent / "log4j2.properties"
# A session lives for a minute on a few cores. HotSpot's second compiler would take a third of them for methods that are
# called some thousand times; by six times its thresholds it compiles those that a million rows pass.
_LATE_COMPILER = (
    "-XX:Tier4InvocationThreshold=30000 -XX:Tier4MinInvocationThreshold=6000 "
    "-XX:Tier4CompileThreshold=60000 -XX:Tier4BackEdgeThreshold=400000"
)


def start_spark(lake: Path, settings: Mapping[str, str] = MappingProxyType({})) -> SparkSession:
    """Return a Spark session on every core of this machine, over one lake; ``settings`` go before the laptop's own."""
    os.environ["JAVA_HOME"] = str(java_home())
    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    if not any("UTF" in os.environ.get(name, "").upper() for name in ("LC_ALL", "LC_CTYPE", "LANG")):
        os.environ["LC_ALL"] = "C.UTF-8"  # In the C locale a JVM cannot name a file beyond ASCII.
    cores = os.cpu_count() or 2
    laptop = {
        "spark.master": f"local[{cores}]",
        "spark.jars": ",".join(map(str, jar_paths())),
        # Spark's Python workers, which read Bronze, find the code as this process does.
        "spark.executorEnv.PYTHONPATH": str(ROOT),
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "2g",
        # On two cores the JVM would choose G1, which shares them with the tasks; nobody waits for a pause here.
        "spark.driver.extraJavaOptions": (
            f"-XX:+UseParallelGC {_LATE_COMPILER} -Dlog4j2.configurationFile={_LOG_SETTINGS.as_uri()}"
        ),
        # Small parts, so that a sort fits in memory; Spark joins those of a small batch to one.
        "spark.sql.shuffle.partitions": str(4 * cores),
        "spark.sql.warehouse.dir": f"file://{lake}/silver",
        # Its default is one task per path, up to 10,000: on few cores, scheduling them costs more than listing.
        "spark.sql.sources.parallelPartitionDiscovery.parallelism": "8",
        "spark.ui.enabled": "false",
        # Spark writes a plan down each time it changes, for a page that nobody opens here.
        "spark.sql.ui.explainMode": "simple",
        "spark.ui.showConsoleProgress": "false",
    }
    with _uninterrupted():
        return start_session("task-lake", {**laptop, **lake_settings(f"file://{lake}"), **settings})


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Keep a Ctrl-C until the JVM is up, and then raise it: a JVM that is left while it starts stays for ever.

    PySpark's own handler, which asks the JVM from within whatever it is asked just then, is not left in place.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pressed: list[int] = []
    former = signal.signal(signal.SIGINT, lambda number, _: pressed.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, former)
    if pressed:
        raise KeyboardInterrupt

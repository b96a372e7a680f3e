"""A Spark cluster on this machine: a standalone master and two workers, each a process of its own on loopback."""

import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from local.java import java_home
from tests.lane import LAPTOP, spark_home

_TIMEOUT_SECONDS = 60


@contextmanager
def cluster(folder: Path) -> Iterator[dict[str, str]]:
    """Give Spark's settings for a cluster of two workers; what it prints and its work folders go to `folder`."""
    with ExitStack() as servers:
        log = folder / "master.log"
        servers.enter_context(_server("master.Master", ["--port", "0"], log))
        [url] = _told(log, r"Starting Spark master at (spark://\S+)", times=1)
        for number in (1, 2):
            options = ["--cores", "1", "--memory", "1g", "--work-dir", str(folder / f"worker-{number}"), url]
            servers.enter_context(_server("worker.Worker", options, folder / f"worker-{number}.log"))
        _told(log, "Registering worker", times=2)
        # A job starts with both: alone, the first executor could do it all before the second is there.
        both = {"spark.cores.max": "2", "spark.scheduler.minRegisteredResourcesRatio": "1.0"}
        yield {**LAPTOP, "spark.master": url, **both}


@contextmanager
def _server(main_class: str, options: list[str], log: Path) -> Iterator[None]:
    environment = {
        **os.environ,
        "JAVA_HOME": str(java_home()),
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_HOSTNAME": "localhost",
    }
    start = [str(spark_home() / "bin" / "spark-class"), f"org.apache.spark.deploy.{main_class}"]
    address = ["--host", "127.0.0.1", "--webui-port", "0"]
    with log.open("w") as output:
        process = subprocess.Popen(
            [*start, *address, *options], env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def _told(log: Path, pattern: str, times: int) -> list[str]:
    """Return what the log's lines say of the pattern, once there are so many of them."""
    end = time.monotonic() + _TIMEOUT_SECONDS
    while len(found := re.findall(pattern, log.read_text())) < times:
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.1)
    return found

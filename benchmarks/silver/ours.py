"""`silver_tasks` on this machine: `python -m benchmarks.silver.ours LAKE RUN_ID [HEAP]` prints what it took."""

import json
import os
import sys
import time
from pathlib import Path

from pyspark.sql import SparkSession

from benchmarks.silver.measured import Stopwatch, jvm_id, peak_mb
from glue_jobs.jobs import silver_tasks
from local.spark import start_spark


def main(lake: Path, run_id: str, heap: str | None = None) -> None:
    """Run the job once, and print the seconds, the objects it opened and the memory it took."""
    started = time.monotonic()
    spark = start_spark(lake, {"spark.driver.memory": heap} if heap else {})
    session_seconds, job = round(time.monotonic() - started, 2), Stopwatch(jvm_id(spark))
    arguments = ["silver_tasks", "--JOB_NAME", "silver_tasks", "--JOB_RUN_ID", run_id, "--LAKE", f"file://{lake}"]
    outcome = silver_tasks.main(arguments)
    figures = {
        "session_seconds": session_seconds,
        **job.read(),
        "gate_seconds": round(sum(table.gate_seconds for table in outcome.tables), 2),
        "bronze_objects_opened": _files_read(spark),
        "peak_mb": {"python": peak_mb(os.getpid()), "jvm": peak_mb(jvm_id(spark))},
    }
    print(json.dumps(figures))


def _files_read(spark: SparkSession) -> int:
    """Return how many files Spark's own Parquet scans opened, from their metrics: Bronze's, for Silver is Iceberg's."""
    spark.sparkContext._jsc.sc().listenerBus().waitUntilEmpty()
    store = spark._jsparkSession.sharedState().statusStore()
    executions, metrics = store.executionsList(), {}
    for number in range(executions.size()):
        execution = executions.apply(number).executionId()
        values, nodes = store.executionMetrics(execution), store.planGraph(execution).allNodes()
        for node in (nodes.apply(each) for each in range(nodes.size())):
            if not node.name().startswith("Scan parquet"):
                continue
            for metric in (node.metrics().apply(each) for each in range(node.metrics().size())):
                # A cached scan stands in every plan that uses it: the accumulator tells it is the same.
                if metric.name() == "number of files read" and values.contains(metric.accumulatorId()):
                    metrics[metric.accumulatorId()] = values.apply(metric.accumulatorId())
    return sum(int(value.replace(",", "")) for value in metrics.values())


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])

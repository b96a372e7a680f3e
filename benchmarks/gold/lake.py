"""A lake of a year: a million changes through `silver_tasks`, and a million requests, one for each.

`python -m benchmarks.gold.lake FOLDER`: a process of its own, whose JVM lets go of the catalog with it.
"""

import json
import sys
from pathlib import Path

from pyspark.sql import SparkSession

from benchmarks.bronze_lake import Traffic
from benchmarks.silver.subject import run
from glue_jobs.schemas.silver import API_REQUESTS, API_USAGE_DAILY, QUARANTINE
from glue_jobs.storage import iceberg
from glue_jobs.transforms.api_usage_daily import to_api_usage_daily
from local.lake import open_lake
from local.spark import start_spark

CHANGES, DAYS, OBJECTS = 1_000_000, 365, 400
# A user among the busier ones, and a day in the middle.
USER, DAY = "user-00071", "2025-07-01"
_DONE = "gold-benchmark.json"

_REQUESTS = """
select
    event_id as request_id, user_id, changed_at as requested_at,
    case event_name when 'INSERT' then 'POST' when 'REMOVE' then 'DELETE' else 'PATCH' end as method,
    case event_name when 'INSERT' then '/tasks' else '/tasks/{task_id}' end as route,
    case when abs(xxhash64(event_id)) % 200 = 0 then 503 when abs(xxhash64(event_id)) % 50 = 0 then 404 else 200 end
        as status_code,
    abs(xxhash64(event_id)) % 900 as latency_ms
from lake.silver.task_changes
"""


def main(folder: Path) -> None:
    """Make the lake in this folder, where it is not yet."""
    if (folder / _DONE).exists():
        return
    with open_lake(folder):
        pass  # labels it as a lake, which `make query` asks for
    rows = Traffic(CHANGES / DAYS, OBJECTS / DAYS).deliver(folder, 0, DAYS)
    print(f"{rows:,} changes in Bronze; silver_tasks makes Silver of them", flush=True)
    run("ours", folder, "year")
    _add_requests(start_spark(folder), folder)
    (folder / _DONE).write_text(json.dumps({"changes": rows}))


def _add_requests(spark: SparkSession, folder: Path) -> None:
    for table in (API_REQUESTS, API_USAGE_DAILY, QUARANTINE):
        iceberg.create_or_evolve(spark, table, f"file://{folder}")
    iceberg.append(spark.sql(_REQUESTS), API_REQUESTS, "main", {})
    usage = to_api_usage_daily(spark.table(iceberg.name(API_REQUESTS)))
    iceberg.append(usage, API_USAGE_DAILY, "main", {})


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""What a query of one user, or of one day, reads of a table: the bytes that Spark's tasks say they read."""

import json
import sys
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from benchmarks.silver.figure import Figure, Line
from benchmarks.silver.subject import run
from local.spark import start_spark

# The user whom half of all tasks belong to with busier ones, and a day in the middle of the year.
_USER = """
select user_id from (
    select user_id, sum(tasks) over (order by tasks desc, user_id) as so_far, sum(tasks) over () as all_tasks
    from (select user_id, count(*) as tasks from lake.silver.tasks group by user_id)
) where so_far >= all_tasks / 2 order by so_far limit 1
"""
_DAY = "{column} >= timestamp '2025-07-01 00:00:00' and {column} < timestamp '2025-07-02 00:00:00'"


def measure(lake: Path) -> Figure:
    """Return the share of a lake's tables that each query reads."""
    scans = run("scans", lake)["scans"]
    lines = [
        Line(f"{name}: bytes read", f"{scan['bytes_read'] / scan['table_bytes']:.2%}", "at most 1%")
        for name, scan in scans.items()
    ]
    return Figure(scans, lines)


def main(lake: Path) -> None:
    """Print the bytes that each query's tasks read, beside those of the table's data files."""
    spark = start_spark(lake)
    user = f"user_id = '{spark.sql(_USER).collect()[0].user_id}'"
    queries = {
        "a user's tasks": ("tasks", user),
        "a day's tasks": ("tasks", _DAY.format(column="last_changed_at")),
        "a user's changes": ("task_changes", user),
        "a day's changes": ("task_changes", _DAY.format(column="changed_at")),
    }
    print(json.dumps({"scans": {name: _scan(spark, *query) for name, query in queries.items()}}))


def _scan(spark: SparkSession, table: str, condition: str) -> dict[str, Any]:
    rows = spark.table(f"lake.silver.{table}")
    table_bytes = spark.sql(f"select sum(file_size_in_bytes) from lake.silver.{table}.files").collect()[0][0]
    whole, part = _bytes_read(spark, rows), _bytes_read(spark, rows.where(condition))
    assert whole > 0.8 * table_bytes, f"{table}: the metric saw {whole} of {table_bytes} bytes"
    return {"where": condition, "table_bytes": table_bytes, "bytes_read": part, "bytes_read_without_where": whole}


def _bytes_read(spark: SparkSession, rows: DataFrame) -> int:
    """Return the bytes that the stages of reading these rows, all columns, took in."""
    before = _input_bytes(spark)
    rows.write.format("noop").mode("overwrite").save()
    return _input_bytes(spark) - before


def _input_bytes(spark: SparkSession) -> int:
    context = spark.sparkContext._jsc.sc()
    gateway: Any = spark.sparkContext._gateway
    context.listenerBus().waitUntilEmpty()
    no_quantiles, all_tasks = gateway.new_array(gateway.jvm.double, 0), gateway.jvm.java.util.ArrayList()
    stages = context.statusStore().stageList(None, False, False, no_quantiles, all_tasks)
    return sum(stages.apply(number).inputBytes() for number in range(stages.size()))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

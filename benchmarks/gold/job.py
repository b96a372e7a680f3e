"""The job `gold` on a lake, in a process of its own: `python -m benchmarks.gold.job LAKE` prints what it took."""

import json
import sys
import time
from pathlib import Path

from athena_queries.builds.build import in_order
from athena_queries.builds.versions import build_names
from athena_queries.engines.duckdb_engine import DuckDbEngine
from athena_queries.gold_table import read_gold_tables
from glue_jobs.jobs import gold
from local.spark import start_spark


def main(lake: Path) -> None:
    """Build all of Gold from nothing; then again, after one day of one user was counted anew; then by SELECTs alone."""
    spark, engine, tables = start_spark(lake), DuckDbEngine(lake), in_order(read_gold_tables())
    for table in tables:
        spark.sql(f"DROP VIEW IF EXISTS lake.{table.full_name}")
        for name in build_names(spark, table.name):
            spark.sql(f"DROP TABLE lake.{name} PURGE")
    figures: dict[str, object] = {"gold_seconds": _job(lake, "all")}
    spark.sql(
        "UPDATE lake.silver.tasks_per_user_daily SET tasks_created = tasks_created WHERE activity_date = "
        "(SELECT max(activity_date) FROM lake.silver.tasks_per_user_daily) AND user_id = 'user-00071'"
    )
    figures["gold_after_a_day_seconds"] = _job(lake, "day")
    started = time.monotonic()
    seconds = {table.name: round(engine.run(table.sql).seconds, 2) for table in tables}
    figures |= {"duckdb_seconds": round(time.monotonic() - started, 2), "selects": seconds}
    print(json.dumps(figures))


def _job(lake: Path, run_id: str) -> float:
    started = time.monotonic()
    gold.main(["gold", "--JOB_NAME", "gold", "--JOB_RUN_ID", run_id, "--LAKE", f"file://{lake}"])
    return round(time.monotonic() - started, 2)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

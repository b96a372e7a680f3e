"""A job that kills itself before one of its commits: `killed_job.py <lake> <n> <job> <run id> [argument…]`.

It prints each commit before it happens; before the n-th it dies.
"""

import os
import re
import signal
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from athena_queries import gold_table
from athena_queries.builds import build, versions
from glue_jobs.jobs import gold, silver_api, silver_maintenance, silver_tasks
from glue_jobs.schemas.table import Table
from glue_jobs.storage import compaction, iceberg, publishing
from local.spark import start_spark

# Frames of a few rows: compiling a query would take longer than running it.
SETTINGS = {
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
}
JOBS = {"silver_tasks": silver_tasks.main, "silver_api": silver_api.main, "gold": gold.main}
# Of Gold two tables, to save time: one that is made anew for some days, and one that is made whole.
GOLD_TABLES = ("task_throughput_daily", "user_productivity")

# Every function whose last act is one commit to one table, and the SQL that is one.
COMMITS = (
    (publishing, "_create_branch"),
    (publishing, "_fast_forward"),
    (publishing, "_remove_branch"),
    (iceberg, "append"),
    (iceberg, "commit_properties"),
    (compaction, "_drop_files"),
    (compaction, "_rewrite"),
    (build, "record"),
)
STATEMENTS = re.compile(
    r"(CREATE NAMESPACE|CREATE TABLE|CREATE OR REPLACE VIEW|DROP TABLE|ALTER|MERGE|DELETE|CALL \w+\.system\.\w+)\b"
    r".*?((?:silver|gold)(?:\.\w+)?)(\.branch)?"
)


def run_job(lake: Path, run_id: str, job: str, *options: str) -> None:
    """Run a job in this process, in a session of its own."""
    spark = start_spark(lake, SETTINGS)
    if job in JOBS:
        words = [job, "--JOB_NAME", job, "--JOB_RUN_ID", run_id, "--LAKE", f"file://{lake}", *options]
        with pytest.MonkeyPatch.context() as patch:
            tables = [table for table in gold_table.read_gold_tables() if table.name in GOLD_TABLES]
            patch.setattr(gold, "read_gold_tables", lambda: tables)
            # So that the second build of a table already drops the first.
            patch.setattr(versions, "KEPT", 1)
            JOBS[job](words, _unheard)
    else:
        _maintain(spark, lake, run_id)
    spark.stop()


def _maintain(spark: SparkSession, lake: Path, run_id: str) -> None:
    """Run `silver_maintenance` as if the lake had aged: two files are too many, and no former snapshot is retained."""
    now = datetime.now(UTC)
    upkeep = silver_maintenance.Upkeep(spark, f"file://{lake}", run_id, now, now - silver_maintenance.ORPHANED_FOR)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compaction, "FILES_TO_SPARE", 1)
        silver_maintenance.maintain(upkeep, silver_maintenance.JOBS, _unheard)


def _unheard(_: str) -> None:
    pass


def announce(hear: Callable[[str], Any], replace: Callable[[Any, str, Any], Any] = setattr) -> None:
    """Tell ``hear`` of each commit before it happens, as `kind: table`."""
    for module, name in COMMITS:
        replace(module, name, _announced(getattr(module, name), partial(_call, name), hear))
    replace(SparkSession, "sql", _announced(SparkSession.sql, _statement, hear))


def _announced(
    commit: Callable[..., Any], describe: Callable[[Sequence[Any]], str | None], hear: Callable[[str], Any]
) -> Callable[..., Any]:
    def announced(*given: Any, **named: Any) -> Any:
        if said := describe(given):
            hear(said)
        return commit(*given, **named)

    return announced


def _call(name: str, given: Sequence[Any]) -> str:
    table = next((one.full_name for one in given if isinstance(one, Table)), None)
    return f"{name}: {table or given[1]}"


def _statement(given: Sequence[Any]) -> str | None:
    found = STATEMENTS.match(given[1])
    return f"{found[1]}{' on a branch' if found[3] else ''}: {found[2]}" if found else None


if __name__ == "__main__":
    lake, last, job, run_id, *options = sys.argv[1:]
    # The JVM, which is what writes, is of the same group, and dies in the same moment.
    os.setpgrp()
    numbers = count(1)

    def die(commit: str) -> None:
        print(commit, flush=True)
        if next(numbers) == int(last):
            os.killpg(0, signal.SIGKILL)

    announce(die)
    run_job(Path(lake), run_id, job, *options)

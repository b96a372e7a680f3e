"""What the lanes share: a lake's Bronze in two increments, a job as Glue starts it, and Silver read without Spark."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyspark
from pyiceberg.catalog import Catalog
from pyiceberg.table import Table

from infra.package import JOBS, build_package
from local.capture import capture
from local.faults.profiles import FaultProfile
from local.jars import jar_paths
from local.java import ROOT, java_home
from local.options import Inputs, Options
from tests.e2e import history

_LOG_SETTINGS = ROOT / "local" / "log4j2.properties"

LAPTOP = {
    "spark.master": "local[2]",
    "spark.jars": ",".join(map(str, jar_paths())),
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={_LOG_SETTINGS.as_uri()}",
    "spark.sql.shuffle.partitions": "2",
    "spark.ui.enabled": "false",
}


def capture_increment(lake: Path, number: int) -> None:
    """Bring the first or the second half of a small history to Bronze; some of its images by claim check.

    The second half repeats some of the first, and holds a record that cannot be typed. Of the log lines it brings the
    access line of a request whose other line has come before.
    """
    records = history.records()
    bad = history.records([("eve", "t9", 100, "pending")])[0]
    bad["eventID"], bad["dynamodb"]["NewImage"]["created_at"] = "bad", {"S": "yesterday"}
    given = [records[:8], [*records[5:], bad]][number]
    stream = history.write(lake.parent / f"increment-{number}.jsonl", given)
    lines = (ROOT / "tests" / "readme" / "logs.jsonl").read_text().splitlines()
    logs = history.write(lake.parent / f"logs-{number}.jsonl", [lines[:2], lines[1:]][number])
    capture(Inputs(stream, logs), lake, lambda *_: None, Options(faults=FaultProfile(oversize_records=0.3), seed=5))


def submit(
    job: str,
    lake: str,
    run_id: str,
    settings: Mapping[str, str],
    folder: Path,
    environment: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Run a job as Glue does: its script by spark-submit, the rest of the code as an archive; fail with its log."""
    archive = build_package(folder / "task_lake.zip", JOBS)
    options = [word for key, value in settings.items() for word in ("--conf", f"{key}={value}")]
    script = ROOT / "glue_jobs" / "jobs" / f"{job}.py"
    arguments = ["--JOB_NAME", job, "--JOB_RUN_ID", run_id, "--LAKE", lake]
    variables = {
        **os.environ,
        **environment,
        "JAVA_HOME": str(java_home()),
        "LC_ALL": "C.UTF-8",
        "PYSPARK_PYTHON": sys.executable,
    }
    start = [str(spark_home() / "bin" / "spark-submit"), *options, "--py-files", str(archive)]
    command = [*start, str(script), *arguments]
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def spark_home() -> Path:
    """Return where the Spark of this environment lies."""
    return Path(str(pyspark.__file__)).parent


def silver(catalog: Catalog) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of every table, in one order; without the time of quarantine, which each run has of its own."""
    return {table: _rows(catalog.load_table(("silver", table))) for _, table in catalog.list_tables("silver")}


def _rows(table: Table) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = table.scan().to_arrow().to_pylist()
    kept = [{name: row[name] for name in sorted(row.keys() - {"quarantined_at"})} for row in rows]
    return sorted(kept, key=str)

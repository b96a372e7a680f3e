"""Each job starts from what is uploaded to AWS and from nothing else, as Glue starts it."""

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from local.java import ROOT
from tests.glue.aws import BUCKET, Aws, aws
from tests.glue.like_glue import GLUE, LikeGlue, acts_as_nobody, like_glue
from tests.lane import capture_increment

LAKE = f"s3://{BUCKET}"
SILVER = ("silver_tasks", "silver_api", "silver_maintenance")


@dataclass(frozen=True)
class Ran:
    """What became of each job of Silver, one after another over one lake, and where they ran."""

    glue: LikeGlue
    aws: Aws
    jobs: dict[str, "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def ran(place: Path) -> Iterator[Ran]:
    captured = place / "captured" / "lake"
    captured.parent.mkdir()
    capture_increment(captured, 0)
    with aws() as one:
        one.upload(captured)
        glue = like_glue(place, one.settings, one.variables)
        yield Ran(glue, one, {job: glue.submit(job, LAKE) for job in SILVER})


@pytest.mark.parametrize("job", SILVER)
def test_a_job_runs_from_its_script_and_the_archive(ran: Ran, job: str) -> None:
    done = ran.jobs[job]
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_jobs_filled_silver_in_glues_catalog(ran: Ran) -> None:
    metrics = {job: json.loads(ran.jobs[job].stdout.splitlines()[-1]) for job in SILVER[:2]}
    assert all(line["JobName"] == job and line["RowsOut"] for job, line in metrics.items())
    tables = ran.aws.client("glue").get_tables(DatabaseName="silver")["TableList"]
    assert {"tasks", "task_changes", "api_requests"} <= {table["Name"] for table in tables}


def test_gold_comes_as_far_as_athena(ran: Ran) -> None:
    """All that it imports and reads before is there: no DuckDB, no file beside its script."""
    done = ran.glue.submit("gold", LAKE)
    assert done.returncode == 1
    assert "gold: athena_queries/gold/" in done.stdout, done.stdout + done.stderr
    call, asked = ran.aws.asked_of_athena[0]
    assert call == "AmazonAthena.StartQueryExecution"
    assert asked["WorkGroup"] == "task-lake"


def test_the_jobs_user_can_write_none_of_what_it_is_started_from(ran: Ran) -> None:
    if os.getuid() == 0 and not acts_as_nobody():
        pytest.skip(f"the jobs ran as root: no other user can reach {GLUE}, its Python or {ROOT}")
    assert ran.glue.run(["id", "-u"]).stdout.strip() != "0"
    for folder in (ran.glue.scripts, ran.glue.archive.parent):
        refused = ran.glue.run(["touch", str(folder / "mine")])
        assert "Permission denied" in refused.stderr


def test_a_module_that_only_a_laptop_has_stops_a_job_here(ran: Ran, place: Path) -> None:
    script = place / "needs_duckdb.py"
    script.write_text("import duckdb\n")
    done = ran.glue.run(["spark-submit", str(script)])
    assert done.returncode != 0
    assert "No module named 'duckdb'" in done.stdout

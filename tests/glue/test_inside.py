"""What a container does (docker/inside), done here: a folder's lake, SQLite for its catalog, and no Docker."""

import re
from pathlib import Path

import pytest

from local.java import ROOT
from tests.glue.like_glue import LikeGlue, give, like_glue
from tests.lane import capture_increment

INSIDE = ROOT / "docker" / "inside"


@pytest.fixture(scope="module")
def glue(place: Path) -> LikeGlue:
    # Python reads a pipe as it would a terminal.
    return like_glue(place, variables={"PYSPARK_DRIVER_PYTHON_OPTS": "-i"})


@pytest.fixture(scope="module")
def lake(glue: LikeGlue, place: Path) -> Path:
    """Return a lake in which a job has run."""
    folder = place / "captured"
    folder.mkdir()
    capture_increment(folder / "lake", 0)
    give(folder / "lake")
    done = glue.run([str(INSIDE), "run", "silver_tasks", f"file://{folder / 'lake'}", "--REBUILD", "false"])
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "lake"


def test_a_job_fills_the_laptops_lake(lake: Path) -> None:
    assert (lake / "catalog.db").is_file()
    assert list((lake / "silver" / "tasks" / "data").rglob("*.parquet"))


def test_the_shell_knows_the_lakes_tables_by_their_names(glue: LikeGlue, lake: Path) -> None:
    asked = "print('rows', spark.table('silver.tasks').count() > 0)\nfrom glue_jobs.schemas import silver\n"
    done = glue.run([str(INSIDE), "shell", f"file://{lake}"], asked)
    assert "rows True" in done.stdout, done.stdout + done.stderr
    assert "Error" not in done.stderr


def test_the_spark_tests_pass_where_python_has_just_what_glue_has(glue: LikeGlue) -> None:
    """All of them are imported, and what a suite or a transform says is run; `make glue-test` runs the others too."""
    done = glue.run([str(INSIDE), "test", "-q", "-k", "transforms or suites"])
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(re.findall(r"(\d+) passed", done.stdout)[0]) > 100


def test_a_command_that_there_is_not_is_refused(glue: LikeGlue) -> None:
    done = glue.run([str(INSIDE), "walk"])
    assert (done.returncode, done.stderr) == (2, "inside: run, test, shell or notebook, not 'walk'\n")

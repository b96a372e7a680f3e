"""A job killed before any of its commits, by SIGKILL in a process of its own: the next run makes Silver whole."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from athena_queries.duckdb_engine import DuckDbEngine
from local.capture import capture
from local.options import Inputs
from tests.crash.killed_job import COMMITS
from tests.e2e import history

SCRIPT = Path(__file__).with_name("killed_job.py")
ROOT = Path(__file__).parents[2]
NEVER = 10_000
TABLES = ("task_changes", "tasks", "tasks_per_user_daily", "quarantine")
# When a row was quarantined is the one thing that two runs do not agree on.
CLOCKS = {"quarantined_at"}


def job(lake: Path, run_id: str, dies_before: int = NEVER) -> tuple[int, list[str]]:
    """Return the exit code of one run and the names of the commits it reached."""
    command = [sys.executable, *map(str, (SCRIPT, lake, run_id, dies_before))]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode, done.stdout.splitlines()


def arrive(lake: Path, number: int) -> None:
    """Let the n-th part of the history arrive: every part brings new, old and repeated changes, and a broken one."""
    records = history.records()
    broken = history.records([("eve", f"b{number}", 100 + number, "pending")])[0]
    broken["eventID"] = f"broken-{number}"
    broken["dynamodb"]["NewImage"]["created_at"] = {"S": "yesterday"}
    part = [*records[number % 3 :: 3], *records[:number], broken]
    capture(Inputs(history.write(lake.parent / f"{number}.jsonl", part)), lake, lambda *_: None)


def silver(lake: Path) -> dict[str, list[str]]:
    """Return every row of every table, as text and in order."""
    engine = DuckDbEngine(lake)
    tables: dict[str, list[str]] = {}
    for table in TABLES:
        rows: list[dict[str, Any]] = engine.run(f"select * from silver.{table}").rows.to_pylist()
        kept = [{name: value for name, value in row.items() if name not in CLOCKS} for row in rows]
        tables[table] = sorted(json.dumps(row, default=str, sort_keys=True) for row in kept)
    return tables


@pytest.mark.parametrize("part", [0, 1])
def test_a_job_killed_before_any_of_its_commits_leaves_nothing_that_the_next_run_does_not_mend(
    part: int, tmp_path: Path
) -> None:
    lake, before = tmp_path / "lake", tmp_path / "before"
    arrive(lake, 1)
    job(lake, "r1")
    old = silver(lake)
    arrive(lake, 2)
    shutil.copytree(lake, before)
    _, commits = job(lake, "undisturbed")
    new = silver(lake)
    assert {commit.split()[1] for commit in commits} == {name for _, name in COMMITS}, "each kind of commit is met"
    assert all(old[table] != new[table] for table in TABLES), "the second part changes every table"
    # The two tests share the commits between them: one takes the odd ones, the other the even ones.
    for number in range(1 + part, len(commits) + 1, 2):
        shutil.rmtree(lake)
        shutil.copytree(before, lake)
        code, reached = job(lake, "killed", number)
        assert (code, reached) == (-signal.SIGKILL, commits[:number])
        seen = silver(lake)
        for table in TABLES:
            assert seen[table] in (old[table], new[table]), f"readers see {table} half-way, before {reached[-1]}"
        job(lake, "next")
        assert silver(lake) == new, f"killed before {reached[-1]}"

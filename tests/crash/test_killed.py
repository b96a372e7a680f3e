"""A job killed before a commit, by SIGKILL in a process of its own: the next run makes Silver whole."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from glue_jobs.jobs import silver_api, silver_tasks
from tests.crash.killed_job import COMMITS, GOLD_TABLES
from tests.crash.scenes import API, FIRST_RUN, GOLD, INCREMENT, MAINTENANCE, REBUILD, REPLAY, SCENES, all_scenes
from tests.crash.stage import Command, Scene, Stage, kind_of

SCRIPT = Path(__file__).with_name("killed_job.py")
ROOT = Path(__file__).parents[2]
KINDS_OF_SQL = {
    "CREATE NAMESPACE",
    "CREATE TABLE",
    "ALTER",
    "MERGE on a branch",
    "DELETE on a branch",
    "DELETE",
    "CALL lake.system.expire_snapshots",
    "CALL lake.system.remove_orphan_files",
    "CREATE OR REPLACE VIEW",
    "DROP TABLE",
}


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return Stage(tmp_path_factory.mktemp("crash"))


@pytest.fixture(scope="session")
def scenes(stage: Stage) -> dict[str, Scene]:
    return all_scenes(stage)


def kill(stage: Stage, command: Command, before: int) -> list[str]:
    """Return the commits that a job reached which died before one of them, by its number."""
    job, *options = command
    scratch = stage.folder / "scratch"
    scratch.mkdir()
    # A JVM that is killed leaves behind what it would have deleted.
    java = f"{os.environ.get('JAVA_TOOL_OPTIONS', '')} -Djava.io.tmpdir={scratch}"
    places = {"JAVA_TOOL_OPTIONS": java, "SPARK_LOCAL_DIRS": str(scratch), "TMPDIR": str(scratch)}
    words = [sys.executable, str(SCRIPT), str(stage.lake), str(before), job, "killed", *options]
    env = {**os.environ, **places, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=False, timeout=900)
    shutil.rmtree(scratch)
    assert done.returncode == -signal.SIGKILL, done.stderr
    return done.stdout.splitlines()


def deaths(name: str, scenes: dict[str, Scene]) -> list[int]:
    """Return the commits to die before: of an increment each kind on each table, and of its job's other ways to run the
    kinds that it has not, and the one that publishes.
    """
    if name == INCREMENT:
        return scenes[name].deaths(at_every_table=True)
    known = {kind_of(commit) for commit in scenes[INCREMENT].commits} - {"_fast_forward"}
    return scenes[name].deaths(but_of=known if name in {FIRST_RUN, REBUILD, REPLAY} else ())


@pytest.mark.parametrize("part", [0, 1])
@pytest.mark.parametrize("name", SCENES)
def test_a_job_killed_before_a_commit_leaves_nothing_that_the_next_run_does_not_mend(
    name: str, part: int, stage: Stage, scenes: dict[str, Scene]
) -> None:
    scene = scenes[name]
    # The two parts share the commits between them: one takes every other.
    for number in deaths(name, scenes)[part::2]:
        stage.set(scene.found)
        assert kill(stage, scene.command, number) == scene.commits[:number]
        killed = f"killed before {number}, {scene.commits[number - 1]}"
        for table, rows in stage.rows().items():
            assert rows in (scene.old[table], scene.new[table]), f"readers see {table} half-way, {killed}"
        for command in scene.then:
            stage.run(*command)
        assert stage.rows() == scene.mended, killed


def test_every_kind_of_commit_is_met_and_every_table_of_a_job_is_changed_by_it(scenes: dict[str, Scene]) -> None:
    kinds = {kind_of(commit) for scene in scenes.values() for commit in scene.commits}
    assert kinds == {name for _, name in COMMITS} | KINDS_OF_SQL
    changed = {
        name: {table for table in scene.old if scene.old[table] != scene.new[table]} for name, scene in scenes.items()
    }
    assert changed.pop(MAINTENANCE) == set()
    assert changed.pop(GOLD) == {f"gold.{name}" for name in GOLD_TABLES}
    assert changed.pop(API) == {table.full_name for table in silver_api.TABLES}
    for name, tables in changed.items():
        assert tables == {table.full_name for table in silver_tasks.TABLES}, name

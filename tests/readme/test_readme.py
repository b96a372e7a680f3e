"""Every command of the README, run in the order in which a newcomer types them."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
COMMANDS = [
    line
    for block in re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    for line in block.splitlines()
]
# These are CI's own steps; here they would run each other.
TARGETS_OF_CI = (
    "check",
    "test",
    "test-crash",
    "test-dynamodb",
    "test-glue",
    "test-aws",
    "test-cluster",
    "test-athena",
    "test-validation",
)
RUN_BY_CI = tuple(f"make {target}" for target in TARGETS_OF_CI)
# These are for AWS: tests/aws types them against an emulator.
ON_AWS = re.compile(r"make ([a-z-]+) STAGE=")
# The README says of this one that the gate stops it; make's exit code for that is 2.
STOPPED_BY_THE_GATE = "tests/readme/unknown_status.jsonl"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A copy of the sources with this clone's environment: some commands make files."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    copy = tmp_path / "clone"
    for name in filter(None, listed.split("\0")):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, copy / name)
    for name in (".venv", ".jars"):
        (copy / name).symlink_to(ROOT / name)
    return copy


def test_every_command_does_what_the_page_says(clone: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "LAKE": str(tmp_path / "default")}
    # Of the tests' own JVMs, and of a make that runs this test beside others.
    for name in ("JAVA_TOOL_OPTIONS", "MAKEFLAGS", "MFLAGS", "MAKELEVEL"):
        environment.pop(name, None)
    for command in COMMANDS:
        if command in RUN_BY_CI or ON_AWS.match(command):
            continue
        typed = command.replace("LAKE=/tmp/", f"LAKE={tmp_path}/")
        run = subprocess.run(typed, shell=True, cwd=clone, env=environment, capture_output=True, text=True, check=False)
        expected = 2 if STOPPED_BY_THE_GATE in command else 0
        assert run.returncode == expected, f"{command}\n{run.stdout}\n{run.stderr}"
        if expected:
            assert "expect_column_values_to_be_in_set(status): 1 unexpected, such as 'archived'" in run.stderr


def test_ci_runs_the_commands_that_are_left_out_here() -> None:
    ci = (ROOT / ".ci" / "run").read_text()
    assert set(RUN_BY_CI) <= set(COMMANDS)
    assert all(re.search(rf"[( ]{target}[ )]", ci) for target in TARGETS_OF_CI)


def test_what_is_typed_for_aws_is_typed_against_the_emulator() -> None:
    lane = (ROOT / "tests" / "aws" / "test_deploy.py").read_text()
    targets = {found[1] for found in map(ON_AWS.match, COMMANDS) if found}
    assert targets
    assert all(f'("{target}"' in lane for target in targets)


def test_every_target_and_file_the_page_names_is_there() -> None:
    page, makefile = (ROOT / "README.md").read_text(), (ROOT / "Makefile").read_text()
    for target in re.findall(r"make ([a-z-]+)", page):
        assert f"\n{target}:" in makefile
    for path in re.findall(r"`([a-z_]+/[\w./<>]*)`", page):
        assert "<" in path or (ROOT / path).exists(), path

"""What make itself refuses before anything is set up, and what `make help` shows."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
MAKEFILE = (ROOT / "Makefile").read_text()


def make(*words: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Return the finished `make <words>`, which prints what it would do and does nothing."""
    line = ["make", "--dry-run", *words]
    return subprocess.run(line, env={**_kept(), **variables}, cwd=ROOT, capture_output=True, text=True, check=False)


def _kept() -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}


def refusal(*words: str, **variables: str) -> str:
    """Return the one line that make stops with."""
    done = make(*words, **variables)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    return line


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("query", "STAGE is not for query: ENGINE=athena asks AWS"),
        ("run", "STAGE is not for run, which is the laptop's: `make start STAGE=dev` runs the lake on AWS"),
        ("scan-budgets", "STAGE is not for scan-budgets: it is the laptop's"),
        ("trino-stop", "STAGE is not for trino-stop: it is the laptop's"),
    ],
)
def test_a_stage_is_refused_by_what_would_answer_from_the_laptop(target: str, said: str) -> None:
    assert said in refusal(target, "STAGE=dev")
    assert said in refusal(target, STAGE="dev")


def test_a_format_is_refused_by_a_status_which_has_but_one() -> None:
    said = refusal("status", "STAGE=dev", "FORMAT=json")
    assert "FORMAT is not for status: it prints lines, and exits with 1 if one is red" in said


@pytest.mark.parametrize("typed", ["STAGE=", "STAGE= "])
@pytest.mark.parametrize("target", ["rebuild", "replay", "gold", "query", "status"])
def test_a_stage_that_is_typed_and_empty_is_not_taken_for_the_laptop(target: str, typed: str) -> None:
    assert "STAGE is empty: say STAGE=<stage>, or leave it out for the lake on this machine" in refusal(target, typed)


@pytest.mark.parametrize(
    ("typed", "package"), [(("rebuild", "STAGE=dev"), "operations"), (("rebuild",), "local"), (("query",), "local")]
)
def test_a_stage_or_none_goes_where_it_should(typed: tuple[str, ...], package: str) -> None:
    done = make(*typed)
    assert done.returncode == 0, done.stderr
    assert f"-m {package} {typed[0]}" in done.stdout


def test_help_lists_each_target_once_under_a_heading_in_lines_that_fit() -> None:
    # Of the environment little: in a make that runs this test, another one says where it enters and leaves.
    run = subprocess.run(["make", "help"], env=_kept(), cwd=ROOT, capture_output=True, text=True, check=True)
    lines = run.stdout.splitlines()
    assert max(map(len, lines)) <= 110
    listed = re.findall(r"^  make ([a-z-]+)", run.stdout, re.MULTILINE)
    phony = re.search(r"^\.PHONY: ((?:.*\\\n)*.*)", MAKEFILE, re.MULTILINE)
    assert phony
    assert sorted(listed) == sorted(phony[1].replace("\\\n", " ").split())
    *headings, last = [line for line in lines if line and not line.startswith(" ")]
    assert headings == [
        "Laptop",
        "SQL and Gold",
        "Laptop, or AWS with STAGE=<stage>",
        "AWS",
        "AWS's Glue image",
        "Tests",
        "Other",
    ]
    assert last.startswith("All options of one: .venv/bin/python -m local <command> --help")

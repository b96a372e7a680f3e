"""The environment of these tests is Glue's by AWS's own list, and what the jobs ask for; nothing more."""

import tomllib

from local.java import ROOT
from tests.glue.like_glue import GLUE, installed
from tests.unit.test_versions import locked

VERSIONS = tomllib.loads((ROOT / "versions.toml").read_text())["glue"]


def test_what_glue_has_is_here_in_glues_version_and_what_the_jobs_ask_for_in_theirs() -> None:
    expected = {**VERSIONS["wheels"], **VERSIONS["additional_python_modules"], "pyspark": VERSIONS["spark"]}
    assert expected.items() <= installed().items()


def test_there_is_nothing_that_the_lock_does_not_have() -> None:
    lock = locked("glue")
    assert {name: version for name, version in installed().items() if lock.get(name) != version} == {}


def test_what_tests_need_lies_apart() -> None:
    assert not installed().keys() & {"chispa", "hypothesis"}
    assert (GLUE / "tests" / "chispa").is_dir()

"""A jar is used only while it is the one that versions.toml names."""

import hashlib
from pathlib import Path

import pytest

from local.jars import Jar, JarError, fetch_jar, jar_paths, pinned_jars

JAR = Jar("org.example", "lib", "1.0", hashlib.sha256(b"the jar\n").hexdigest())


def ivy_that(does: str, folder: Path) -> Path:
    """Return a stand-in for `java -jar ivy.jar`; `$target` is the folder that the jar must go to."""
    java = folder / "java"
    java.write_text(f'#!/bin/sh\nfor last; do :; done\ntarget=$(dirname "$last")\n{does}\n')
    java.chmod(0o755)
    return java


@pytest.fixture
def jars(tmp_path: Path) -> Path:
    """Return an empty folder for jars."""
    folder = tmp_path / "jars"
    folder.mkdir()
    return folder


def test_a_fetched_jar_is_kept_and_nothing_else(jars: Path, tmp_path: Path) -> None:
    java = ivy_that('echo "the jar" > "$target/lib-1.0.jar"; mkdir "$target/cache"', tmp_path)
    assert fetch_jar(JAR, jars, java) == jars / "lib-1.0.jar"
    assert [path.name for path in jars.iterdir()] == ["lib-1.0.jar"]


def test_a_jar_with_another_hash_is_thrown_away(jars: Path, tmp_path: Path) -> None:
    java = ivy_that('echo "another jar" > "$target/lib-1.0.jar"', tmp_path)
    with pytest.raises(JarError, match=r"lib-1.0.jar: .* not the SHA-256"):
        fetch_jar(JAR, jars, java)
    assert list(jars.iterdir()) == []


def test_a_failed_fetch_gives_ivys_reason(jars: Path, tmp_path: Path) -> None:
    java = ivy_that('echo ":: loading settings ::"; echo "module not found: org.example#lib;1.0"; exit 1', tmp_path)
    with pytest.raises(JarError, match=r"could not be fetched: module not found: org.example#lib;1.0"):
        fetch_jar(JAR, jars, java)


def test_missing_jars_name_the_command_that_fetches_them(jars: Path) -> None:
    with pytest.raises(JarError, match="run `make setup`"):
        jar_paths(jars)


def test_a_truncated_jar_is_not_used(jars: Path) -> None:
    for jar in pinned_jars():
        (jars / jar.file_name).write_bytes(b"PK")
    with pytest.raises(JarError, match="missing or damaged"):
        jar_paths(jars)


def test_the_jars_of_this_machine_are_the_pinned_ones() -> None:
    assert [path.name for path in jar_paths()] == [jar.file_name for jar in pinned_jars()]

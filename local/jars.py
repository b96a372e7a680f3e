"""The jars that Glue's Spark has and PyPI's has not, and DynamoDB Local: used only while their SHA-256 is right.

`python -m local.jars`, part of `make setup`, fetches Spark's missing ones; with `aws` or `dynamodb-local` behind it,
what `make test-aws` or `make test-dynamodb` needs besides.
"""

import hashlib
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from rich.console import Console

from local.ivy import IvyError, retrieve
from local.java import ROOT, JavaNotFoundError, java_home

FOLDER = ROOT / ".jars"


class JarError(Exception):
    """A jar is missing, is not the one that versions.toml names, or cannot be fetched."""


@dataclass(frozen=True)
class Jar:
    """One jar of versions.toml, without what it depends on."""

    coordinate: str
    sha256: str
    configuration: ClassVar = "master"
    pattern: ClassVar = "[artifact]-[revision].[ext]"

    @property
    def file_name(self) -> str:
        """Its name on disk."""
        _, name, revision = self.coordinate.split(":")
        return f"{name}-{revision}.jar"

    def is_at(self, path: Path) -> bool:
        """Whether this very jar lies there, whole and unaltered."""
        return path.is_file() and _sha256(path) == self.sha256


@dataclass(frozen=True)
class Program:
    """A jar of versions.toml with all that it depends on, in a folder of their own."""

    coordinate: str
    sha256: str
    configuration: ClassVar = "default"

    @property
    def file_name(self) -> str:
        """The folder's name."""
        _, name, revision = self.coordinate.split(":")
        return f"{name}-{revision}"

    @property
    def pattern(self) -> str:
        """Where Ivy puts each file: native libraries among them differ in their classifier alone."""
        return f"{self.file_name}/[artifact]-[revision](-[classifier]).[ext]"

    def is_at(self, path: Path) -> bool:
        """Whether these very files lie there and no others: the hash of what `sha256sum *` prints there."""
        listing = "".join(f"{_sha256(file)}  {file.name}\n" for file in sorted(path.glob("*")))
        return hashlib.sha256(listing.encode()).hexdigest() == self.sha256


def pinned_jars() -> list[Jar]:
    """Return the jars that versions.toml names for Spark."""
    return [Jar(**pin) for pin in _versions()["jars"]]


def aws_jars() -> list[Jar]:
    """Return the jars by which Spark speaks AWS's protocols: no run on a laptop needs them."""
    return [Jar(**pin) for pin in _versions()["aws_jars"]]


def dynamodb_local() -> Program:
    """Return the DynamoDB that runs on one machine."""
    return Program(**_versions()["dynamodb_local"])


def jar_paths(folder: Path = FOLDER) -> list[Path]:
    """Return the paths for `spark.jars`, each verified now, without touching the network."""
    jars = pinned_jars()
    if wrong := [jar.file_name for jar in jars if not jar.is_at(folder / jar.file_name)]:
        raise JarError(f"{', '.join(wrong)}: missing or damaged in {folder}; run `make setup`")
    return [folder / jar.file_name for jar in jars]


def fetch(wanted: Jar | Program, folder: Path, java: Path) -> Path:
    """Return its path in `folder`, fetched and verified; on an error nothing of it is kept there."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=".fetch-") as name:
        try:
            retrieve(wanted.coordinate, wanted.configuration, Path(name), wanted.pattern, java)
        except IvyError as error:
            raise JarError(f"{wanted.file_name}: could not be fetched: {error}") from error
        fetched, kept = Path(name, wanted.file_name), folder / wanted.file_name
        if not wanted.is_at(fetched):
            raise JarError(f"{wanted.file_name}: what came has not the SHA-256 of versions.toml; thrown away")
        shutil.rmtree(kept, ignore_errors=True)  # a damaged program: a folder cannot be put in its place
        return fetched.replace(kept)


def _versions() -> dict[str, Any]:
    return tomllib.loads((ROOT / "versions.toml").read_text())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main(wanted: Sequence[Jar | Program]) -> int:
    """Fetch what is missing; return the exit code."""
    console = Console(stderr=True, highlight=False)
    FOLDER.mkdir(exist_ok=True)
    try:
        java = java_home() / "bin" / "java"
        for one in wanted:
            if not one.is_at(FOLDER / one.file_name):
                with console.status(f"  fetching {one.file_name}"):
                    fetch(one, FOLDER, java)
                console.print(f"  fetched {one.file_name}")
    except (JarError, JavaNotFoundError) as error:
        console.print(str(error), style="red", markup=False, soft_wrap=True)
        return 1
    return 0


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["dynamodb-local"]:
            sys.exit(main([dynamodb_local()]))
        case ["aws"]:
            sys.exit(main(aws_jars()))
    sys.exit(main(pinned_jars()))

"""The jars that Glue's Spark has and PyPI's has not: fetched once, used only while their SHA-256 is right.

`python -m local.jars`, part of `make setup`, fetches the missing ones with Ivy, which comes with pyspark.
"""

import hashlib
import re
import ssl
import subprocess
import sys
import tempfile
import tomllib
import warnings
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509 import load_der_x509_certificate
from rich.console import Console

from local.java import ROOT, JavaNotFoundError, java_home

FOLDER = ROOT / ".jars"


class JarError(Exception):
    """A jar is missing, is not the one that versions.toml names, or cannot be fetched."""


@dataclass(frozen=True)
class Jar:
    """One jar of versions.toml."""

    organisation: str
    name: str
    revision: str
    sha256: str

    @property
    def file_name(self) -> str:
        """Its name on disk."""
        return f"{self.name}-{self.revision}.jar"

    def is_at(self, path: Path) -> bool:
        """Whether this very jar lies there, whole and unaltered."""
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == self.sha256


def pinned_jars() -> list[Jar]:
    """Return the jars that versions.toml names."""
    jars = []
    for pin in tomllib.loads((ROOT / "versions.toml").read_text())["jars"]:
        organisation, name, revision = pin["coordinate"].split(":")
        jars.append(Jar(organisation, name, revision, pin["sha256"]))
    return jars


def jar_paths(folder: Path = FOLDER) -> list[Path]:
    """Return the paths for `spark.jars`, each verified now, without touching the network."""
    jars = pinned_jars()
    if wrong := [jar.file_name for jar in jars if not jar.is_at(folder / jar.file_name)]:
        raise JarError(f"{', '.join(wrong)}: missing or damaged in {folder}; run `make setup`")
    return [folder / jar.file_name for jar in jars]


def fetch_jar(jar: Jar, folder: Path, java: Path) -> Path:
    """Return the path of the jar in `folder`, fetched and verified; on an error nothing of it is kept there.

    No repository's address stands here: Ivy knows the public one.
    """
    with tempfile.TemporaryDirectory(dir=folder, prefix=".fetch-") as name:
        log = _retrieve(jar, Path(name), java)
        fetched = Path(name, jar.file_name)
        if not fetched.is_file():
            raise JarError(f"{jar.file_name}: could not be fetched: {_cause(log)}")
        if not jar.is_at(fetched):
            raise JarError(f"{jar.file_name}: what came has not the SHA-256 of versions.toml; thrown away")
        return fetched.replace(folder / jar.file_name)


def _retrieve(jar: Jar, work: Path, java: Path) -> str:
    """Let Ivy put the jar, without what it depends on, into `work`; return what Ivy said."""
    # fmt: off
    command: list[str | Path] = [
        java, *_trust_options(work), "-jar", _ivy(), "-cache", work / "cache",
        "-dependency", jar.organisation, jar.name, jar.revision, "-confs", "master",
        "-retrieve", f"{work}/[artifact]-[revision].[ext]",
    ]
    # fmt: on
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return result.stdout + result.stderr


def _ivy() -> Path:
    spec = find_spec("pyspark")  # found, not imported: that takes seconds on a first start
    assert spec is not None and spec.origin is not None
    return next(Path(spec.origin).parent.glob("jars/ivy-*.jar"))


def _trust_options(work: Path) -> list[str]:
    """Return the options that make Java trust the authorities that Python trusts.

    Java keeps a list of its own: behind a proxy whose authority is not on it, a fetch ends in "PKIX path
    building failed". Where Python cannot list its authorities, Java's list stands.
    """
    trusted = ssl.create_default_context().get_ca_certs(binary_form=True)
    if not trusted:
        return []
    # Java reads no trust store without a password. This one guards nothing: the certificates are public.
    password = b"public"
    with warnings.catch_warnings():
        # Some old authorities have serial numbers that today's rules forbid: nothing a user could mend.
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        entries = [pkcs12.PKCS12Certificate(load_der_x509_certificate(der), b"%d" % n) for n, der in enumerate(trusted)]
    store = work / "trusted.p12"
    store.write_bytes(pkcs12.serialize_java_truststore(entries, BestAvailableEncryption(password)))
    return [f"-Djavax.net.ssl.trustStore={store}", f"-Djavax.net.ssl.trustStorePassword={password.decode()}"]


def _cause(log: str) -> str:
    """Return the line of Ivy's log that says why it failed."""
    telling = re.search(r"^.*(PKIX|Exception|not found|failed).*$", log, re.MULTILINE)
    return telling[0].strip() if telling else "Ivy gave no reason"


def main() -> int:
    """Fetch the jars that are missing; return the exit code."""
    console = Console(stderr=True, highlight=False)
    FOLDER.mkdir(exist_ok=True)
    try:
        java = java_home() / "bin" / "java"
        for jar in pinned_jars():
            if jar.is_at(FOLDER / jar.file_name):
                continue
            with console.status(f"  fetching {jar.file_name}"):
                size = fetch_jar(jar, FOLDER, java).stat().st_size
            console.print(f"  fetched {jar.file_name}, {size / 1e6:.0f} MB")
    except (JarError, JavaNotFoundError) as error:
        console.print(str(error), style="red", markup=False, soft_wrap=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

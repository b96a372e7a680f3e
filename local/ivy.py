"""Jars from the public Maven repository, by the Ivy that comes with pyspark: no repository's address stands here."""

import re
import ssl
import subprocess
import warnings
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509 import load_der_x509_certificate


class IvyError(Exception):
    """Ivy did not bring everything; the message is the line of its log that says why."""


def retrieve(coordinate: str, configuration: str, work: Path, pattern: str, java: Path) -> None:
    """Put an artifact into `work`, under the names of `pattern`.

    Ivy's configuration `master` is the artifact alone, `default` it and all that it depends on.
    """
    wanted = ["-dependency", *coordinate.split(":"), "-confs", configuration]
    run_ivy([*wanted, "-retrieve", f"{work}/{pattern}"], work, java)


def run_ivy(arguments: Iterable[str | Path], work: Path, java: Path) -> None:
    """Run Ivy with these arguments, its cache in `work`; raise IvyError if it fails."""
    command = [java, *_trust_options(work), "-jar", _ivy(), "-cache", work / "cache", *arguments]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise IvyError(_cause(result.stdout + result.stderr))


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

"""A certificate for loopback: the lake's bucket refuses plain HTTP, so the emulator is spoken to by TLS as AWS is."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID

TRUSTSTORE_PASSWORD = "loopback"


@dataclass(frozen=True)
class Certificate:
    """The files of a certificate for 127.0.0.1: for servers, for Python's clients, and for Java's."""

    certificate: Path
    key: Path
    truststore: Path

    def java_options(self) -> str:
        """Return what makes a JVM trust it."""
        return (
            f"-Djavax.net.ssl.trustStore={self.truststore} -Djavax.net.ssl.trustStoreType=PKCS12"
            f" -Djavax.net.ssl.trustStorePassword={TRUSTSTORE_PASSWORD}"
        )


def make_certificate(folder: Path) -> Certificate:
    """Return a new certificate, good for a day, with its files in ``folder``."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, SHA256())
    )
    files = Certificate(folder / "loopback.pem", folder / "loopback.key", folder / "truststore.p12")
    files.certificate.write_bytes(made.public_bytes(Encoding.PEM))
    files.key.touch(mode=0o600)
    files.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    trusted = [pkcs12.PKCS12Certificate(made, b"loopback")]
    password = BestAvailableEncryption(TRUSTSTORE_PASSWORD.encode())
    files.truststore.write_bytes(pkcs12.serialize_java_truststore(trusted, password))
    return files

"""AWS on this machine: ministack in a process of its own, on loopback, enforcing IAM; docs/emulator.md says what it is.

``start`` gives one that is empty. The fixture ``emulator`` (conftest.py) is one that the lane shares, and ``deployed``
the lake's templates on it. ``Emulator.client(service)`` is an administrator's, ``Emulator.client(service, role)`` acts
under a role, and ``Emulator.environment`` or ``Emulator.assume(role)`` is what a process of its own needs.
"""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

import boto3
import pytest
from botocore.config import Config

from local.java import ROOT
from tests.aws.certificate import Certificate, make_certificate

ACCOUNT = "123456789012"
REGION = "us-east-1"
_PYTHON = ROOT / ".emulator" / "bin" / "python"
_START_SECONDS = 60


class EmulatorError(Exception):
    """The emulator is not installed, or did not start."""


@dataclass(frozen=True)
class Emulator:
    """A running emulator: its address, an administrator's environment for its clients, and the file of its log.

    ``plain_url`` is the same without TLS, which the lake's bucket refuses to everyone but the account's root.
    """

    url: str
    plain_url: str
    environment: Mapping[str, str]
    certificate: Certificate
    log: Path
    input: IO[bytes] = field(repr=False)
    # To make one takes longer than most calls.
    _clients: dict[tuple[str, str | None], Any] = field(default_factory=dict, repr=False)

    def client(self, service: str, role: str | None = None) -> Any:
        """Return boto3's client of the account's administrator, or of whoever has assumed the role of that name."""
        if (service, role) not in self._clients:
            self._clients[service, role] = self._new_client(service, self.assume(role) if role else self.environment)
        return self._clients[service, role]

    def _new_client(self, service: str, given: Mapping[str, str]) -> Any:
        session = boto3.Session(
            aws_access_key_id=given["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=given.get("AWS_SESSION_TOKEN"),
            region_name=REGION,
        )
        # One attempt: what is denied or missing stays so, and a test that waits does it by itself.
        once = Config(proxies={}, retries={"total_max_attempts": 1})
        return session.client(  # type: ignore[call-overload]
            service, endpoint_url=self.url, verify=str(self.certificate.certificate), config=once
        )

    def age_objects(self, bucket: str, days: int) -> None:
        """Make every object of the bucket so much older: AWS itself has no call for that."""
        s3 = self.client("s3")
        before = s3.list_objects_v2(Bucket=bucket)["Contents"][0]["LastModified"]
        self.input.write(f"{bucket} {days}\n".encode())
        self.input.flush()
        while s3.list_objects_v2(Bucket=bucket)["Contents"][0]["LastModified"] >= before:
            time.sleep(0.05)

    @contextmanager
    def signed_in(self) -> Iterator[None]:
        """Let whatever uses AWS in this process find the emulator, as the account's administrator."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self.environment.items():
                patch.setenv(name, value)
            yield

    def assume(self, role: str) -> dict[str, str]:
        """Return the environment of a process that runs under the role.

        A service assumes a service's role, which nobody else may. So the administrator may as well from then on: the
        role's trust gets one statement more, and what the role itself may do stays as deployed.
        """
        iam = self.client("iam")
        trust = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
        if _ADMINISTRATOR not in trust["Statement"]:
            trust["Statement"].append(_ADMINISTRATOR)
            iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(trust))
        arn = f"arn:aws:iam::{ACCOUNT}:role/{role}"
        given = self.client("sts").assume_role(RoleArn=arn, RoleSessionName="test-aws")["Credentials"]
        return {
            **self.environment,
            "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
            "AWS_SESSION_TOKEN": given["SessionToken"],
        }


_ADMINISTRATOR = {
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
    "Action": "sts:AssumeRole",
}


@contextmanager
def start(folder: Path) -> Iterator[Emulator]:
    """Give an empty emulator that keeps its files and its log in ``folder``; whatever happens, it is stopped."""
    if not _PYTHON.exists():
        raise EmulatorError("the AWS emulator is not installed: run `make fetch`, or `make test-aws`")
    folder.mkdir(parents=True, exist_ok=True)
    log, certificate = folder / "ministack.log", make_certificate(folder)
    port, plain_port = _free_port(), _free_port()
    url, plain_url = f"https://127.0.0.1:{port}", f"http://127.0.0.1:{plain_port}"
    environment = _environment(url, certificate)
    settings = {**_settings(folder, certificate), "GATEWAY_PORT": str(port), "PLAIN_PORT": str(plain_port)}
    with log.open("w") as output, _process(settings, output) as process:
        _wait_until_healthy(plain_url, process, log)
        assert process.stdin
        yield Emulator(url, plain_url, environment, certificate, log, process.stdin)


def _environment(url: str, certificate: Certificate) -> dict[str, str]:
    """Return what an administrator's clients need: to ministack a key of twelve digits is that account's root."""
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_CA_BUNDLE": str(certificate.certificate),
        "SSL_CERT_FILE": str(certificate.certificate),  # pyarrow's S3 looks here
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "NO_PROXY": "127.0.0.1",
    }


def _settings(folder: Path, certificate: Certificate) -> dict[str, str]:
    """Return ministack's own environment: nothing of this process's but where programs lie."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "PYTHONUNBUFFERED": "1",
        "BIND_HOST": "127.0.0.1",
        "USE_SSL": "1",
        "MINISTACK_SSL_CERT": str(certificate.certificate),
        "MINISTACK_SSL_KEY": str(certificate.key),
        "AWS_CA_BUNDLE": str(certificate.certificate),
        "AUTH": "true",
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "local",
        "S3_DATA_DIR": str(folder / "s3"),
        "STATE_DIR": str(folder / "state"),
        "SFN_WAIT_SCALE": "0",  # no state machine waits between retries
        # Listeners of their own that nobody asks for.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
    }


@contextmanager
def _process(settings: Mapping[str, str], output: IO[str]) -> Iterator[subprocess.Popen[bytes]]:
    """Start it in a process group of its own, because the functions that it runs are its children."""
    process = subprocess.Popen(
        [str(_PYTHON), "-m", "tests.aws.corrections"],
        cwd=ROOT,
        env=settings,
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End it with the functions that it runs: it has nothing to keep, and asked politely it waits for its clients."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _free_port() -> int:
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        port: int = chosen.getsockname()[1]
        return port


def _wait_until_healthy(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    opener = build_opener(ProxyHandler({}))
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with opener.open(f"{url}/_ministack/health", timeout=1):
                return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
    ended = f"ended with {process.returncode}" if process.returncode is not None else "gave no answer"
    raise EmulatorError(f"the AWS emulator at {url} {ended}: see {log}: {log.read_text().strip()[-300:]}")

"""The emulator itself: it is on loopback, enforces IAM, and is gone with its children when its user is."""

import os
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.aws import emulator as emulators
from tests.aws.emulator import ACCOUNT, Emulator, EmulatorError, start


def test_its_administrator_is_the_accounts_root(emulator: Emulator) -> None:
    assert emulator.client("sts").get_caller_identity()["Arn"] == f"arn:aws:iam::{ACCOUNT}:root"


def test_a_role_may_do_what_its_policy_says_and_nothing_else(emulator: Emulator) -> None:
    iam, s3 = emulator.client("iam"), emulator.client("s3")
    s3.create_bucket(Bucket="readers-bucket")
    s3.put_object(Bucket="readers-bucket", Key="a", Body=b"text")
    iam.create_role(RoleName="reader", AssumeRolePolicyDocument='{"Version": "2012-10-17", "Statement": []}')
    policy = (
        '{"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::readers-bucket/*"}]}'
    )
    iam.put_role_policy(RoleName="reader", PolicyName="read", PolicyDocument=policy)
    reader = emulator.client("s3", role="reader")
    assert reader.get_object(Bucket="readers-bucket", Key="a")["Body"].read() == b"text"
    with pytest.raises(ClientError, match="AccessDenied"):
        reader.put_object(Bucket="readers-bucket", Key="b", Body=b"text")


def test_objects_grow_old_when_told_so(emulator: Emulator) -> None:
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket="old-bucket")
    s3.put_object(Bucket="old-bucket", Key="a", Body=b"text")
    emulator.age_objects("old-bucket", days=10)
    age = datetime.now(UTC) - s3.head_object(Bucket="old-bucket", Key="a")["LastModified"]
    assert timedelta(days=10) <= age < timedelta(days=10, minutes=1)


def test_it_is_stopped_when_the_test_fails(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), start(tmp_path) as running:
        url = running.url
        raise RuntimeError
    assert not answers(url)


def test_it_ends_when_whoever_started_it_is_killed(tmp_path: Path) -> None:
    script = f"""
import pathlib, sys, time
from tests.aws.emulator import start
with start(pathlib.Path({str(tmp_path)!r})) as running:
    print(running.url, flush=True)
    time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        url = starter.stdout.readline().strip()
        assert answers(url)
        os.kill(starter.pid, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while answers(url) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not answers(url)


def test_one_that_does_not_start_says_so_with_its_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        monkeypatch.setattr(emulators, "_free_port", lambda: port)
        with pytest.raises(EmulatorError, match=f"(?s){port} ended with 1: .*already in use"), start(tmp_path):
            pass


def test_one_that_is_not_installed_says_what_to_type(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emulators, "_PYTHON", tmp_path / "none")
    with pytest.raises(EmulatorError, match="make test-aws"), start(tmp_path):
        pass


def answers(url: str) -> bool:
    _, _, address = url.rpartition("/")
    host, _, port = address.partition(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0

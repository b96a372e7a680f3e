"""AWS as the jobs of these tests see it: S3 and Glue's catalog of moto, and an Athena that refuses, and is heard."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from moto.moto_server.threaded_moto_server import ThreadedMotoServer

from local.loopback import LoopbackServer, Request, Response

BUCKET = "task-lake"
REGION = "us-east-1"


@dataclass
class Aws:
    """One empty bucket, what finds it, and the calls that Athena got: their name and what they said."""

    url: str
    settings: dict[str, str]
    variables: dict[str, str]
    asked_of_athena: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def client(self, service: str) -> Any:
        """Return boto3's client of a service."""
        return boto3.client(
            service,  # type: ignore[call-overload]
            endpoint_url=self.url, region_name=REGION, aws_access_key_id="local", aws_secret_access_key="local",
        )  # fmt: skip

    def upload(self, folder: Path) -> None:
        """Copy to the bucket what the pipeline writes before Silver."""
        s3 = self.client("s3")
        for name in ("bronze", "bronze_ledger", "claim_checks"):
            for path in filter(Path.is_file, (folder / name).rglob("*")):
                s3.upload_file(str(path), BUCKET, path.relative_to(folder).as_posix())


@contextmanager
def aws() -> Iterator[Aws]:
    """Give an AWS on loopback."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        url = f"http://{host}:{port}"
        one = Aws(url, _settings(url), {})

        def refuse(request: Request) -> Response:
            one.asked_of_athena.append((request.headers["x-amz-target"], json.loads(request.body)))
            said = {"__type": "InvalidRequestException", "message": "this Athena refuses"}
            return Response("400 Bad Request", json.dumps(said).encode())

        with LoopbackServer(refuse) as athena:
            one.variables |= _variables(url, athena.url)
            one.client("s3").create_bucket(Bucket=BUCKET)
            yield one
    finally:
        server.stop()


def _settings(url: str) -> dict[str, str]:
    """Return what Glue sets by itself, S3A for `s3://`, and where S3A finds this one."""
    return {
        "spark.hadoop.fs.s3.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem",
        "spark.hadoop.fs.s3a.endpoint": url,
    }


def _variables(url: str, athena: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_ENDPOINT_URL_ATHENA": athena,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "NO_PROXY": "127.0.0.1",
    }

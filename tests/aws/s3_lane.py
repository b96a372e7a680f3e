"""AWS's S3 and Glue on this machine: moto, over HTTP on loopback."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import boto3
import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.moto_server.threaded_moto_server import ThreadedMotoServer
from moto.s3.models import s3_backends
from pyiceberg.catalog.glue import GlueCatalog

from local.jars import FOLDER, aws_jars
from tests.lane import LAPTOP

BUCKET = "task-lake"
_REGION = "us-east-1"


@contextmanager
def aws() -> Iterator[dict[str, str]]:
    """Give Spark's settings for an AWS with one empty bucket; what else uses AWS finds it by the environment."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    with pytest.MonkeyPatch.context() as patch:
        for name, value in _environment(url).items():
            patch.setenv(name, value)
        try:
            boto3.client("s3").create_bucket(Bucket=BUCKET)
            yield {**LAPTOP, **_settings(url)}
        finally:
            server.stop()


def _environment(url: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_REGION": _REGION,
        "AWS_DEFAULT_REGION": _REGION,
        "NO_PROXY": "127.0.0.1",
    }


def _settings(url: str) -> dict[str, str]:
    """Return what Glue sets by itself, its jars and S3A for `s3://`, and where S3A finds the emulator."""
    aws = [str(FOLDER / jar.file_name) for jar in aws_jars()]
    return {
        "spark.jars": ",".join([LAPTOP["spark.jars"], *aws]),
        "spark.hadoop.fs.s3.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem",
        "spark.hadoop.fs.s3a.endpoint": url,
    }


def glue_catalog() -> GlueCatalog:
    """Return the Glue Data Catalog as PyIceberg reads it."""
    # Of S3 alone it does not take the endpoint from the environment.
    return GlueCatalog("lake", **{"s3.region": _REGION, "s3.endpoint": os.environ["AWS_ENDPOINT_URL"]})


def upload(folder: Path) -> None:
    """Copy to the bucket what the pipeline writes before Silver: Bronze, its ledger and the claim-checked images."""
    s3 = boto3.client("s3")
    for name in ("bronze", "bronze_ledger", "claim_checks"):
        for path in filter(Path.is_file, (folder / name).rglob("*")):
            s3.upload_file(str(path), BUCKET, path.relative_to(folder).as_posix())


def age_objects(days: int) -> None:
    """Make every object of the bucket so much older; S3 itself has no call for that."""
    for stored in s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets[BUCKET].keys.values():
        stored.last_modified -= timedelta(days=days)

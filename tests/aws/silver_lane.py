"""Spark on the emulator's S3 and Glue Data Catalog, and what the lake on it holds, read without Spark."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.fs
import pyarrow.parquet as pq
from pyiceberg.catalog.glue import GlueCatalog

from local.jars import FOLDER, aws_jars
from tests.aws.deployment import Deployment
from tests.aws.emulator import REGION, Emulator
from tests.lane import LAPTOP, submit

# What the pipeline writes before Silver.
BRONZE = ("bronze/", "bronze_ledger/", "claim_checks/")
_ARRIVAL_SECONDS = 60


def spark_settings(emulator: Emulator) -> dict[str, str]:
    """Return what Glue sets by itself, its jars and S3A for `s3://`; and where S3A finds the emulator, by TLS."""
    aws = [str(FOLDER / jar.file_name) for jar in aws_jars()]
    java = LAPTOP["spark.driver.extraJavaOptions"]
    return {
        **LAPTOP,
        "spark.jars": ",".join([LAPTOP["spark.jars"], *aws]),
        "spark.driver.extraJavaOptions": f"{java} {emulator.certificate.java_options()}",
        "spark.hadoop.fs.s3.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem",
        "spark.hadoop.fs.s3a.endpoint": emulator.url,
        # Spark hands on the keys of the environment, and the session token that makes them a role's it leaves behind.
        "spark.hadoop.fs.s3a.aws.credentials.provider": "com.amazonaws.auth.EnvironmentVariableCredentialsProvider",
    }


def run_job(deployed: Deployment, job: str, run_id: str, folder: Path) -> None:
    """Run a job on the deployed lake, under the role that its template gives it."""
    role = deployed.client("glue").get_job(JobName=job)["Job"]["Role"].rpartition("/")[2]
    given = deployed.emulator.assume(role)
    submit(job, f"s3://{deployed.bucket}", run_id, spark_settings(deployed.emulator), folder, given)


def glue_catalog(emulator: Emulator) -> GlueCatalog:
    """Return the Glue Data Catalog as PyIceberg reads it, for the account's administrator."""
    given = emulator.environment
    # Without TLS, because pyarrow reads the file of trusted certificates but once in a process.
    return GlueCatalog(
        "lake",
        **{
            "client.region": REGION,
            "client.access-key-id": given["AWS_ACCESS_KEY_ID"],
            "client.secret-access-key": given["AWS_SECRET_ACCESS_KEY"],
            "glue.endpoint": emulator.plain_url,
            "s3.endpoint": emulator.plain_url,
        },
    )


def upload(deployed: Deployment, folder: Path) -> None:
    """Copy what lies in Bronze, and what it names, to the bucket; the bucket's own events write the ledger."""
    s3 = deployed.client("s3")
    for name in ("claim_checks", "bronze"):
        for path in filter(Path.is_file, (folder / name).rglob("*")):
            s3.upload_file(str(path), deployed.bucket, path.relative_to(folder).as_posix())


def download(deployed: Deployment, folder: Path) -> Path:
    """Return a lake in a folder that holds what the bucket holds before Silver."""
    s3 = deployed.client("s3")
    for prefix in BRONZE:
        for key in keys(deployed, prefix):
            path = folder / key
            path.parent.mkdir(parents=True, exist_ok=True)
            s3.download_file(deployed.bucket, key, str(path))
    return folder


def keys(deployed: Deployment, prefix: str) -> list[str]:
    """Return the keys of the lake's objects that begin so."""
    pages = deployed.client("s3").get_paginator("list_objects_v2").paginate(Bucket=deployed.bucket, Prefix=prefix)
    return [found["Key"] for page in pages for found in page.get("Contents", [])]


def rows(deployed: Deployment, prefix: str) -> list[dict[str, Any]]:
    """Return the rows of the Parquet objects that begin so."""
    s3 = deployed.client("s3")
    objects = (s3.get_object(Bucket=deployed.bucket, Key=key)["Body"].read() for key in keys(deployed, prefix))
    return [row for content in objects for row in pq.read_table(pyarrow.BufferReader(content)).to_pylist()]


def wait_for_ledger(deployed: Deployment) -> None:
    """Wait until the ledger names every object of Bronze."""

    def is_complete() -> bool:
        named = {row["object_key"] for row in rows(deployed, "bronze_ledger/")}
        return set(keys(deployed, "bronze/")) <= named

    wait(is_complete, "the ledger")


def wait(condition: Callable[[], bool], what: str) -> None:
    """Wait until the condition holds; fail and say for what if it does not."""
    deadline = time.monotonic() + _ARRIVAL_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"waited {_ARRIVAL_SECONDS} s for {what}"
        time.sleep(0.2)

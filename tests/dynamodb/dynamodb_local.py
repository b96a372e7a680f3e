"""A real table with a real stream on this machine: DynamoDB Local in a process of its own."""

import json
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from local.jars import FOLDER, dynamodb_local
from local.java import java_home

TABLE = "todo-app-data"
_MAIN = "software.amazon.dynamodb.services.local.main.ServerRunner"
_START_SECONDS = 60


@contextmanager
def dynamodb(log: Path) -> Iterator[str]:
    """Give the address of an empty DynamoDB; what its server prints goes to `log`."""
    port = _free_port()
    # fmt: off
    command: list[str | Path] = [
        java_home() / "bin" / "java", "-cp", f"{FOLDER / dynamodb_local().file_name}/*", _MAIN,
        "-inMemory", "-disableTelemetry", "-port", str(port),
    ]
    # fmt: on
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as server:
        try:
            _wait_for(server, port, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def client(service: str, url: str) -> Any:
    """Return boto3's client for DynamoDB Local's table or stream API."""
    return boto3.client(
        service,  # type: ignore[call-overload]
        endpoint_url=url,
        aws_access_key_id="local",
        aws_secret_access_key="local",
        region_name="us-east-1",
        config=Config(proxies={}),
    )


def create_table(url: str) -> str:
    """Make the application's table; return its stream's ARN."""
    keys = {"PK": "HASH", "SK": "RANGE"}
    answer = client("dynamodb", url).create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    return str(answer["TableDescription"]["LatestStreamArn"])


def read_stream(url: str, arn: str) -> list[dict[str, Any]]:
    """Return every record of the stream, in order, in the shape that Lambda hands over.

    That is GetRecords' own answer, but for the stream's ARN; boto3 would parse its times and binaries.
    """
    answers: list[bytes] = []
    streams = client("dynamodbstreams", url)
    streams.meta.events.register(
        "after-call.dynamodb-streams.GetRecords", lambda http_response, **_: answers.append(http_response.content)
    )
    for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
        position = {"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
        iterator = streams.get_shard_iterator(**position)["ShardIterator"]
        while (answer := streams.get_records(ShardIterator=iterator))["Records"]:
            iterator = answer["NextShardIterator"]
    return [record | {"eventSourceARN": arn} for answer in answers for record in json.loads(answer)["Records"]]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def _wait_for(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"DynamoDB Local did not start: {log.read_text()}")

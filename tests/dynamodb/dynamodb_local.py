"""A real table with a real stream on this machine: DynamoDB Local in a process of its own."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from py4j.java_gateway import JavaGateway

from local.jars import FOLDER, dynamodb_local
from local.java import java_home

TABLE = "todo-app-data"


@contextmanager
def dynamodb(log: Path) -> Iterator[str]:
    """Give the address of an empty DynamoDB on loopback; what its server prints goes to `log`.

    Its own command listens on every interface, and has no option for that: so it is started from here, through py4j.
    """
    with log.open("w") as output:
        java = JavaGateway.launch_gateway(
            classpath=f"{FOLDER / dynamodb_local().file_name}/*",
            java_path=str(java_home() / "bin" / "java"),
            redirect_stdout=output,
            redirect_stderr=output,
            die_on_exit=True,
        )
        try:
            server, connector = _on_loopback(java)
            server.start()
            yield f"http://127.0.0.1:{connector.getLocalPort()}"
            server.stop()
        finally:
            java.shutdown()
            java.java_process.terminate()
            java.java_process.wait()


def _on_loopback(java: Any) -> tuple[Any, Any]:
    """Return the server, not yet started, and its connector, on a port that the machine will choose."""
    options = ["-inMemory", "-disableTelemetry"]
    arguments = java.new_array(java.jvm.java.lang.String, len(options))
    for position, option in enumerate(options):
        arguments[position] = option
    services = java.jvm.software.amazon.dynamodb.services.local
    server = services.main.ServerRunner.createServerFromCommandLineArgs(arguments)
    field = server.getClass().getDeclaredField("server")
    field.setAccessible(True)
    [connector] = field.get(server).getConnectors()
    connector.setHost("127.0.0.1")
    connector.setPort(0)
    return server, connector


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

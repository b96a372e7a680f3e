"""A deployed lake for the tests of a replay: S3 is moto's, Lambda runs the deployable functions on a fake Firehose."""

import base64
import gzip
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from botocore.exceptions import ClientError

from cdc_lambda.handler import make_handler
from cdc_lambda.log_forwarder import make_forwarder
from operations.replay.delivery_door import STREAMS, DeliveryDoor
from operations.replay.function_doors import CDC_FUNCTION, FORWARDER_FUNCTION, ForwarderDoor, StreamDoor
from operations.replay.replay import replay
from operations.replay.report import ReplayReport
from operations.replay.stores import Doors, FailureStores
from tests.unit.cdc_lambda.fakes import FakeContext, FakeFirehose, FakeS3, claim_check_in, delivery_to
from tests.unit.local.stream_records import log_event, stream_record

BUCKET = "task-lake-dev"
BATCH = "aws/lambda/0f1e/shardId-1/2025/10/15/2025-10-15T12.00.00-{}"
EVENT = f"aws/lambda/async/{FORWARDER_FUNCTION}/2025/10/15/2025-10-15T12.00.00-{{}}"
UNDELIVERED = "errors/firehose/task_changes/format-conversion-failed/2025/10/15/task-changes-1-{}"


def no_progress(_done: int, _total: int) -> None:
    """Show nothing."""


class FakeLambda:
    """Lambda's Invoke: runs a function at once, and answers as Lambda does where it raises."""

    def __init__(self, functions: Mapping[str, Callable[[Any], Any]]) -> None:
        self.functions = dict(functions)
        self.events: list[Any] = []

    def invoke(self, *, FunctionName: str, InvocationType: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803
        assert InvocationType == "RequestResponse"
        assert len(Payload) <= 6 * 1024 * 1024, "Lambda takes no larger event"
        event = json.loads(Payload)
        self.events.append(event)
        try:
            answer = self.functions[FunctionName](event)
        except ClientError:
            raise
        except Exception as error:
            body = json.dumps({"errorMessage": str(error), "errorType": type(error).__name__}).encode()
            return {"StatusCode": 200, "FunctionError": "Unhandled", "Payload": BytesIO(body)}
        return {"StatusCode": 200, "Payload": BytesIO(json.dumps(answer).encode())}


@dataclass
class Lake:
    """A lake's bucket with the services around it."""

    s3: Any
    firehose: FakeFirehose = field(default_factory=FakeFirehose)
    bucket: str = BUCKET
    lambda_: FakeLambda = field(init=False)

    def __post_init__(self) -> None:
        handler = make_handler(delivery_to(self.firehose), claim_check_in(FakeS3()), CDC_FUNCTION)
        forwarder = make_forwarder(delivery_to(self.firehose), claim_check_in(FakeS3()), FORWARDER_FUNCTION)
        self.lambda_ = FakeLambda(
            {
                CDC_FUNCTION: lambda event: handler(event, FakeContext()),
                FORWARDER_FUNCTION: lambda event: forwarder(event, FakeContext()),
            }
        )

    def put(self, key: str, body: str | bytes) -> str:
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body.encode() if isinstance(body, str) else body)
        return key

    def names(self) -> list[str]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
        return [entry["Key"] for page in pages for entry in page.get("Contents", ())]

    def doors(self) -> Doors:
        streams = {table: DeliveryDoor(delivery_to(self.firehose)) for table in STREAMS}
        return Doors(StreamDoor(self.lambda_), ForwarderDoor(self.lambda_), streams)

    def replay(self, is_dry: bool = False, **chosen: Any) -> ReplayReport:
        return replay(FailureStores(self.s3, self.bucket, **chosen), self.doors(), no_progress, is_dry)

    def ids(self) -> list[str]:
        """Return the ids of the rows that Firehose has taken, in their order."""
        return [row.get("event_id") or row["log_event_id"] for row in self.firehose.rows]


def batch(*records: Any) -> str:
    """Return the document of a batch that the event source mapping gave up."""
    return json.dumps({"version": "1.0", "payload": json.dumps({"Records": records})})


def changes(*numbers: int) -> list[dict[str, Any]]:
    return [stream_record(number) for number in numbers]


def poison(number: int) -> dict[str, Any]:
    record = stream_record(number)
    return record | {"dynamodb": record["dynamodb"] | {"ApproximateCreationDateTime": "noon"}}


def logs(*numbers: int) -> dict[str, Any]:
    """Return the event that CloudWatch Logs invokes the forwarder with."""
    events = [log_event(number) for number in numbers]
    return log_payload({name: event[name] for name in ("id", "timestamp", "message")} for event in events)


def log_payload(events: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return the event of a payload with these log events."""
    payload = {
        "messageType": "DATA_MESSAGE",
        "logGroup": "/aws/lambda/todo-app",
        "logStream": "stream",
        "logEvents": list(events),
    }
    return {"awslogs": {"data": base64.b64encode(gzip.compress(json.dumps(payload).encode())).decode()}}


def given_up(event: Any, message: str = "3 of 3 log events were not delivered") -> str:
    """Return the document of an event that Lambda's asynchronous queue gave up."""
    return json.dumps({"version": "1.0", "requestPayload": event, "responsePayload": {"errorMessage": message}})


def error_line(payload: bytes, **members: str) -> str:
    """Return one line of Firehose's error output."""
    given = members or {"errorCode": "DataFormatConversion.MalformedData", "errorMessage": "no date"}
    return json.dumps({"rawData": base64.b64encode(payload).decode(), **given}) + "\n"


def error_lines(ids: Iterable[str]) -> str:
    return "".join(error_line(json.dumps({"event_id": each}).encode()) for each in ids)

"""The same work as most functions would do it: Powertools' batch processor, boto3's TypeDeserializer, json.

It is given every advantage that its libraries' documentation shows: one deserializer and one processor, raw events,
one PutRecordBatch an invocation. Unlike ours it turns numbers to text and sorts nothing out by size.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
from boto3.dynamodb.types import TypeDeserializer


def powertools_handler(firehose: Any, stream: str) -> Callable[[dict[str, Any], Any], Any]:
    """Return a Lambda handler that delivers the task changes of a batch."""
    processor = BatchProcessor(event_type=EventType.DynamoDBStreams)
    deserialize = TypeDeserializer().deserialize
    payloads: list[dict[str, bytes]] = []

    def handle_record(record: DynamoDBRecord) -> None:
        change = record.raw_event["dynamodb"]
        user, task = (change["Keys"][key]["S"] for key in ("PK", "SK"))
        if user.startswith("TASK#") and task.startswith("TASK#"):
            images = [_image(deserialize, change.get(name)) for name in ("NewImage", "OldImage")]
            envelope = _envelope(record.raw_event, user.removeprefix("TASK#"), task.removeprefix("TASK#"), images)
            payloads.append({"Data": json.dumps(envelope).encode()})

    def handle(event: dict[str, Any], context: Any) -> Any:
        payloads.clear()
        response = process_partial_response(event, handle_record, processor, context)
        firehose.put_record_batch(DeliveryStreamName=stream, Records=payloads)
        return response

    return handle


def _image(deserialize: Callable[[Any], Any], image: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if image is None else {name: deserialize(value) for name, value in image.items()}


def _envelope(record: Mapping[str, Any], user: str, task: str, images: list[dict[str, Any] | None]) -> dict[str, Any]:
    change = record["dynamodb"]
    changed_at = datetime.fromtimestamp(change["ApproximateCreationDateTime"], UTC)
    created_at = next((image["created_at"] for image in images if image and "created_at" in image), None)
    created = changed_at if created_at is None else datetime.fromtimestamp(int(created_at), UTC)
    new_image, old_image = (None if image is None else json.dumps(image, default=str) for image in images)
    deleter = record.get("userIdentity") or {}
    return {
        "event_id": record["eventID"],
        "event_name": record["eventName"],
        "sequence_number": change["SequenceNumber"],
        "changed_at": f"{changed_at:%Y-%m-%d %H:%M:%S}",
        "user_id": user,
        "task_id": task,
        "event_date": f"{created:%Y-%m-%d}",
        "is_ttl_delete": deleter.get("principalId") == "dynamodb.amazonaws.com",
        "new_image": new_image,
        "old_image": old_image,
        "stream_arn": record["eventSourceARN"],
        "ingested_at": f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}",
    }

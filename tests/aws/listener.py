"""Who hears the alarms' topic: a queue that is subscribed to it."""

import json
from typing import Any

from tests.aws.deployment import Deployment


class Listener:
    """A queue of that name, which hears the topic from now on."""

    def __init__(self, deployed: Deployment, name: str) -> None:
        self._sqs = deployed.client("sqs")
        self._queue = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        attributes = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])["Attributes"]
        arn, topic = attributes["QueueArn"], deployed.resources["AlarmTopic"]
        self._sqs.set_queue_attributes(QueueUrl=self._queue, Attributes={"Policy": json.dumps(_policy(arn, topic))})
        deployed.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)

    def told(self) -> list[str]:
        """Return the messages since the last time."""
        messages: list[str] = []
        while found := self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get("Messages"):
            for message in found:
                messages.append(json.loads(message["Body"])["Message"])
                self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
        return messages


def _policy(queue: str, topic: str) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}

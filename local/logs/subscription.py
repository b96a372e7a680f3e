"""CloudWatch Logs' subscription filter to a function: docs/aws-semantics.md#cloudwatch-logs-subscriptions-1."""

import base64
import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from local.clock import VirtualClock
from local.lambda_functions.runtime import ACCOUNT
from local.logs.log_event import LogEvent

FILTER_NAME = "task-lake"
# How CloudWatch gathers is not documented, only that it takes "usually less than three minutes".
BATCH_SECONDS = 60
MAX_BATCH_BYTES = 256 * 1024


@dataclass
class _Batch:
    events: list[LogEvent] = field(default_factory=list)
    size: int = 0


class LogSubscription:
    """Hands log events over in payloads of one log stream each, in the order in which they came."""

    def __init__(self, invoke_async: Callable[[Mapping[str, Any]], None], clock: VirtualClock) -> None:
        self._invoke_async = invoke_async
        self._clock = clock
        self._open: dict[tuple[str, str], _Batch] = {}

    def offer(self, log_event: LogEvent) -> None:
        """Take one log event; its payload goes out when it is old or large enough."""
        source = (log_event.log_group, log_event.log_stream)
        size = len(log_event.text.encode())
        batch = self._open.get(source)
        if batch and batch.size + size > MAX_BATCH_BYTES:
            self._send(source, batch)
        batch = self._open.get(source) or self._new_batch(source)
        batch.events.append(log_event)
        batch.size += size

    def _new_batch(self, source: tuple[str, str]) -> _Batch:
        self._open[source] = batch = _Batch()
        self._clock.at(self._clock.now() + BATCH_SECONDS, partial(self._send, source, batch))
        return batch

    def _send(self, source: tuple[str, str], batch: _Batch) -> None:
        if self._open.get(source) is batch:
            del self._open[source]
            self._invoke_async(to_lambda_event(*source, batch.events))


def to_lambda_event(log_group: str, log_stream: str, events: list[LogEvent]) -> dict[str, Any]:
    """Return the event that a subscribed function gets, the same bytes every time."""
    payload = {
        "messageType": "DATA_MESSAGE",
        "owner": ACCOUNT,
        "logGroup": log_group,
        "logStream": log_stream,
        "subscriptionFilters": [FILTER_NAME],
        "logEvents": [{"id": one.id, "timestamp": one.timestamp_ms, "message": one.message} for one in events],
    }
    packed = gzip.compress(json.dumps(payload, ensure_ascii=False).encode(), mtime=0)
    return {"awslogs": {"data": base64.b64encode(packed).decode()}}

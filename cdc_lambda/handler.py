"""The Lambda entry point: a batch of stream records in, the first record to retry from out."""

import logging
import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any, Protocol, TypeAlias

import boto3
from botocore.config import Config

from cdc_lambda.delivery import (
    CONNECT_TIMEOUT_SECONDS,
    MAX_RECORD_BYTES,
    READ_TIMEOUT_SECONDS,
    Delivery,
    FirehoseClient,
    OversizeRecordError,
    Receipt,
)
from cdc_lambda.envelope import Record, UndecodableRecordError, is_task_change, to_json, to_payload

logger = logging.getLogger("cdc_lambda")


class LambdaContext(Protocol):
    """What the handler uses of Lambda's context object."""

    aws_request_id: str

    def get_remaining_time_in_millis(self) -> int:
        """Return how long Lambda lets this invocation go on."""


BatchResponse: TypeAlias = dict[str, list[dict[str, str]]]
Handler: TypeAlias = Callable[[Mapping[str, Any], LambdaContext], BatchResponse]


@dataclass
class Batch:
    """What can be sent, in stream order, up to the first record that cannot; and what is wrong with that."""

    payloads: list[bytes] = field(default_factory=list)
    sequence_numbers: list[str] = field(default_factory=list)
    skipped: int = 0
    poison: str | None = None
    fault: str | None = None


def lambda_handler(event: Mapping[str, Any], context: LambdaContext) -> BatchResponse:
    """Return the first stream record to retry from, or none: what ``ReportBatchItemFailures`` asks for."""
    return _deployed_handler()(event, context)


@cache
def _deployed_handler() -> Handler:
    """Return the handler of this execution environment, made once and warm from then on."""
    log_to_stdout()
    # One attempt a call: the delivery retries, and only it knows the time left.
    config = Config(
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        read_timeout=READ_TIMEOUT_SECONDS,
        retries={"mode": "standard", "total_max_attempts": 1},
    )
    firehose: Any = boto3.client("firehose", config=config)
    return make_handler(firehose, os.environ["DELIVERY_STREAM"])


def log_to_stdout() -> None:
    """Make each log line one JSON object on stdout: Lambda's own log format would put text before it."""
    logger.handlers = [logging.StreamHandler(sys.stdout)]
    logger.setLevel(logging.INFO)
    logger.propagate = False


def make_handler(
    firehose: FirehoseClient,
    delivery_stream: str,
    now: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> Handler:
    """Return a Lambda handler that delivers to ``delivery_stream``; ``now`` and ``sleep`` are in seconds."""
    delivery = Delivery(firehose, delivery_stream, sleep)

    def handle(event: Mapping[str, Any], context: LambdaContext) -> BatchResponse:
        started_at = now()
        batch = read_batch(event["Records"], started_at)
        receipt = delivery.deliver(batch.payloads, lambda: context.get_remaining_time_in_millis() / 1000)
        write_log(context.aws_request_id, started_at, now(), batch, receipt)
        return to_response(batch, receipt)

    return handle


def read_batch(records: Iterable[Record], ingested_at: float) -> Batch:
    """Return what can be sent before the first record that cannot: from there on the mapping comes again."""
    batch = Batch()
    for record in records:
        try:
            if not is_task_change(record):
                batch.skipped += 1
                continue
            payload = to_payload(record, ingested_at)
            if len(payload) > MAX_RECORD_BYTES:
                raise OversizeRecordError(f"the envelope passes {MAX_RECORD_BYTES} bytes")
        except (UndecodableRecordError, OversizeRecordError) as error:
            batch.poison, batch.fault = sequence_number(record), str(error)
            break
        batch.payloads.append(payload)
        batch.sequence_numbers.append(sequence_number(record))
    return batch


def sequence_number(record: Record) -> str:
    """Return the record's place in its shard; empty if it has none, which fails the whole batch."""
    change = record.get("dynamodb") if isinstance(record, Mapping) else None
    number = change.get("SequenceNumber") if isinstance(change, Mapping) else None
    return number if isinstance(number, str) else ""


def to_response(batch: Batch, receipt: Receipt) -> BatchResponse:
    """Return the first failed record alone: batches are in shard order, so it is the lowest of them."""
    failed = batch.sequence_numbers[receipt.undelivered[0]] if receipt.undelivered else batch.poison
    return {"batchItemFailures": [] if failed is None else [{"itemIdentifier": failed}]}


def write_log(request_id: str, started_at: float, ended_at: float, batch: Batch, receipt: Receipt) -> None:
    """Write the invocation as one JSON line: counts and names of faults, never a key, an image or a value."""
    failed = bool(receipt.undelivered) or batch.poison is not None
    line = {
        "timestamp": datetime.fromtimestamp(ended_at, UTC).isoformat(timespec="milliseconds"),
        "level": "ERROR" if failed else "INFO",
        "request_id": request_id,
        "component": "cdc_lambda",
        "operation": "deliver_task_changes",
        "duration_ms": round((ended_at - started_at) * 1000),
        "status": "error" if failed else "success",
        "message": batch.fault or ("Firehose did not accept all" if failed else "delivered"),
        "metadata": to_counts(batch, receipt),
    }
    logger.log(logging.ERROR if failed else logging.INFO, to_json(line))


def to_counts(batch: Batch, receipt: Receipt) -> dict[str, int | dict[str, int]]:
    """Return how many records went which way, and Firehose's error codes with how often each came."""
    return {
        "delivered": len(batch.payloads) - len(receipt.undelivered),
        "undelivered": len(receipt.undelivered),
        "resent": receipt.resent,
        "skipped": batch.skipped,
        "poison": int(batch.poison is not None),
        "error_codes": dict(receipt.error_codes),
    }

"""The Lambda entry point of the stream: a batch of stream records in, the first record to retry from out."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeAlias

from orjson import JSONEncodeError

from cdc_lambda.batch import Batch
from cdc_lambda.claim_check import ClaimCheck, OversizeRowError, UnstoredTextsError
from cdc_lambda.delivery import Delivery, Receipt
from cdc_lambda.envelope import IMAGES, Record, UndecodableRecordError, to_envelope
from cdc_lambda.environment import LambdaContext, deployed_claim_check, deployed_delivery, log_to_stdout
from cdc_lambda.invocation_log import InvocationLog
from cdc_lambda.times import to_timestamp

BatchResponse: TypeAlias = dict[str, list[dict[str, str]]]
Handler: TypeAlias = Callable[[Mapping[str, Any], LambdaContext], BatchResponse]


@dataclass
class StreamBatch(Batch):
    """What can be sent, in stream order, up to the first record that cannot; and which that is."""

    sequence_numbers: list[str] = field(default_factory=list)
    stopped_at: str | None = None


def lambda_handler(event: Mapping[str, Any], context: LambdaContext) -> BatchResponse:
    """Return the first stream record to retry from, or none: what ``ReportBatchItemFailures`` asks for."""
    return _deployed_handler()(event, context)


@cache
def _deployed_handler() -> Handler:
    """Return the handler of this execution environment, made once and warm from then on."""
    log_to_stdout()
    return make_handler(deployed_delivery(), deployed_claim_check(), os.environ["AWS_LAMBDA_FUNCTION_NAME"])


def make_handler(
    delivery: Delivery, claim_check: ClaimCheck, function_name: str, now: Callable[[], float] = time.time
) -> Handler:
    """Return a Lambda handler that delivers task changes; ``now`` is in Unix seconds."""
    log = InvocationLog("cdc_lambda", "deliver_task_changes", function_name)

    def handle(event: Mapping[str, Any], context: LambdaContext) -> BatchResponse:
        def seconds_left() -> float:
            return context.get_remaining_time_in_millis() / 1000

        started_at = now()
        batch = read_batch(event["Records"], to_timestamp(round(started_at * 1000)), claim_check, seconds_left)
        receipt = delivery.deliver(batch.payloads, seconds_left)
        log.write(context.aws_request_id, started_at, now(), batch, receipt)
        return to_response(batch, receipt)

    return handle


def read_batch(
    records: Sequence[Record], ingested_at: str, claim_check: ClaimCheck, seconds_left: Callable[[], float]
) -> StreamBatch:
    """Return what can be sent before the first record that cannot: from there on the mapping comes again."""
    batch = StreamBatch(len(records))
    for record in records:
        try:
            if (row := to_envelope(record, ingested_at)) is None:
                batch.skipped += 1
                continue
            payload, is_oversize = claim_check.to_payload(row, IMAGES, seconds_left)
        except (UndecodableRecordError, JSONEncodeError, OversizeRowError, UnstoredTextsError) as error:
            batch.stopped_at, batch.fault = sequence_number(record), str(error)
            break
        batch.add(payload, is_oversize, row["changed_at"])
        batch.sequence_numbers.append(row["sequence_number"])
    return batch


def sequence_number(record: Record) -> str:
    """Return the record's place in its shard; empty if it has none, which fails the whole batch."""
    change = record.get("dynamodb") if isinstance(record, Mapping) else None
    number = change.get("SequenceNumber") if isinstance(change, Mapping) else None
    return number if isinstance(number, str) else ""


def to_response(batch: StreamBatch, receipt: Receipt) -> BatchResponse:
    """Return the first failed record alone: batches are in shard order, so it is the lowest of them."""
    failed = batch.sequence_numbers[receipt.undelivered[0]] if receipt.undelivered else batch.stopped_at
    return {"batchItemFailures": [] if failed is None else [{"itemIdentifier": failed}]}

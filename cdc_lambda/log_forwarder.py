"""The Lambda entry point of log subscriptions: one payload of log events in, nothing out, or an error.

Lambda runs it asynchronously: an error makes Lambda come again with the same payload, and at last put the
payload into the failure destination, whole (docs/aws-semantics.md#cloudwatch-logs-subscriptions-3).
"""

import base64
import gzip
import os
import time
import zlib
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeAlias

import orjson

from cdc_lambda.batch import Batch
from cdc_lambda.claim_check import ClaimCheck, OversizeRowError, UnstoredTextsError
from cdc_lambda.delivery import Delivery, Receipt
from cdc_lambda.environment import LambdaContext, deployed_claim_check, deployed_delivery, log_to_stdout
from cdc_lambda.invocation_log import InvocationLog
from cdc_lambda.log_envelope import MESSAGE, LogEnvelope, UndecodableLogEventError, text_of, to_log_envelope
from cdc_lambda.times import to_timestamp

Forwarder: TypeAlias = Callable[[Mapping[str, Any], LambdaContext], None]


class UndecodablePayloadError(Exception):
    """The payload is not what CloudWatch Logs sends. Lambda logs it, so it names the fault and never a value."""


class UndeliveredError(Exception):
    """Not every log event was delivered: Lambda's retry brings all of them again, and ``log_event_id`` dedupes."""


def lambda_handler(event: Mapping[str, Any], context: LambdaContext) -> None:
    """Deliver the log events of one payload, or raise, so that Lambda keeps the payload."""
    _deployed_forwarder()(event, context)


@cache
def _deployed_forwarder() -> Forwarder:
    """Return the forwarder of this execution environment, made once and warm from then on."""
    log_to_stdout()
    return make_forwarder(deployed_delivery(), deployed_claim_check(), os.environ["AWS_LAMBDA_FUNCTION_NAME"])


def make_forwarder(
    delivery: Delivery, claim_check: ClaimCheck, function_name: str, now: Callable[[], float] = time.time
) -> Forwarder:
    """Return a Lambda handler that delivers log events; ``now`` is in Unix seconds."""
    log = InvocationLog("log_forwarder", "deliver_api_logs", function_name)

    def forward(event: Mapping[str, Any], context: LambdaContext) -> None:
        def seconds_left() -> float:
            return context.get_remaining_time_in_millis() / 1000

        started_at = now()
        try:
            payload = read_payload(event)
            rows = to_rows(payload, to_timestamp(round(started_at * 1000)))
        except (UndecodablePayloadError, UndecodableLogEventError) as error:
            # The payload counts as one record: how many log events it holds is not known.
            log.write(context.aws_request_id, started_at, now(), Batch(1, fault=str(error)), Receipt())
            raise UndecodablePayloadError(str(error)) from None
        batch = to_batch(rows, len(payload["logEvents"]), claim_check, seconds_left)
        receipt = delivery.deliver(batch.payloads, seconds_left)
        log.write(context.aws_request_id, started_at, now(), batch, receipt)
        if left := len(rows) - len(batch.payloads) + len(receipt.undelivered):
            raise UndeliveredError(f"{left} of {len(rows)} log events were not delivered")

    return forward


def read_payload(event: Mapping[str, Any]) -> Any:
    """Return the payload that CloudWatch Logs packed into the event."""
    try:
        payload = orjson.loads(gzip.decompress(base64.b64decode(event["awslogs"]["data"], validate=True)))
    except (KeyError, TypeError):
        raise UndecodablePayloadError("the event holds no awslogs.data") from None
    except (ValueError, OSError, EOFError, zlib.error) as error:
        raise UndecodablePayloadError(f"awslogs.data is no gzipped JSON in base64: {type(error).__name__}") from None
    if not isinstance(payload, dict) or not isinstance(payload.get("logEvents"), list):
        raise UndecodablePayloadError("the payload holds no logEvents")
    return payload


def to_rows(payload: Mapping[str, Any], ingested_at: str) -> list[LogEnvelope]:
    """Return one row a log event; none for a ``CONTROL_MESSAGE``, by which CloudWatch Logs probes the function."""
    if (kind := payload.get("messageType")) == "CONTROL_MESSAGE":
        return []
    if kind != "DATA_MESSAGE":
        raise UndecodablePayloadError("messageType is not DATA_MESSAGE or CONTROL_MESSAGE")
    log_group, log_stream = text_of(payload, "logGroup"), text_of(payload, "logStream")
    return [to_log_envelope(log_event, log_group, log_stream, ingested_at) for log_event in payload["logEvents"]]


def to_batch(
    rows: list[LogEnvelope], received: int, claim_check: ClaimCheck, seconds_left: Callable[[], float]
) -> Batch:
    """Return what can be sent; a row whose message could not be stored is left out, and the others go."""
    batch = Batch(received, skipped=received - len(rows))
    for row in rows:
        try:
            payload, is_oversize = claim_check.to_payload(row, MESSAGE, seconds_left)
        except (OversizeRowError, UnstoredTextsError) as error:
            batch.fault = str(error)
        else:
            batch.add(payload, is_oversize, row["logged_at"])
    return batch

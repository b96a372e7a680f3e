"""A Firehose that takes everything at once, so that only the function's side of a call is timed."""

import json
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from cdc_lambda.circuit_breaker import CircuitBreaker
from cdc_lambda.claim_check import ClaimCheck
from cdc_lambda.delivery import Delivery
from cdc_lambda.environment import deployed_delivery
from cdc_lambda.handler import make_handler

STREAM = "task-changes"
SETTINGS = {
    "AWS_ACCESS_KEY_ID": "benchmark",
    "AWS_SECRET_ACCESS_KEY": "benchmark",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_LAMBDA_FUNCTION_NAME": "cdc",
    "DELIVERY_STREAM": STREAM,
    "LAKE_BUCKET": "task-lake",
}
_RECORD_ID = "x" * 224  # as long as Firehose's own


class Context:
    """Lambda's context, with time enough."""

    aws_request_id = "5f1c7a3e-0000-4000-8000-000000000001"

    def get_remaining_time_in_millis(self) -> int:
        """Return a minute."""
        return 60_000


class AcceptingClient:
    """In place of boto3's client: nothing is encoded, signed or parsed."""

    def put_record_batch(
        self,
        *,
        DeliveryStreamName: str,  # noqa: N803 - boto3's names
        Records: list[dict[str, bytes]],  # noqa: N803
    ) -> Mapping[str, Any]:
        """Return one entry a record."""
        return _acceptance(len(Records))


class KeepingClient(AcceptingClient):
    """Keeps the envelopes besides."""

    def __init__(self) -> None:
        self.payloads: list[bytes] = []

    def put_record_batch(
        self,
        *,
        DeliveryStreamName: str,  # noqa: N803 - boto3's names
        Records: list[dict[str, bytes]],  # noqa: N803
    ) -> Mapping[str, Any]:
        """Return one entry a record."""
        self.payloads += [record["Data"] for record in Records]
        return super().put_record_batch(DeliveryStreamName=DeliveryStreamName, Records=Records)


def boto3_client() -> Any:
    """Return the deployed function's own client, faked below boto3: at its HTTP session."""
    os.environ |= SETTINGS
    client: Any = deployed_delivery().firehose
    client._endpoint.http_session = _AcceptingHttp()
    return client


def our_handler(firehose: Any) -> Callable[[Mapping[str, Any]], object]:
    """Return our handler over a client, its log lines written but kept nowhere."""
    logger = logging.getLogger("cdc_lambda")
    logger.handlers, logger.propagate = [logging.FileHandler(os.devnull)], False
    logger.setLevel(logging.INFO)
    handle = make_handler(Delivery(firehose, STREAM, CircuitBreaker()), ClaimCheck(_NoBucket, "none"), "cdc")
    return lambda event: handle(event, Context())


class _NoBucket:
    def put_object(self, *, Bucket: str, Key: str, Body: bytes) -> Any:  # noqa: N803 - boto3's names
        """Store nothing."""


class _AcceptingHttp:
    def send(self, request: AWSPreparedRequest) -> AWSResponse:
        assert isinstance(request.body, bytes)
        headers: Any = {"Content-Type": "application/x-amz-json-1.1"}
        # Base64 has no brace: there is one a record, and the request's own.
        return AWSResponse(request.url, 200, headers, _Raw(_body(request.body.count(b"{") - 1)))


@dataclass(frozen=True)
class _Raw:
    body: bytes

    def stream(self) -> Iterator[bytes]:
        yield self.body


@cache
def _body(records: int) -> bytes:
    return json.dumps(_acceptance(records)).encode()


def _acceptance(records: int) -> dict[str, Any]:
    return {"FailedPutCount": 0, "Encrypted": False, "RequestResponses": [{"RecordId": _RECORD_ID}] * records}

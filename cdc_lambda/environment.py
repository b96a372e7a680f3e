"""What one execution environment makes when it starts and keeps warm, and what Lambda gives each invocation."""

import logging
import os
import sys
from functools import cache
from typing import Any, Protocol

import boto3
from botocore.config import Config

from cdc_lambda.circuit_breaker import CircuitBreaker
from cdc_lambda.claim_check import ClaimCheck
from cdc_lambda.delivery import CONNECT_TIMEOUT_SECONDS, READ_TIMEOUT_SECONDS, Delivery


class LambdaContext(Protocol):
    """What the functions use of Lambda's context object."""

    aws_request_id: str

    def get_remaining_time_in_millis(self) -> int:
        """Return how long Lambda lets this invocation go on."""


def deployed_delivery() -> Delivery:
    """Return the delivery to the stream that the function's settings name."""
    return Delivery(_client("firehose"), os.environ["DELIVERY_STREAM"], CircuitBreaker())


def deployed_claim_check() -> ClaimCheck:
    """Return the claim check in the lake's bucket."""
    return ClaimCheck(cache(lambda: _client("s3")), os.environ["LAKE_BUCKET"])


def log_to_stdout() -> None:
    """Make each log line one JSON object on stdout: Lambda's own log format would put text before it."""
    logger = logging.getLogger("cdc_lambda")
    logger.handlers = [logging.StreamHandler(sys.stdout)]
    logger.setLevel(logging.INFO)
    logger.propagate = False


def client_config() -> Config:
    """Return how the functions' clients call: the laptop adds what makes them local."""
    return Config(
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        read_timeout=READ_TIMEOUT_SECONDS,
        # One attempt a call: the delivery and Lambda retry, and only they know the time left.
        retries={"mode": "standard", "total_max_attempts": 1},
        # Each record was wrapped here a moment ago: checking 500 of them against the model is an eighth of a call.
        parameter_validation=False,
    )


def _client(service: str) -> Any:
    client: Any = boto3.client(service, config=client_config())  # type: ignore[call-overload]
    return client

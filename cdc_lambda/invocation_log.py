"""One line an invocation, log and metrics in one: docs/aws-semantics.md#embedded-metric-format-1."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from cdc_lambda.batch import Batch
from cdc_lambda.delivery import Receipt

NAMESPACE: Final = "TaskLake"
DIMENSION: Final = "FunctionName"

logger = logging.getLogger("cdc_lambda")


@dataclass(frozen=True)
class InvocationLog:
    """The lines of one function: counts and names of faults, never a key, an image, a message or a value."""

    component: str
    operation: str
    function_name: str

    def write(self, request_id: str, started_at: float, ended_at: float, batch: Batch, receipt: Receipt) -> None:
        """Write the line of one invocation; times are in Unix seconds."""
        metrics = to_metrics(batch, receipt, started_at)
        failed = bool(metrics["Failed"])
        line = {
            "timestamp": datetime.fromtimestamp(ended_at, UTC).isoformat(timespec="milliseconds"),
            "level": "ERROR" if failed else "INFO",
            "request_id": request_id,
            "component": self.component,
            "operation": self.operation,
            "duration_ms": round((ended_at - started_at) * 1000),
            "status": "error" if failed else "success",
            "message": batch.fault or to_message(receipt),
            "error_codes": receipt.error_codes,
            DIMENSION: self.function_name,
            **metrics,
            "_aws": to_directive(metrics, ended_at),
        }
        logger.log(logging.ERROR if failed else logging.INFO, orjson.dumps(line).decode())


def to_message(receipt: Receipt) -> str:
    """Return in words how a delivery ended."""
    if not receipt.undelivered:
        return "delivered"
    if receipt.error_codes:
        return "Firehose did not accept all"
    return "Firehose was not called: " + ("the circuit is open" if receipt.is_circuit_open else "no time was left")


def to_metrics(batch: Batch, receipt: Receipt, seen_at: float) -> dict[str, int]:
    """Return the metrics' values. Received = Delivered + Failed + Skipped; what failed will be handed over again."""
    delivered = len(batch.payloads) - len(receipt.undelivered)
    metrics = {
        "Received": batch.received,
        "Delivered": delivered,
        "Retried": receipt.resent,
        "Failed": batch.received - delivered - batch.skipped,
        "Oversize": batch.oversize,
        "Skipped": batch.skipped,
        "BreakerOpen": int(receipt.is_circuit_open),
        "BreakerOpened": receipt.times_opened,
    }
    if batch.oldest_at is not None:
        oldest = datetime.fromisoformat(batch.oldest_at).replace(tzinfo=UTC)
        metrics["IteratorAge"] = max(0, round((seen_at - oldest.timestamp()) * 1000))
    return metrics


def to_directive(metrics: dict[str, int], ended_at: float) -> dict[str, Any]:
    """Return the ``_aws`` member, by which CloudWatch finds the metrics among the line's other members."""
    definitions = [{"Name": name, "Unit": "Milliseconds" if name == "IteratorAge" else "Count"} for name in metrics]
    directive = {"Namespace": NAMESPACE, "Dimensions": [[DIMENSION]], "Metrics": definitions}
    return {"Timestamp": round(ended_at * 1000), "CloudWatchMetrics": [directive]}

"""Rows of `bronze.api_logs` for the tests of what becomes of them."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StringType, StructField, StructType

from glue_jobs.schemas.bronze import API_LOGS

NOON = datetime(2025, 10, 15, 12, tzinfo=UTC)
NOON_MS = 1_760_529_600_000
BARE = "(bare)"  # for a number: the `-` that makes API Gateway's line no JSON
_SCHEMA = StructType([*API_LOGS, StructField("bronze_object", StringType())])

ACCESS = {
    "log": "access",
    "request_id": "r1",
    "user_id": "ada",
    "requested_at_ms": NOON_MS,
    "method": "POST",
    "route": "/tasks",
    "status_code": 201,
    "latency_ms": 24,
    "integration_error": "-",
}
APPLICATION = {
    "timestamp": "2025-10-15T12:00:00.021Z",
    "level": "INFO",
    "request_id": "r1",
    "user_id": "ada",
    "component": "todo_app",
    "operation": "create_task",
    "duration_ms": 21,
    "status": "success",
    "message": "done",
    "metadata": {"route": "/tasks"},
}


def access(**given: Any) -> str:
    """Return an access log line."""
    return json.dumps({**ACCESS, **given}, separators=(",", ":")).replace(f'"{BARE}"', "-")


def application(**given: Any) -> str:
    """Return a line of the application's."""
    return json.dumps({**APPLICATION, **given}) + "\n"


def failed(message: str, **given: Any) -> str:
    """Return a line of the application's that tells of an error."""
    return application(level="ERROR", status="error", message=message, **given)


def bronze_logs(spark: SparkSession, *lines: str | dict[str, Any]) -> DataFrame:
    """Return a Bronze row a line: line 0 of noon, the others a second after the one before.

    A dict gives columns instead; what it leaves out is as for a line.
    """
    return spark.createDataFrame([_row(number, line) for number, line in enumerate(lines)], _SCHEMA)


def _row(number: int, line: str | dict[str, Any]) -> dict[str, Any]:
    row = {
        "log_event_id": f"log-{number}",
        "log_group": "/aws/lambda/todo-app",
        "log_stream": "s",
        "logged_at": NOON + timedelta(seconds=number),
        "event_date": date(2025, 10, 15),
        "user_id": "anonymous",
        "request_id": None,
        "message": None,
        "message_object": None,
        "ingested_at": NOON + timedelta(minutes=1),
        "bronze_object": "bronze/api_logs/2025/10/15/ada/o.parquet",
    }
    return {**row, **(line if isinstance(line, dict) else {"message": line})}

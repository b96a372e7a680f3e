"""How old the newest of each layer is."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from operations.account import Account
from operations.status.metric import values
from operations.status.section import Line, ago, lasting

_DAY = timedelta(days=1)
_LOOK_BACK = timedelta(days=3)
_STREAMS = {"task-changes": "bronze.task_changes", "api-logs": "bronze.api_logs"}
_JOBS = {"silver_tasks": "silver.tasks", "silver_api": "silver.api_requests"}


def bronze(account: Account, now: datetime) -> Iterator[Line]:
    """Yield a line a delivery stream: what it delivered in a day, and how long the oldest record in it waits."""
    cloudwatch = account.client("cloudwatch")
    for stream, table in _STREAMS.items():
        named = {"DeliveryStreamName": stream}
        delivered = values(cloudwatch, "AWS/Firehose", "DeliveryToS3.Records", named, "Sum", (now - _DAY, now))
        waiting = values(cloudwatch, "AWS/Firehose", "DeliveryToS3.DataFreshness", named, "Maximum", (now - _DAY, now))
        age = f"; the oldest not delivered was {lasting(timedelta(seconds=waiting[0]))} old" if waiting else ""
        yield Line(f"{table:<30} {sum(delivered):>9,.0f} records in a day{age}")


def silver(account: Account, now: datetime) -> Iterator[Line]:
    """Yield a line a job: how far behind what has arrived its last publish was; and one a table: its rows."""
    cloudwatch = account.client("cloudwatch")
    for job, table in _JOBS.items():
        lag = values(cloudwatch, "TaskLake", "Lag", {"JobName": job}, "Maximum", (now - _LOOK_BACK, now))
        said = f"was {lasting(timedelta(seconds=lag[0]))} behind" if lag else "no run in 3 days"
        yield Line(f"{table:<30} {said}")
    yield from _rows(account, now)


def _rows(account: Account, now: datetime) -> Iterator[Line]:
    """Yield a line a table, from the one file of Iceberg's that says what it holds."""
    s3 = account.client("s3")
    for page in account.client("glue").get_paginator("get_tables").paginate(DatabaseName="silver"):
        for table in page["TableList"]:
            place = table.get("Parameters", {}).get("metadata_location", "")
            if not place.startswith("s3://"):
                continue
            bucket, _, key = place.removeprefix("s3://").partition("/")
            snapshot = _current(json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read()))
            name = f"silver.{table['Name']}"
            if snapshot:
                at = datetime.fromtimestamp(snapshot["timestamp-ms"] / 1000, tz=now.tzinfo)
                rows = int(snapshot["summary"].get("total-records", 0))
                yield Line(f"{name:<30} {rows:>9,} rows, changed {ago(at, now)}")


def _current(metadata: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the snapshot that readers see."""
    wanted = metadata.get("current-snapshot-id")
    return next((one for one in metadata.get("snapshots", []) if one["snapshot-id"] == wanted), None)

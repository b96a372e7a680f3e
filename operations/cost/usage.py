"""What the deployed lake used, as AWS counted it: CloudWatch's metrics, the runs of Glue's jobs and crawls.

Each source may fail by itself: what it would have told is missing, one line says why, and the others go on.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from operations.account import Account
from operations.aws_errors import operation_error
from operations.cost.day import GB, LEDGER
from operations.cost.measured import billed
from operations.cost.metrics import Metrics, Span
from operations.cost.processing import LEAST_SECONDS
from operations.cost.scans import TB
from operations.cost.settings import DPU_OF_A_WORKER, STREAMS, Settings

CLASSES = {
    "s3_standard": "StandardStorage",
    "s3_standard_ia": "StandardIAStorage",
    "s3_glacier_ir": "GlacierInstantRetrievalStorage",
}
_FIREHOSE = ("IncomingRecords", "IncomingBytes", "DeliveryToS3.ObjectCount", "JQProcessing.Duration")


@dataclass
class Usage:
    """Quantities a month by the price's name, what came in a day, and a line for what could not be told."""

    quantities: dict[str, float] = field(default_factory=dict)
    rows_a_day: dict[str, float] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)


def read_usage(account: Account, span: Span, settings: Settings, bucket: str) -> Usage:
    """Return what the lake used in the span, made a month's."""
    usage, glue = Usage(), account.client("glue")
    metrics = Metrics(account.client("cloudwatch"), span)
    sources: list[tuple[str, Callable[[], Mapping[str, float]]]] = [
        ("Firehose's metrics", lambda: _firehose(metrics, usage)),
        ("Lambda's metrics", lambda: _lambda(metrics, settings)),
        ("Athena's metrics", lambda: _athena(metrics)),
        ("S3's metrics", lambda: _storage(metrics, bucket)),
        ("the log groups' metrics", lambda: _logs(metrics, settings)),
        ("the runs of the jobs", lambda: _jobs(glue, span, settings)),
        ("the crawls", lambda: _crawls(glue, span, settings)),
    ]
    for name, read in sources:
        try:
            usage.quantities |= read()
        except (BotoCoreError, ClientError) as error:
            usage.remarks.append(f"{name} cannot be told: {operation_error(error)}")
    return usage


def _firehose(metrics: Metrics, usage: Usage) -> dict[str, float]:
    """Return what Firehose took and wrote. No record's own size is told: each is taken for as large as their mean."""
    gb, objects, milliseconds = {}, 0.0, 0.0
    for stream in STREAMS:
        told = metrics.sums("AWS/Firehose", {"DeliveryStreamName": stream}, *_FIREHOSE)
        records = told["IncomingRecords"]
        usage.rows_a_day[stream] = records / metrics.span.days
        gb[stream] = records * billed(round(told["IncomingBytes"] / records)) / GB if records else 0.0
        objects += told["DeliveryToS3.ObjectCount"]
        milliseconds += told["JQProcessing.Duration"]
    found = {
        "firehose_ingestion": sum(gb.values()),
        "firehose_conversion": sum(gb.values()),
        "firehose_partitioned_bytes": sum(gb.values()) - gb[LEDGER],
        "firehose_partitioned_objects": objects,
        "firehose_jq_hours": milliseconds / 3_600_000,
    }
    return {name: metrics.span.monthly(quantity) for name, quantity in found.items()}


def _lambda(metrics: Metrics, settings: Settings) -> dict[str, float]:
    names = ("Invocations", "Duration")
    told = [metrics.sums("AWS/Lambda", {"FunctionName": function}, *names) for function in settings.functions]
    seconds = sum(each["Duration"] for each in told) / 1000
    return {
        "lambda_requests": metrics.span.monthly(sum(each["Invocations"] for each in told)),
        f"lambda_gb_seconds_{settings.architecture}": metrics.span.monthly(seconds * settings.memory_gb),
    }


def _athena(metrics: Metrics) -> dict[str, float]:
    """Return what was scanned: without the 10 MB that the smallest query is billed for."""
    terms = 'MetricName="ProcessedBytes" WorkGroup="task-lake"'
    scanned = metrics.sum_of_search("AWS/Athena,QueryState,QueryType,WorkGroup", terms)
    return {"athena_scanned": metrics.span.monthly(scanned / TB)}


def _storage(metrics: Metrics, bucket: str) -> dict[str, float]:
    """Return the bytes of the last day that S3 has counted."""
    classes = {name: {"BucketName": bucket, "StorageType": kind} for name, kind in CLASSES.items()}
    return {name: metrics.newest("AWS/S3", kind, "BucketSizeBytes") / GB for name, kind in classes.items()}


def _logs(metrics: Metrics, settings: Settings) -> dict[str, float]:
    told = [metrics.sums("AWS/Logs", {"LogGroupName": group}, "IncomingBytes") for group in settings.log_groups]
    taken = sum(each["IncomingBytes"] for each in told) / GB
    return {"cloudwatch_log_ingestion": metrics.span.monthly(taken)}


def _jobs(glue: Any, span: Span, settings: Settings) -> dict[str, float]:
    hours = sum(dpu_seconds(run) for name in settings.jobs for run in _runs(glue, name, span)) / 3600
    return {"glue_job_dpu_hours": span.monthly(hours)}


def dpu_seconds(run: Mapping[str, Any]) -> float:
    """Return the DPU-seconds that a run is billed for; ``DPUSeconds`` is there only for FLEX and auto scaling."""
    if run.get("DPUSeconds"):
        return float(run["DPUSeconds"])
    workers = float(run.get("NumberOfWorkers", 0) * DPU_OF_A_WORKER.get(run.get("WorkerType", ""), 0))
    seconds: int = run.get("ExecutionTime", 0)
    return max(seconds, LEAST_SECONDS) * workers


def _runs(glue: Any, job: str, span: Span) -> Iterator[Mapping[str, Any]]:
    for page in glue.get_paginator("get_job_runs").paginate(JobName=job):
        for run in page["JobRuns"]:
            if run["StartedOn"] < span.begin:  # The newest come first.
                return
            if run["StartedOn"] < span.end:
                yield run


def _crawls(glue: Any, span: Span, settings: Settings) -> dict[str, float]:
    hours = sum(crawl.get("DPUHour", 0.0) for name in settings.crawler_names for crawl in _crawls_of(glue, name, span))
    return {"glue_crawler_dpu_hours": span.monthly(hours)}


def _crawls_of(glue: Any, crawler: str, span: Span) -> Iterator[Mapping[str, Any]]:
    request: dict[str, Any] = {"CrawlerName": crawler}
    while True:
        page = glue.list_crawls(**request)
        yield from (crawl for crawl in page.get("Crawls", []) if span.begin <= crawl["StartTime"] < span.end)
        if not page.get("NextToken"):
            return
        request["NextToken"] = page["NextToken"]

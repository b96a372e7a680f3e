"""What lies and watches: bytes, the catalog, CloudWatch, SNS."""

import math
from collections.abc import Iterator
from functools import partial

from operations.cost.assumed import Assumed
from operations.cost.day import CHANGES, GB, LEDGER, LOGS, Day, monthly
from operations.cost.line import Line
from operations.cost.prices import Prices
from operations.cost.schedule import DAYS_A_MONTH

HOURS_A_MONTH = 730
GOLD_VERSIONS = 4  # docs/runbook.md: three besides the published one
SNAPSHOT_DAYS = 7  # RETENTION_DAYS of silver_maintenance
MB = 1024**2
_LOGS = "the lake's own; the API's groups are the API's"
_METRICS = "billed for the hours in which one is written"


def storage_lines(day: Day, prices: Prices) -> Iterator[Line]:
    """Yield what the bytes cost by class, after so many months, and their moves between classes."""
    line = partial(Line, "Storage")
    sizes = dict.fromkeys((each.name for each in day.settings.classes), 0.0)
    moves = dict.fromkeys(sizes, 0.0)
    for stream in (CHANGES, LOGS):
        for name, days in days_in_class(day, stream).items():
            sizes[name] += day.bytes_written(stream) * days
            moves[name] += monthly(day.objects[stream])
    sizes["standard"] += _other_bytes(day)
    size_of_one, least = _object_bytes(day) / 1024, day.settings.least_moved // 1024
    moved = f"an object of Bronze has {size_of_one:,.1f} KB, and none below {least} KB moves"
    note = f"after {day.volume.months:,.0f} months; {moved}"
    for name, size in sizes.items():
        yield line(f"S3 {name}", size / GB, prices[f"s3_{name}"], "vmt", note)
    for name in list(sizes)[1:]:
        yield line(f"moves to {name}", moves[name], prices[f"s3_transitions_{name}"], "vmt")


def days_in_class(day: Day, stream: str) -> dict[str, float]:
    """Return for how many days' objects a class holds, after the months that the lake has stood."""
    age = day.volume.months * DAYS_A_MONTH
    kept = min(age, day.settings.bronze_days or age)
    objects = day.objects[stream]
    is_moved = objects and day.bytes_written(stream) / objects >= day.settings.least_moved
    classes = day.settings.classes if is_moved else day.settings.classes[:1]
    ends = [*(each.from_day for each in classes[1:]), kept]
    return {each.name: max(min(end, kept) - each.from_day, 0) for each, end in zip(classes, ends, strict=True)}


def catalog_lines(day: Day, assumed: Assumed, prices: Prices) -> Iterator[Line]:
    """Yield what the Glue Data Catalog costs."""
    asked = day.settings.runs * assumed["catalog_requests_of_a_run"]
    yield Line("Storage", "catalog objects", assumed["catalog_objects"], prices["glue_catalog_objects"], "a")
    yield Line("Storage", "catalog requests", asked, prices["glue_catalog_requests"], "ta")


def watching_lines(day: Day, assumed: Assumed, prices: Prices) -> Iterator[Line]:
    """Yield what CloudWatch and SNS cost."""
    line, settings = partial(Line, "Watching"), day.settings
    logged = log_bytes(day, assumed) / GB
    kept = logged * settings.log_days / DAYS_A_MONTH
    yield line("logs taken in", logged, prices["cloudwatch_log_ingestion"], "vmta", _LOGS)
    yield line("logs kept", kept, prices["cloudwatch_log_storage"], "vmta", f"{settings.log_days} days")
    yield line("custom metrics", metric_months(day), prices["cloudwatch_metrics"], "vmt", _METRICS)
    yield line("alarms", settings.alarm_metrics, prices["cloudwatch_alarms"], "t")
    yield line("composite alarms", settings.composite_alarms, prices["cloudwatch_composite_alarms"], "t")
    yield line("dashboards", settings.dashboards, prices["cloudwatch_dashboards"], "t")
    yield line("alarm messages", assumed["mails_a_month"], prices["sns_publishes"], "a")
    yield line("alarm mails", assumed["mails_a_month"], prices["sns_mails"], "a")


def log_bytes(day: Day, assumed: Assumed) -> float:
    """Return the bytes a month that the functions and the jobs log."""
    a_call = assumed["platform_log_bytes"] + day.measured.function_log_bytes
    runs = sum(job.runs for job in day.settings.jobs.values())
    return monthly(sum(day.invocations.values())) * a_call + runs * assumed["log_megabytes_of_a_job"] * MB


def metric_months(day: Day) -> float:
    """Return how many metrics are written for how much of a month: a metric is billed by the hour it is written in."""
    hours = sum(monthly(_busy_hours(calls)) for calls in day.invocations.values())
    runs = sum(min(job.runs, HOURS_A_MONTH) for job in day.settings.jobs.values())
    return (hours * day.measured.metrics["function"] + runs * day.measured.metrics["job"]) / HOURS_A_MONTH


def _busy_hours(calls: float) -> float:
    """Return in how many of a day's hours at least one of so many calls falls, if they fall by chance."""
    return 24 * (1 - math.exp(-calls / 24))


def _object_bytes(day: Day) -> float:
    objects = day.objects[CHANGES] + day.objects[LOGS]
    return (day.bytes_written(CHANGES) + day.bytes_written(LOGS)) / objects if objects else 0.0


def _other_bytes(day: Day) -> float:
    """Return the bytes of the ledger, Silver, Gold and the Data Docs."""
    age = day.volume.months * DAYS_A_MONTH
    silver = sum(day.rows[stream] * day.flow(stream).silver_row_bytes for stream in (CHANGES, LOGS)) * age
    made = day.measured.bytes_a_run
    runs = made["gold"] * GOLD_VERSIONS + made["silver"] * SNAPSHOT_DAYS + made["data_docs"]
    return silver + day.bytes_written(LEDGER) * age + (0.0 if day.volume.is_nothing else runs)

"""From the table and the logs to Bronze: Lambda, DynamoDB Streams, Firehose, EventBridge."""

import math
from collections.abc import Iterator
from functools import partial

from operations.cost.assumed import Assumed
from operations.cost.day import CHANGES, LEDGER, LOGS, Day, monthly
from operations.cost.line import Line
from operations.cost.prices import Prices

SECONDS_A_DAY = 86_400
_ROWS = {CHANGES: "a change", LOGS: "a line", LEDGER: "a row for each object"}
_PARTITIONED = "as billed at ingestion: so AWS's calculator; its page says GB delivered"
_JQ = "libjq's time on a laptop; if AWS means the stream's own hours, $51 each"
_EVENTS = "S3 announces every object of the bucket, Silver's too"


def capture_lines(day: Day, assumed: Assumed, prices: Prices) -> Iterator[Line]:
    """Yield what it costs that the functions run."""
    line = partial(Line, "Capture")
    batch = f"batches of {day.settings.batch_size}, or of {day.settings.batch_seconds} s"
    seconds = sum(function_seconds(day, assumed, stream) for stream in (CHANGES, LOGS))
    gb_seconds = monthly(seconds) * day.settings.memory_gb
    polls = monthly(SECONDS_A_DAY * assumed["polls_a_second"])
    yield line("stream reads", polls, prices["dynamodb_stream_reads"], "a", "free for a Lambda trigger; one shard")
    yield line("Lambda requests", monthly(sum(day.invocations.values())), prices["lambda_requests"], "vmt", batch)
    yield line("Lambda GB-seconds", gb_seconds, prices[f"lambda_gb_seconds_{day.settings.architecture}"], "vmta")


def function_seconds(day: Day, assumed: Assumed, stream: str) -> float:
    """Return the seconds a day of one function: its processor time at its share of a vCPU, and one call each."""
    vcpu = day.settings.memory_gb * assumed["vcpu_of_a_gb"]
    processor = day.rows[stream] * day.measured.handler_seconds / min(vcpu, 1)
    return processor + day.invocations[stream] * assumed["seconds_of_a_delivery"]


def delivery_lines(day: Day, prices: Prices) -> Iterator[Line]:
    """Yield what Firehose costs: each record is billed in steps of 5 KB, each object once more."""
    line = partial(Line, "Delivery")
    for stream, row in _ROWS.items():
        note = f"{row}: {day.flow(stream).record_bytes:,.0f} bytes; a record is billed in steps of 5 KB"
        yield line(f"ingestion {stream}", monthly(day.billed_gb(stream)), prices["firehose_ingestion"], "vm", note)
    taken = sum(map(day.billed_gb, _ROWS))
    partitioned = [stream for stream in _ROWS if day.settings.streams[stream].query]
    gb, objects = sum(map(day.billed_gb, partitioned)), sum(day.objects[stream] for stream in partitioned)
    hours = sum(day.rows[stream] * day.flow(stream).jq_seconds for stream in partitioned) / 3600
    yield line("conversion to Parquet", monthly(taken), prices["firehose_conversion"], "vm")
    yield line("partitioned GB", monthly(gb), prices["firehose_partitioned_bytes"], "vm", _PARTITIONED)
    yield line("partitioned objects", monthly(objects), prices["firehose_partitioned_objects"], "vmt", _flushes(day))
    yield line("JQ hours", monthly(hours), prices["firehose_jq_hours"], "vm", _JQ)


def delivery_warnings(day: Day, most: int) -> Iterator[str]:
    """Yield a line for each stream that will open more folders at once than Firehose takes."""
    for stream in (CHANGES, LOGS):
        if (folders := day.open_folders(stream)) > most:
            yield (
                f"{stream}: about {math.ceil(folders):,} folders open in the busiest minute, Firehose takes {most}: "
                "the rest would go to the error prefix; set USER_BUCKETS, or ask AWS for up to 5,000"
            )


def event_line(day: Day, puts: float, deletes: float, prices: Prices) -> Line:
    """Return what it costs that the bucket announces its objects: all of them, not Bronze's alone."""
    events = puts + deletes if day.settings.announces_objects else 0.0
    return Line("Delivery", "object events", events, prices["eventbridge_events"], "vmt", _EVENTS)


def _flushes(day: Day) -> str:
    folders = f"{day.settings.user_buckets} folders a date" if day.settings.user_buckets else "a folder a date and user"
    return f"{folders}, flushed after {day.settings.streams[CHANGES].buffer_seconds} s"

"""The busiest hour of the expected volume through the whole lake, held against each quota; and a backlog at once."""

import time
from pathlib import Path

from local.ingestion import INFRA
from local.template import load_template
from validation import quotas
from validation.backlog import backlogs
from validation.handler_speed import batch_seconds
from validation.hour import Hour, captured_hour
from validation.lakes import Row, run
from validation.load_volume import expected, write_hour
from validation.quotas import Quota
from validation.registry import Note
from validation.result import Check, Figures, Result, at_least, at_most, equal

_STORY = """
Expected are {users:,} users and {changes:,} changes a day (`athena_queries/lints/growth.yaml`). The hour from 09:00 to
10:00 UTC is a day's busiest: {hour:,} changes of tasks and the log lines of the requests behind them, each record at
its own moment, through both functions, Firehose, both Silver jobs and Gold. What a quota is held against is the busiest
moment of that hour, by the times that lie in Bronze and the ledger. Then the function is taken away for that hour, and
its changes come all at once.
"""
# AWS takes so many times Firehose's hint: docs/aws-semantics.md#firehose-6.
_REAL_DELAY = 1.5
_COMPONENTS = {"task-changes": "cdc_lambda", "api-logs": "log_forwarder"}
Need = tuple[str, Quota, float]


def validate(folder: Path, note: Note) -> Result:
    """Return what the busiest hour needs of each quota, how fast each stage is, and what a backlog does."""
    inputs, volume = write_hour(folder), expected()
    note(f"the busiest hour of {volume.changes_a_day:,} changes a day")
    started = time.monotonic()
    hour = captured_hour(folder / "lake", inputs)
    seconds = time.monotonic() - started
    note("its Silver and Gold")
    receipt = run(folder / "lake", inputs)
    note("an hour's changes at once")
    late = backlogs(folder, inputs)
    handler, needed = batch_seconds(), needs(hour)
    story = _STORY.format(users=volume.users, changes=volume.changes_a_day, hour=volume.changes_an_hour)
    stopped = [table["table"] for table in receipt["tables"] if table["verdict"] not in ("pass", "unchanged")]
    return Result(
        story,
        [_volume(hour), _headroom(needed), _speeds(hour, receipt, seconds, handler), late.figures()],
        [
            *(equal(f"{table}: sent, and arrived in Bronze", sent, arrived) for table, sent, arrived in hour.accounts),
            *quota_checks(needed),
            *speed_checks(hour, receipt, seconds, handler),
            equal("tables whose gate stopped them", "none", ", ".join(stopped) or "none"),
            *late.checks(),
        ],
    )


def needs(hour: Hour) -> list[Need]:
    """Return what the hour's busiest moment needs of each quota, by delivery stream."""
    found: list[Need] = []
    for stream, component in _COMPONENTS.items():
        came, said = hour.arrivals[stream], hour.invocations
        found += [
            (stream, quotas.CALL_RECORDS, said.most_delivered(component)),
            (stream, quotas.CALL_BYTES, said.most_delivered(component) * hour.largest_bytes[stream]),
            (stream, quotas.STREAM_RECORDS, came.busiest(1)),
            (stream, quotas.STREAM_CALLS, said.calls(component, 1)),
            (stream, quotas.STREAM_BYTES, came.busiest(1) * hour.mean_bytes[stream]),
            (stream, quotas.PARTITIONS, came.active_partitions(_REAL_DELAY)),
        ]
    return [*found, ("Bronze, both tables", quotas.S3_PUTS, hour.busiest_second_of_objects)]


def quota_checks(needed: list[Need]) -> list[Check]:
    """Return the checks that no quota is passed."""
    return [
        at_most(f"{stream}: {quota.name}", quota.limit, round(found), quota.unit) for stream, quota, found in needed
    ]


def speed_checks(hour: Hour, receipt: Row, seconds: float, handler: float) -> list[Check]:
    """Return the checks that each stage is faster than the busiest moment, each by its own measure."""
    template = load_template(INFRA)
    said, jobs = hour.invocations, _job_seconds(receipt)
    batches = said.invocations_a_minute("cdc_lambda")
    job_limit = 60 * min(
        int(template.properties(name)["Timeout"]) for name in ("SilverTasksJob", "SilverApiJob", "GoldJob")
    )
    return [
        at_most(
            "one batch of 100 changes in the function, its timeout",
            1_000 * template.function_timeout_seconds(),
            1_000 * handler,
            " ms",
            is_timed=True,
        ),
        at_most(
            "the function's batches of the busiest minute, one shard",
            60_000,
            1_000 * batches * handler,
            " ms",
            is_timed=True,
        ),
        at_most("this machine's capture of the hour's records", 3_600, seconds, " s", is_timed=True),
        *(
            at_most(f"{job} on the hour, its timeout", job_limit, took, " s", is_timed=True)
            for job, took in jobs.items()
        ),
        at_least(
            "silver_tasks: rows a second, against a day's changes in an hour",
            expected().changes_a_day / 3_600,
            hour.changes / jobs["silver_tasks"],
            "",
            is_timed=True,
        ),
    ]


def _volume(hour: Hour) -> Figures:
    rows = [
        (
            stream,
            came.total,
            came.busiest(60),
            len(came.objects),
            f"{came.total / max(len(came.objects), 1):.1f}",
            f"{hour.mean_bytes[stream]:,.0f}",
        )
        for stream, came in hour.arrivals.items()
    ]
    return Figures(
        "The hour",
        ["delivery stream", "records", "in the busiest minute", "objects", "records an object", "bytes a record"],
        rows,
    )


def _headroom(needed: list[Need]) -> Figures:
    rows = [
        (
            f"{stream}: {quota.name}",
            f"{found:,.0f}{quota.unit}",
            f"{quota.limit:,}{quota.unit}",
            quota.used(found),
            quota.fits(found),
            quota.source,
        )
        for stream, quota, found in needed
    ]
    return Figures(
        "Headroom in the busiest moment; calls are cut at their limits, partitions are those of AWS's delay",
        ["quota", "needed", "allowed", "used", "times more would fit", "source"],
        rows,
    )


def _speeds(hour: Hour, receipt: Row, seconds: float, handler: float) -> Figures:
    jobs, tables = _job_seconds(receipt), {table["table"]: table for table in receipt["tables"]}
    records = sum(came.total for came in hour.arrivals.values())
    rows = [
        ("the function's own code, 100 changes a batch", 100, f"{handler:.4f}", f"{100 / handler:,.0f}"),
        ("both functions, Firehose and S3 on a laptop", records, f"{seconds:.1f}", f"{records / seconds:,.0f}"),
        ("silver_tasks", hour.changes, f"{jobs['silver_tasks']:.1f}", f"{hour.changes / jobs['silver_tasks']:,.0f}"),
        ("silver_api", hour.lines, f"{jobs['silver_api']:.1f}", f"{hour.lines / jobs['silver_api']:,.0f}"),
        (
            "gold",
            rows_in := sum(table["rows_in"] for name, table in tables.items() if name.startswith("gold.")),
            f"{jobs['gold']:.1f}",
            f"{rows_in / jobs['gold']:,.0f}",
        ),
    ]
    return Figures("Throughput of each stage", ["stage", "rows in", "seconds", "rows a second"], rows, is_timed=True)


def _job_seconds(receipt: Row) -> dict[str, float]:
    jobs = {"silver.api_requests": "silver_api", "silver.api_usage_daily": "silver_api"}
    seconds: dict[str, float] = {"silver_tasks": 0.0, "silver_api": 0.0, "gold": 0.0}
    for table in receipt["tables"]:
        layer = table["table"].partition(".")[0]
        if layer != "bronze":
            seconds["gold" if layer == "gold" else jobs.get(table["table"], "silver_tasks")] += table["seconds"]
    return seconds

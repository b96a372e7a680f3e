"""A lake in round numbers, so that a test can do the arithmetic in its head."""

import pytest

from operations.cost.arrivals import Curve
from operations.cost.assumed import Assumed, Assumption
from operations.cost.day import CHANGES, GB, LEDGER, LOGS
from operations.cost.measured import Flow, Measured
from operations.cost.model import Knowledge
from operations.cost.prices import read_prices
from operations.cost.scans import Scans
from operations.cost.settings import MIB, Job, Settings, StorageClass, Stream

ASSUMED = {
    "dpu_of_a_crawl": 2,
    "minutes_of_a_crawl": 10,
    "least_workers": 2,
    "seconds_to_start_a_job": 60,
    "seconds_of_an_athena_statement": 3,
    "statements_of_a_gold_table": 3,
    "seconds_to_open_an_object": 0.04,
    "gets_of_an_object": 3,
    "task_slots_of_a_dpu": 4,
    "laptop_seconds_on_a_dpu": 1,
    "vcpu_of_a_gb": 0.5,
    "seconds_of_a_delivery": 0.05,
    "polls_a_second": 4,
    "platform_log_bytes": 300,
    "log_megabytes_of_a_job": 5,
    "kms_requests_of_an_s3_request": 0.01,
    "catalog_requests_of_a_run": 500,
    "catalog_objects": 2000,
    "queue_requests_of_a_notice": 3,
    "crawl_polls": 20,
    "mails_a_month": 10,
    "changes_in_a_packed_record": 3,
}


def a_flow(**changed: object) -> Flow:
    """Return 1,000 records of 10 users, half as many objects at 60 s, a fifth at 300 s, in buckets a quarter."""
    given: dict[str, object] = {
        "records": 1000,
        "users": 10,
        "record_bytes": 1000.0,
        "billed_bytes": 5120.0,
        "jq_seconds": 0.0036,
        "objects": 500,
        "object_bytes": 2000.0,
        "row_bytes": 100.0,
        "shared_share": 0.0,
        "folder": Curve(((1, 1.0), (60, 0.5), (300, 0.2))),
        "bucket": Curve(((1, 1.0), (60, 0.25), (300, 0.1))),
        "shared": Curve(()),
        "calls": Curve(((1, 1.0), (10, 0.2), (100, 0.02))),
        "open_folders": 20,
        "silver_row_bytes": 50.0,
    }
    return Flow(**{**given, **changed})  # type: ignore[arg-type]


@pytest.fixture
def measured() -> Measured:
    ledger = a_flow(users=1, shared_share=1.0, folder=Curve(()), bucket=Curve(()), shared=Curve(((300, 0.1),)))
    return Measured(
        command="the tests",
        machine="none",
        run="none",
        flows={CHANGES: a_flow(), LOGS: a_flow(), LEDGER: ledger},
        job_seconds={"silver_tasks": 10, "silver_api": 20, "gold": 30},
        row_seconds=0.001,
        handler_seconds=0.0001,
        files_a_run={"silver": 80, "gold": 40, "data_docs": 80},
        bytes_a_run={"silver": GB // 100, "gold": GB // 100, "data_docs": GB // 100},
        metrics={"function": 9, "job": 6},
        function_log_bytes=700,
    )


@pytest.fixture
def settings() -> Settings:
    """Return settings of which jobs run 10 times a month, maintenance twice."""
    return Settings(
        batch_size=100,
        batch_seconds=10,
        memory_gb=0.25,
        architecture="arm64",
        streams={
            CHANGES: Stream(60, 64 * MIB, "{}"),
            LOGS: Stream(60, 64 * MIB, "{}"),
            LEDGER: Stream(300, 64 * MIB),
        },
        user_buckets=0,
        jobs={
            "silver_tasks": Job(2, 1, 60, 10),
            "silver_api": Job(2, 1, 60, 10),
            "silver_maintenance": Job(2, 1, 120, 2),
            "gold": Job(2, 1, 120, 10),
        },
        runs=10,
        states=20,
        crawlers=1,
        crawls=10,
        crawls_news=False,
        notices=False,
        classes=(StorageClass("standard", 0),),
        least_moved=128 * 1024,
        bronze_days=0,
        announces_objects=True,
        keys=2,
        rotated_keys=2,
        has_bucket_key=True,
        log_days=30,
        alarm_metrics=20,
        composite_alarms=1,
        dashboards=1,
        functions=("task-lake-cdc",),
        crawler_names=("bronze",),
        log_groups=("/task-lake/cdc",),
    )


@pytest.fixture
def assumed() -> Assumed:
    return Assumed({name: Assumption(name, value, "", "") for name, value in ASSUMED.items()})


@pytest.fixture
def known(measured: Measured, assumed: Assumed) -> Knowledge:
    """Return a Gold table of 1,024 MB and a question of 20 MB, at 1,000 changes a day for a year."""
    scans = Scans({"throughput": (1024 * MIB, CHANGES)}, (20 * MIB,), {CHANGES: 1000, LOGS: 1000})
    return Knowledge(measured, assumed, read_prices(), scans)

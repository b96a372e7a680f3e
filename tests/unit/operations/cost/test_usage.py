from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from operations.cost.bill import Bill
from operations.cost.compare import Deployed, compare, volume_of
from operations.cost.comparison_report import comparison_json, comparison_rows, print_comparison
from operations.cost.day import CHANGES, GB, LEDGER, Volume
from operations.cost.metrics import Metrics, Span
from operations.cost.model import Knowledge, estimate
from operations.cost.settings import Settings
from operations.cost.usage import Usage, dpu_seconds, read_usage
from operations.terminal import console
from tests.unit.operations.fake_account import FakeAccount

NOW = datetime.now(UTC)
SPAN = Span.before(NOW, 7)
MONTH = 730 / 24 / 7


def put(aws: FakeAccount, namespace: str, dimensions: dict[str, str], metrics: dict[str, float], day: int = 1) -> None:
    at = SPAN.end - timedelta(days=day) + timedelta(hours=6)
    named = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    aws.client("cloudwatch").put_metric_data(
        Namespace=namespace,
        MetricData=[
            {"MetricName": name, "Dimensions": named, "Timestamp": at, "Value": value}
            for name, value in metrics.items()
        ],
    )


def usage_of(aws: FakeAccount, settings: Settings) -> Usage:
    return read_usage(aws, SPAN, settings, "the-lake")


def test_a_span_is_the_last_whole_days() -> None:
    span = Span.before(datetime(2026, 11, 26, 13, 5, tzinfo=UTC), 30)
    assert (f"{span.begin:%Y-%m-%d %H:%M}", f"{span.end:%Y-%m-%d %H:%M}") == ("2026-10-27 00:00", "2026-11-26 00:00")
    assert span.monthly(30) == pytest.approx(730 / 24)


def test_firehoses_metrics_are_billed_by_the_mean_records_rounding(aws: FakeAccount, settings: Settings) -> None:
    stream = {"DeliveryStreamName": CHANGES}
    put(aws, "AWS/Firehose", stream, {"IncomingRecords": 700, "IncomingBytes": 700 * 6000})
    put(aws, "AWS/Firehose", stream, {"DeliveryToS3.ObjectCount": 350, "JQProcessing.Duration": 3_600_000})
    put(aws, "AWS/Firehose", {"DeliveryStreamName": LEDGER}, {"IncomingRecords": 350, "IncomingBytes": 350 * 200})
    usage = usage_of(aws, settings)
    assert usage.quantities["firehose_ingestion"] == pytest.approx((700 * 10_240 + 350 * 5120) / GB * MONTH)
    assert usage.quantities["firehose_partitioned_bytes"] == pytest.approx(700 * 10_240 / GB * MONTH)
    assert usage.quantities["firehose_partitioned_objects"] == pytest.approx(350 * MONTH)
    assert usage.quantities["firehose_jq_hours"] == pytest.approx(MONTH)
    assert usage.rows_a_day == pytest.approx({CHANGES: 100, "api-logs": 0, LEDGER: 50})


def test_lambdas_seconds_are_counted_at_the_functions_memory(aws: FakeAccount, settings: Settings) -> None:
    put(aws, "AWS/Lambda", {"FunctionName": "task-lake-cdc"}, {"Invocations": 70, "Duration": 7000})
    usage = usage_of(aws, settings)
    assert usage.quantities["lambda_requests"] == pytest.approx(70 * MONTH)
    assert usage.quantities["lambda_gb_seconds_arm64"] == pytest.approx(7 * 0.25 * MONTH)


def test_days_outside_the_span_do_not_count(aws: FakeAccount, settings: Settings) -> None:
    put(aws, "AWS/Lambda", {"FunctionName": "task-lake-cdc"}, {"Invocations": 70}, day=8)
    put(aws, "AWS/Lambda", {"FunctionName": "task-lake-cdc"}, {"Invocations": 70}, day=0)
    assert usage_of(aws, settings).quantities["lambda_requests"] == 0


def test_storage_is_the_last_day_that_s3_has_counted(aws: FakeAccount, settings: Settings) -> None:
    dimensions = {"BucketName": "the-lake", "StorageType": "StandardStorage"}
    put(aws, "AWS/S3", dimensions, {"BucketSizeBytes": 3 * GB}, day=3)
    put(aws, "AWS/S3", dimensions, {"BucketSizeBytes": 5 * GB}, day=2)
    quantities = usage_of(aws, settings).quantities
    assert (quantities["s3_standard"], quantities["s3_glacier_ir"]) == (5, 0)


def test_log_groups_are_the_lakes_own(aws: FakeAccount, settings: Settings) -> None:
    put(aws, "AWS/Logs", {"LogGroupName": "/task-lake/cdc"}, {"IncomingBytes": GB})
    put(aws, "AWS/Logs", {"LogGroupName": "/aws/lambda/todo-app"}, {"IncomingBytes": GB})
    assert usage_of(aws, settings).quantities["cloudwatch_log_ingestion"] == pytest.approx(MONTH)


@pytest.mark.parametrize(
    ("run", "seconds"),
    [
        ({"ExecutionTime": 90, "NumberOfWorkers": 2, "WorkerType": "G.1X"}, 180),
        ({"ExecutionTime": 5, "NumberOfWorkers": 2, "WorkerType": "G.1X"}, 120),
        ({"ExecutionTime": 90, "NumberOfWorkers": 2, "WorkerType": "G.2X"}, 360),
        ({"ExecutionTime": 90, "NumberOfWorkers": 10, "WorkerType": "G.1X", "DPUSeconds": 240.5}, 240.5),
        ({}, 0),
    ],
)
def test_a_run_is_billed_by_its_workers_or_by_what_auto_scaling_counted(run: dict[str, Any], seconds: float) -> None:
    assert dpu_seconds(run) == seconds


class Glue:
    """Glue with runs and crawls of scripted days; moto has neither."""

    def __init__(self, refuses: str = "") -> None:
        self._refuses = refuses

    def get_paginator(self, operation: str) -> "Glue":
        assert operation == "get_job_runs"
        return self

    def paginate(self, JobName: str) -> Iterator[dict[str, Any]]:  # noqa: N803 - boto3's name
        if self._refuses == "runs":
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "GetJobRuns")
        days = (0, 1, 3, 9) if JobName == "silver_tasks" else ()
        workers = {"ExecutionTime": 1800, "NumberOfWorkers": 2, "WorkerType": "G.1X"}
        yield {
            "JobRuns": [{"StartedOn": SPAN.end - timedelta(days=day) + timedelta(hours=2), **workers} for day in days]
        }
        assert JobName != "silver_tasks", "the newest come first: a page older than the span is not asked for"

    def list_crawls(self, CrawlerName: str, NextToken: str = "") -> dict[str, Any]:  # noqa: N803
        assert CrawlerName == "bronze"
        begun = SPAN.end - timedelta(days=1 if NextToken else 9)
        return {"Crawls": [{"StartTime": begun, "DPUHour": 0.25}]} | ({} if NextToken else {"NextToken": "more"})


def test_runs_and_crawls_of_the_span_are_counted_in_dpu_hours(aws: FakeAccount, settings: Settings) -> None:
    usage = usage_of(replace(aws, fakes={"glue": Glue()}), settings)
    # Two runs of half an hour by two workers; the one of today and the one of nine days ago are not of these days.
    assert usage.quantities["glue_job_dpu_hours"] == pytest.approx(2 * MONTH)
    assert usage.quantities["glue_crawler_dpu_hours"] == pytest.approx(0.25 * MONTH)


def test_what_cannot_be_told_is_one_line_and_the_rest_goes_on(aws: FakeAccount, settings: Settings) -> None:
    usage = usage_of(replace(aws, fakes={"glue": Glue("runs")}), settings)
    (remark,) = [remark for remark in usage.remarks if "runs of the jobs" in remark]
    assert remark.startswith("the runs of the jobs cannot be told: not allowed to call GetJobRuns")
    assert "glue_job_dpu_hours" not in usage.quantities
    assert "glue_crawler_dpu_hours" in usage.quantities


def test_athena_is_asked_by_a_search_over_kinds_and_states_of_queries() -> None:
    asked: list[dict[str, Any]] = []

    class CloudWatch:
        def get_paginator(self, _: str) -> "CloudWatch":
            return self

        def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:
            asked.append(request)
            yield {"MetricDataResults": [{"Id": "found", "Values": [1.0, 2.0]}, {"Id": "found", "Values": [4.0]}]}

    assert Metrics(CloudWatch(), SPAN).sum_of_search("AWS/Athena,WorkGroup", 'WorkGroup="task-lake"') == 7
    (query,) = asked[0]["MetricDataQueries"]
    assert query["Expression"] == "SEARCH('{AWS/Athena,WorkGroup} WorkGroup=\"task-lake\"', 'Sum', 86400)"


def a_lake(settings: Settings, known: Knowledge) -> Deployed:
    usage = Usage({"lambda_requests": 2_000_000}, {CHANGES: 1000, LEDGER: 500}, ["the crawls cannot be told: no"])
    bill = Bill({"lambda_requests": 0.35}, {"AWS X-Ray: Traces": 0.10}, ["the bill is young"], requests=3)
    volume = volume_of(usage, Volume(users=10))
    rows = compare(estimate(volume, settings, known), usage, bill)
    return Deployed(SPAN, volume, usage, bill, rows, known.prices["cost_explorer_requests"])


def test_the_estimate_is_for_what_came_in(settings: Settings, known: Knowledge) -> None:
    assert a_lake(settings, known).volume == Volume(changes=1000, users=10)


def test_estimate_use_and_bill_stand_side_by_side(settings: Settings, known: Knowledge) -> None:
    row = next(row for row in a_lake(settings, known).rows if row.price.name == "lambda_requests")
    assert row.estimated == pytest.approx(row.estimated_dollars / 0.20 * 1e6)
    assert row.used_dollars == pytest.approx(0.40)
    assert row.billed_dollars == 0.35


def test_what_nobody_tells_is_a_dash_and_remarks_are_printed(
    settings: Settings, known: Knowledge, capsys: pytest.CaptureFixture[str]
) -> None:
    print_comparison(console(), a_lake(settings, known))
    said = capsys.readouterr().out
    (keys,) = [line for line in said.splitlines() if line.startswith("kms_keys")]
    assert keys.split() == ["kms_keys", "2", "–", "keys", "2.00", "–", "–"]
    assert "the crawls cannot be told: no" in said
    assert "the bill is young" in said
    assert "billed, and no price of ours: $0.10 AWS X-Ray: Traces" in said
    assert "Asking Cost Explorer cost $0.03." in said


def test_a_bill_that_tells_nothing_is_no_bill_of_nothing(
    settings: Settings, known: Knowledge, capsys: pytest.CaptureFixture[str]
) -> None:
    lake = a_lake(settings, known)
    print_comparison(console(), lake)
    assert "$0.45 billed under the tags." in capsys.readouterr().out
    print_comparison(console(), replace(lake, bill=Bill(remarks=["the bill cannot be told: no"], requests=1)))
    assert "and $0.40 used. What was billed is not known." in capsys.readouterr().out


def test_rows_and_json_have_nulls_for_what_nobody_tells(settings: Settings, known: Knowledge) -> None:
    lake = a_lake(settings, known)
    assert next(row for row in comparison_rows(lake) if row["price"] == "kms_keys")["used"] is None
    assert '"remarks": [\n    "the crawls cannot be told: no"' in comparison_json(lake)

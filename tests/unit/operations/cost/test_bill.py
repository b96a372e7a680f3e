from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from operations.account import Account
from operations.cost.bill import Bill, price_of, read_bill
from operations.cost.metrics import Span
from operations.cost.prices import read_prices
from operations.stage import Stage

SPAN = Span.before(datetime(2026, 11, 26, 13, tzinfo=UTC), 30)
MONTH = 730 / 24 / 30  # what makes a month of 30 days
PRICES = read_prices()


class Explorer:
    """Cost Explorer with scripted answers; everything else is not there."""

    def __init__(self) -> None:
        self.client = boto3.client("ce", "us-east-1", aws_access_key_id="x", aws_secret_access_key="y")
        self.stubber = Stubber(self.client)

    def account(self) -> Account:
        explorer = self

        class Session:
            def client(self, service: str, **_: Any) -> Any:
                assert service == "ce"
                return explorer.client

        return Account(Session(), "123456789012", "aws", "eu-central-1")  # type: ignore[arg-type]

    def answers(self, groups: list[tuple[str, str, str]], token: str = "", after: str = "") -> None:
        keyed = [
            {"Keys": [service, usage], "Metrics": {"UnblendedCost": {"Amount": amount, "Unit": "USD"}}}
            for service, usage, amount in groups
        ]
        tags = [{"Tags": {"Key": key, "Values": [value]}} for key, value in Stage("dev").tags.items()]
        expected = {
            "TimePeriod": {"Start": "2026-10-27", "End": "2026-11-26"},
            "Granularity": "MONTHLY",
            "Metrics": ["UnblendedCost"],
            "GroupBy": [{"Type": "DIMENSION", "Key": "SERVICE"}, {"Type": "DIMENSION", "Key": "USAGE_TYPE"}],
            "Filter": {"And": tags},
        }
        answer = {"ResultsByTime": [{"Groups": keyed}]} | ({"NextPageToken": token} if token else {})
        self.stubber.add_response("get_cost_and_usage", answer, expected | ({"NextPageToken": after} if after else {}))


@pytest.fixture
def explorer() -> Iterator[Explorer]:
    made = Explorer()
    with made.stubber:
        yield made
        made.stubber.assert_no_pending_responses()


def bill(explorer: Explorer) -> Bill:
    return read_bill(explorer.account(), Stage("dev"), SPAN, PRICES)


def test_the_bill_is_told_by_price_and_made_a_month(explorer: Explorer) -> None:
    explorer.answers(
        [
            ("AWS Glue", "EUC1-ETL-DPU-Hour", "3.00"),
            ("AWS Glue", "EUC1-Crawler-DPU-Hour", "4.00"),
            ("Amazon Kinesis Firehose", "EUC1-S3DeliveryObjectCount", "1.00"),
        ]
    )
    found = bill(explorer)
    assert found.dollars == pytest.approx(
        {
            "glue_job_dpu_hours": 3 * MONTH,
            "glue_crawler_dpu_hours": 4 * MONTH,
            "firehose_partitioned_objects": MONTH,
        }
    )
    assert (found.remarks, found.others, found.requests) == ([], {}, 1)


def test_pages_and_months_add_up_and_each_page_is_a_request(explorer: Explorer) -> None:
    explorer.answers([("Amazon Athena", "EUC1-DataScannedInTB", "1.00")], token="more")
    explorer.answers([("Amazon Athena", "EUC1-DataScannedInTB", "2.00")], after="more")
    found = bill(explorer)
    assert found.dollars == pytest.approx({"athena_scanned": 3 * MONTH})
    assert found.requests == 2


def test_what_no_price_of_ours_is_charged_by_keeps_its_name(explorer: Explorer) -> None:
    explorer.answers([("AWS X-Ray", "EUC1-XRay-TracesStored", "0.50")])
    assert bill(explorer).others == pytest.approx({"AWS X-Ray: EUC1-XRay-TracesStored": 0.5 * MONTH})


def test_a_bill_without_a_line_says_to_activate_the_tags(explorer: Explorer) -> None:
    explorer.answers([])
    (remark,) = bill(explorer).remarks
    assert remark.startswith("Cost Explorer has nothing under the tag Stage=dev: activate Project and Stage in Billing")


def test_without_the_right_to_ask_one_line_says_so(explorer: Explorer) -> None:
    explorer.stubber.add_client_error("get_cost_and_usage", "AccessDeniedException", "you may not", 400)
    found = bill(explorer)
    assert found.dollars == {}
    (remark,) = found.remarks
    assert remark.startswith("the bill cannot be told: ")
    assert "GetCostAndUsage" in remark
    assert "\n" not in remark


@pytest.mark.parametrize(
    ("service", "usage", "name"),
    [
        ("AWS Lambda", "Request-ARM", "lambda_requests"),
        ("AWS Lambda", "USE1-Lambda-GB-Second-ARM", "lambda_gb_seconds_arm64"),
        ("Amazon Kinesis Firehose", "USE1-BilledBytes", "firehose_ingestion"),
        ("Amazon Kinesis Firehose", "USE1-DFCBilledBytes", "firehose_conversion"),
        ("Amazon Simple Storage Service", "Requests-Tier1", "s3_puts"),
        ("Amazon Simple Storage Service", "EUC1-TimedStorage-GIR-ByteHrs", "s3_glacier_ir"),
        ("Amazon Simple Notification Service", "Requests-Tier1", "sns_publishes"),
        ("Amazon Simple Queue Service", "EUC1-Requests-Tier1", "sqs_requests"),
        ("AmazonCloudWatch", "TimedStorage-ByteHrs", "cloudwatch_log_storage"),
        ("AmazonCloudWatch", "EUC1-CW:AlarmMonitorUsage", "cloudwatch_alarms"),
        ("AWS Key Management Service", "eu-central-1-KMS-Requests", None),
    ],
)
def test_a_usage_type_belongs_to_its_services_price(service: str, usage: str, name: str | None) -> None:
    assert price_of(service, usage, PRICES) == name


def test_no_usage_type_belongs_to_two_prices() -> None:
    kinds = [(price.service, price.usage) for price in PRICES.values() if price.usage]
    assert len(kinds) == len(set(kinds))

"""What was billed: Cost Explorer's costs under the stage's tags, by the price that each belongs to."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from operations.account import Account
from operations.aws_errors import operation_error
from operations.cost.metrics import Span
from operations.cost.prices import Prices
from operations.stage import Stage

# Cost Explorer has one endpoint for all regions of the partition `aws`.
REGION = "us-east-1"
_REGION_PREFIX = r"([A-Z]{2,4}\d?-)?"


@dataclass
class Bill:
    """Dollars a month by the price's name, those of no price by the bill's own name, and why some are missing."""

    dollars: dict[str, float] = field(default_factory=dict)
    others: dict[str, float] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    requests: int = 0


def read_bill(account: Account, stage: Stage, span: Span, prices: Prices) -> Bill:
    """Return what Cost Explorer says of the stage; a bill without a line says why."""
    bill = Bill()
    try:
        for service, usage_type, dollars in _groups(account.client("ce", REGION), stage, span, bill):
            if name := price_of(service, usage_type, prices):
                bill.dollars[name] = bill.dollars.get(name, 0.0) + span.monthly(dollars)
            else:
                title = f"{service}: {usage_type}"
                bill.others[title] = bill.others.get(title, 0.0) + span.monthly(dollars)
    except (BotoCoreError, ClientError) as error:
        bill.remarks.append(f"the bill cannot be told: {operation_error(error)}")
        return bill
    if not bill.dollars and not bill.others:
        bill.remarks.append(
            f"Cost Explorer has nothing under the tag Stage={stage.name}: activate Project and Stage in Billing, under "
            "Cost allocation tags, and wait a day; what was before stays untold"
        )
    return bill


def price_of(service: str, usage_type: str, prices: Prices) -> str | None:
    """Return the name of the price that a line of the bill is charged by, None where the table has none."""
    for price in prices.values():
        if price.usage and price.service == service and re.fullmatch(_REGION_PREFIX + price.usage, usage_type):
            return price.name
    return None


def _groups(explorer: Any, stage: Stage, span: Span, bill: Bill) -> Iterator[tuple[str, str, float]]:
    """Yield service, usage type and dollars. Each page is a request, which costs a cent where it is answered."""
    request: dict[str, Any] = {
        "TimePeriod": {"Start": f"{span.begin:%Y-%m-%d}", "End": f"{span.end:%Y-%m-%d}"},
        "Granularity": "MONTHLY",
        "Metrics": ["UnblendedCost"],
        "GroupBy": [{"Type": "DIMENSION", "Key": "SERVICE"}, {"Type": "DIMENSION", "Key": "USAGE_TYPE"}],
        "Filter": {"And": [{"Tags": {"Key": key, "Values": [value]}} for key, value in stage.tags.items()]},
    }
    while True:
        page: Mapping[str, Any] = explorer.get_cost_and_usage(**request)
        bill.requests += 1
        for month in page["ResultsByTime"]:
            for group in month["Groups"]:
                service, usage_type = group["Keys"]
                yield service, usage_type, float(group["Metrics"]["UnblendedCost"]["Amount"])
        if not page.get("NextPageToken"):
            return
        request["NextPageToken"] = page["NextPageToken"]

"""What the lake cost in the last days, as AWS bills it."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from operations.account import Account
from operations.stage import Stage
from operations.status.section import Line

_DAYS = 7
# Cost Explorer's API has one endpoint, and a price: docs/aws-semantics.md#cloudformation-8
_REGION = "us-east-1"
_PRICE = "Cost Explorer itself takes $0.01 for this question"


def spend(account: Account, stage: Stage, now: datetime) -> Iterator[Line]:
    """Yield a line a service, the dearest first, and their sum."""
    today = now.date()
    # The sum of the seven days, which lie in one month or two: by day the answer would have pages, each at a price.
    answer = account.client("ce", _REGION).get_cost_and_usage(
        TimePeriod={"Start": f"{today - timedelta(days=_DAYS)}", "End": f"{today}"},
        Granularity="MONTHLY",
        Metrics=["UnblendedCost"],
        Filter={"And": [{"Tags": {"Key": key, "Values": [value]}} for key, value in stage.tags.items()]},
        GroupBy=[{"Type": "DIMENSION", "Key": "SERVICE"}],
    )
    costs: dict[str, float] = defaultdict(float)
    for month in answer["ResultsByTime"]:
        for group in month["Groups"]:
            costs[group["Keys"][0]] += float(group["Metrics"]["UnblendedCost"]["Amount"])
    if not costs:
        said = "no cost carries the tags Project and Stage: activate both as cost allocation tags in AWS Billing"
        yield Line(f"{said}, a day later they are counted ({_PRICE})", is_note=True)
        return
    for service, dollars in sorted(costs.items(), key=lambda cost: -cost[1]):
        yield Line(f"{service:<40} ${dollars:>9,.2f}")
    yield Line(f"{'together, without the last hours':<40} ${sum(costs.values()):>9,.2f}")
    yield Line(_PRICE, is_note=True)

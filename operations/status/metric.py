"""What CloudWatch counted."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any


def values(
    cloudwatch: Any,
    namespace: str,
    metric: str,
    dimensions: Mapping[str, str],
    statistic: str,
    between: tuple[datetime, datetime],
) -> Sequence[float]:
    """Return the metric's values of each five minutes, the newest first."""
    query = {
        "Id": "value",
        "MetricStat": {
            "Metric": {
                "Namespace": namespace,
                "MetricName": metric,
                "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
            },
            "Period": 300,
            "Stat": statistic,
        },
    }
    start, end = between
    said = cloudwatch.get_metric_data(
        MetricDataQueries=[query], StartTime=start, EndTime=end, ScanBy="TimestampDescending"
    )
    found: Sequence[float] = said["MetricDataResults"][0]["Values"]
    return found

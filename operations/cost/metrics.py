"""CloudWatch's metrics of whole days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from operations.cost.schedule import DAYS_A_MONTH

SECONDS_A_DAY = 86_400


@dataclass(frozen=True)
class Span:
    """Whole days up to a midnight, and how many of them make a mean month."""

    begin: datetime
    end: datetime

    @classmethod
    def before(cls, now: datetime, days: int) -> "Span":
        """Return the last whole days before now."""
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        return cls(midnight - timedelta(days=days), midnight)

    @property
    def days(self) -> int:
        """Return its days."""
        return (self.end - self.begin).days

    def monthly(self, quantity: float) -> float:
        """Return the quantity of a month, if all its days were like these."""
        return quantity * DAYS_A_MONTH / self.days


@dataclass(frozen=True)
class Metrics:
    """What CloudWatch counted in a span."""

    cloudwatch: Any
    span: Span

    def sums(self, namespace: str, dimensions: Mapping[str, str], *names: str) -> dict[str, float]:
        """Return the sum of each metric over the span; 0 where it has no data."""
        queries = [_query(f"m{n}", namespace, name, dimensions, "Sum") for n, name in enumerate(names)]
        told = self._values(queries)
        return {name: sum(told.get(f"m{n}", [])) for n, name in enumerate(names)}

    def newest(self, namespace: str, dimensions: Mapping[str, str], name: str) -> float:
        """Return the mean of the last day that has data, 0 where none has."""
        told = self._values([_query("m0", namespace, name, dimensions, "Average")])
        return next(iter(told.get("m0", [])), 0.0)

    def sum_of_search(self, schema: str, terms: str) -> float:
        """Return the sum of all series that a search finds."""
        expression = f"SEARCH('{{{schema}}} {terms}', 'Sum', {SECONDS_A_DAY})"
        return sum(self._values([{"Id": "found", "Expression": expression}]).get("found", []))

    def _values(self, queries: list[dict[str, Any]]) -> dict[str, list[float]]:
        """Return each query's values, newest first; a search has several series under one id."""
        told: dict[str, list[float]] = {}
        pages = self.cloudwatch.get_paginator("get_metric_data").paginate(
            MetricDataQueries=queries,
            StartTime=self.span.begin,
            EndTime=self.span.end,
            ScanBy="TimestampDescending",
        )
        for page in pages:
            for result in page["MetricDataResults"]:
                told.setdefault(result["Id"], []).extend(result["Values"])
        return told


def _query(id_: str, namespace: str, name: str, dimensions: Mapping[str, str], statistic: str) -> dict[str, Any]:
    named = [{"Name": each, "Value": value} for each, value in dimensions.items()]
    metric = {"Namespace": namespace, "MetricName": name, "Dimensions": named}
    return {"Id": id_, "MetricStat": {"Metric": metric, "Period": SECONDS_A_DAY, "Stat": statistic}}

"""The decision record's rough prices (ADR-005) beside this estimate's."""

from collections.abc import Iterator
from dataclasses import dataclass

from operations.cost.line import Estimate
from operations.cost.settings import Settings


@dataclass(frozen=True)
class Rough:
    """What the record says that one thing costs, what the estimate says, and why they differ."""

    what: str
    record: float
    here: float
    why: str


def beside_the_record(estimate: Estimate, settings: Settings) -> Iterator[Rough]:
    """Yield each rough price of the record with its counterpart."""
    dollars = {line.name: line.dollars for line in estimate.lines}
    prices, ingested = estimate.prices, sum(line.quantity for line in estimate.lines if "ingestion" in line.name)
    partitioned = sum(dollars[name] for name in _OF_A_GB)
    runs = settings.jobs["silver_tasks"].runs
    yield Rough("a GB into Firehose", 0.029, prices["firehose_ingestion"].usd, "the same")
    if ingested:
        all_in = prices["firehose_ingestion"].usd + partitioned / ingested
        yield Rough("the same with all that Firehose adds", 0.029, all_in, "conversion, partitioning, small objects")
    yield Rough("a run of silver_tasks", 0.22, dollars["job silver_tasks"] / runs, "the record: 2 DPU for 15 minutes")
    if settings.crawls:
        yield Rough("a crawl", 0.03, dollars["crawls"] / settings.crawls, "10 minutes are billed at least")
    yield Rough("a TB of Athena's", 5.00, prices["athena_scanned"].usd, "the same; 10 MB a statement at least")


_OF_A_GB = ("conversion to Parquet", "partitioned GB", "partitioned objects", "JQ hours")

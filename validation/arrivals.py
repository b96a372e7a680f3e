"""What came into a lake when, read from what lies there: the busiest second and minute of each delivery stream."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import duckdb

# An object's name begins with when its oldest record came: docs/aws-semantics.md#firehose-11.
_OBJECTS = r"""
select
    epoch(strptime(regexp_extract(object_key, '-1-(\d{{4}}(-\d\d){{5}})-', 1), '%Y-%m-%d-%H-%M-%S')) as opened_at,
    epoch(created_at) as created_at
from read_parquet('{lake}/bronze_ledger/**/*.parquet', hive_partitioning = false)
where object_key like 'bronze/{table}/%'
"""
_RECORDS = """
select epoch(ingested_at) as moment, count(*) as records
from read_parquet('{lake}/bronze/{table}/**/*.parquet', hive_partitioning = false) group by moment
"""


@dataclass(frozen=True)
class Arrivals:
    """One table's records by the second the function put them, and its objects: opened and created, in seconds."""

    records: Counter[int]
    objects: list[tuple[float, float]]

    @property
    def total(self) -> int:
        """Return how many records there are."""
        return self.records.total()

    def busiest(self, seconds: int) -> int:
        """Return the most records that came in one such span of time."""
        spans: Counter[int] = Counter()
        for moment, count in self.records.items():
            spans[moment // seconds] += count
        return max(spans.values(), default=0)

    def active_partitions(self, delay: float = 1.0) -> int:
        """Return the most folders that had an open buffer at once, each open so many times as long as it was."""
        changes = [(opened, 1) for opened, _ in self.objects]
        changes += [(opened + delay * (created - opened), -1) for opened, created in self.objects]
        active = most = 0
        for _, change in sorted(changes):
            active += change
            most = max(most, active)
        return most


def arrivals(lake: Path, table: str) -> Arrivals:
    """Return what came into one of Bronze's tables."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        records = connection.execute(_RECORDS.format(lake=lake, table=table)).fetchall()
        objects = connection.execute(_OBJECTS.format(lake=lake, table=table)).fetchall()
    by_second: Counter[int] = Counter()
    for moment, count in records:
        by_second[int(moment)] += count
    return Arrivals(by_second, objects)


def busiest_second_of_objects(*tables: Arrivals) -> int:
    """Return the most objects that S3 was given in one second."""
    created = Counter(int(created) for table in tables for _, created in table.objects)
    return max(created.values(), default=0)

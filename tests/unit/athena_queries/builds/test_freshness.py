from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from pyspark.sql import SparkSession

from athena_queries.builds.build import Lake
from athena_queries.builds.freshness import newest_shown

EARLY, LATE = "2025-10-15 10:00:00", "2025-10-15 12:00:00"


class _Published:
    """An engine of which no more is asked than what the view shows."""

    def __init__(self, table: str | None) -> None:
        self.table = table

    def view_target(self, view: str) -> str | None:
        assert view == "gold.lake_freshness"
        return self.table


@pytest.fixture
def table(spark: SparkSession) -> Iterator[str]:
    spark.sql("CREATE NAMESPACE IF NOT EXISTS lake.freshness_tests")
    yield "freshness_tests.shown"
    spark.sql("DROP TABLE IF EXISTS lake.freshness_tests.shown PURGE")


def shown(spark: SparkSession, table: str | None) -> datetime | None:
    return newest_shown(Lake(spark, _Published(table), "file:///lake", "run"))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["timestamp", "timestamp_ntz"])
@pytest.mark.parametrize(
    ("changes", "requests", "newest"),
    [
        (EARLY, LATE, datetime(2025, 10, 15, 10, tzinfo=UTC)),
        (LATE, EARLY, datetime(2025, 10, 15, 10, tzinfo=UTC)),
        (LATE, None, datetime(2025, 10, 15, 12, tzinfo=UTC)),
        (None, None, None),
    ],
)
def test_gold_is_as_fresh_as_the_source_that_is_further_behind(
    spark: SparkSession, table: str, kind: str, changes: str | None, requests: str | None, newest: datetime | None
) -> None:
    rows = {
        "silver.task_changes": changes,
        "silver.api_requests": requests,
        "silver.tasks_per_user_daily": "2020-01-01",
    }
    values = ", ".join(f"('{name}', {f'{kind}{at!r}' if at else 'null'})" for name, at in rows.items())
    spark.sql(f"CREATE TABLE lake.{table} (table_name string, newest_change_at {kind}) USING iceberg")
    spark.sql(f"INSERT INTO lake.{table} VALUES {values}")
    assert shown(spark, table) == newest


def test_before_anything_is_published_nobody_knows(spark: SparkSession) -> None:
    assert shown(spark, None) is None

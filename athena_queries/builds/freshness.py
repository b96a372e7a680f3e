"""How fresh Gold is, by what its own table says of Silver's."""

from datetime import UTC, datetime

from pyspark.sql import functions as F

from athena_queries.builds.build import Lake
from glue_jobs.storage.iceberg import CATALOG

# Those that the others are made of: one that stands still is not hidden by one that goes on.
_SOURCES = ("silver.task_changes", "silver.api_requests")


def newest_shown(lake: Lake) -> datetime | None:
    """Return up to when Gold's readers know both sources; None where nothing is published or came.

    A source of which nothing ever came counts for none: an API whose logs the lake is not given.
    """
    shown = lake.engine.view_target("gold.lake_freshness")
    if shown is None:
        return None
    # Athena's builds have UTC without a zone, the laptop's with one; the session's zone is UTC.
    newest = F.min(F.unix_timestamp(F.col("newest_change_at").cast("timestamp")))
    sources = lake.spark.table(f"{CATALOG}.{shown}").where(F.col("table_name").isin(*_SOURCES))
    [seen] = sources.select(newest.alias("at")).collect()
    return datetime.fromtimestamp(seen.at, UTC) if seen.at is not None else None

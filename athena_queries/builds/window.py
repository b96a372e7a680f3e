"""What of a Gold table has to be built anew: the days that its sources' changes touched since the published build."""

from collections.abc import Collection, Mapping
from datetime import date

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from athena_queries.builds.versions import Version
from athena_queries.gold_table import GoldTable, Refresh
from glue_jobs.storage.changed_rows import read_changed

# Above so many days a list of them costs an engine more than reading the rest.
MOST_DAYS = 366


def touched_days(
    spark: SparkSession, table: GoldTable, former: Version, inputs: Mapping[str, int | None]
) -> list[date] | None:
    """Return the days to build anew, sorted; none where no row has changed; None where all of the table is.

    A change that is late counts on its own day, so the days need not be the last. All is built anew where the table
    has no days, where it is not known what changed, and above ``MOST_DAYS``.
    """
    if set(former.inputs) != set(inputs):
        return None
    days: set[date] = set()
    for source, snapshot in inputs.items():
        if former.inputs[source] == snapshot:
            continue
        found = _days(spark, table.refresh, source, former.inputs[source], snapshot)
        if found is None:
            return None
        days |= found
    return sorted(days) if len(days) <= MOST_DAYS else None


def _days(
    spark: SparkSession, refresh: Refresh | None, source: str, after: int | None, until: int | None
) -> set[date] | None:
    # A build of Gold is a table of its own: it has no snapshot in common with the one before it.
    changed = None if source.startswith("gold.") else read_changed(spark, source, after, until)
    if changed is None:
        return None
    if not refresh or source not in refresh.changed_by:
        return set() if changed.isEmpty() else None
    touched = changed.select(F.expr(refresh.changed_by[source]).cast("date").alias("day")).distinct()
    days = {row.day for row in touched.limit(MOST_DAYS + 2).collect()}
    return None if None in days else days


def windowed(table: GoldTable, former: str, days: Collection[date]) -> str:
    """Return the SELECT that makes these days anew and takes all others from the former build."""
    assert table.refresh is not None, f"{table.name} is built whole"
    day, columns = table.refresh.column, ", ".join(table.columns)
    listed = ", ".join(f"date '{each}'" for each in days)
    # The range besides the list: an engine prunes files by it.
    inside = f"{day} between date '{min(days)}' and date '{max(days)}' and {day} in ({listed})"
    query = table.sql.strip().removesuffix(";")
    # All before the query is on its first line: its lines keep their numbers.
    carried = f"select {columns} from {former} where {day} is null or not ({inside})"
    return f"{carried} union all select {columns} from ({query}\n) as anew where {inside}"

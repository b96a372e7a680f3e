"""What of a Gold table has to be built anew: the days that its sources' changes touched since the published build."""

from collections.abc import Collection
from datetime import date

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from athena_queries.builds.versions import Version
from athena_queries.gold_table import GoldTable, Refresh
from glue_jobs.storage.changed_rows import read_changed

# Above so many days a list of them costs an engine more than reading the rest.
MOST_DAYS = 366


def touched_days(
    spark: SparkSession, table: GoldTable, former: Version, inputs: dict[str, int | None]
) -> list[date] | None:
    """Return the days to build anew, sorted; None where all are: the snapshots between are not known, or too many days.

    A change that is late counts on its own day, so the days need not be the last.
    """
    if not table.refresh or set(former.inputs) != set(inputs) or set(inputs) != set(table.refresh.changed_by):
        return None
    days: set[date] = set()
    for source, snapshot in inputs.items():
        if former.inputs[source] == snapshot:
            continue
        found = _days(spark, source, table.refresh, former.inputs[source], snapshot)
        if found is None:
            return None
        days |= found
    return sorted(days) if len(days) <= MOST_DAYS else None


def _days(spark: SparkSession, source: str, refresh: Refresh, after: object, until: int | None) -> set[date] | None:
    changed = read_changed(spark, source, after if isinstance(after, int) else None, until)
    if changed is None:
        return None
    touched = changed.select(F.expr(refresh.changed_by[source]).cast("date").alias("day")).distinct()
    return {row.day for row in touched.limit(MOST_DAYS + 2).collect() if row.day}


def windowed(table: GoldTable, former: str, days: Collection[date]) -> str:
    """Return the SELECT that makes these days anew and takes all others from the former build."""
    assert table.refresh is not None, f"{table.name} is built whole"
    day, columns = table.refresh.column, ", ".join(table.columns)
    listed = ", ".join(f"date '{each}'" for each in days)
    # The range besides the list: an engine prunes files by it.
    inside = f"{day} between date '{min(days)}' and date '{max(days)}' and {day} in ({listed})"
    query = table.sql.strip().removesuffix(";")
    return (
        f"select {columns} from {former} where not ({inside})\n"
        f"union all\nselect {columns} from (\n{query}\n) as anew where {inside}"
    )

"""Days as ranges of time: what a run reads of a table that is laid out by time."""

from collections.abc import Iterable
from datetime import date, timedelta

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

# A filter of more ranges than this costs more to plan than it saves to read.
MOST_RANGES = 64

DayRange = tuple[date, date]


def days_of(rows: DataFrame, column: str) -> list[date]:
    """Return the UTC days of a time column, each once: one row a day reaches the driver."""
    return [row.day for row in rows.select(F.to_date(column).alias("day")).distinct().collect() if row.day]


def covering_ranges(days: Iterable[date], margin_days: int = 0, at_most: int = MOST_RANGES) -> list[DayRange]:
    """Return ranges, each ``(first day, day after the last)``, that cover the days: few, sorted, apart.

    Days that follow one another are one range. Where there would be more than ``at_most``, the narrowest gaps close.
    """
    margin, one = timedelta(margin_days), timedelta(1)
    ranges: list[DayRange] = []
    for day in sorted(days):
        first, end = day - margin, day + margin + one
        if ranges and first <= ranges[-1][1]:
            ranges[-1] = ranges[-1][0], max(end, ranges[-1][1])
        else:
            ranges.append((first, end))
    gaps = sorted(range(1, len(ranges)), key=lambda index: ranges[index][0] - ranges[index - 1][1])
    kept = sorted(gaps[max(0, len(gaps) - at_most + 1) :]) if ranges else []
    starts, ends = [0, *kept], [*kept, len(ranges)]
    return [(ranges[first][0], ranges[end - 1][1]) for first, end in zip(starts, ends, strict=True)] if ranges else []


def within(column: str, ranges: Iterable[DayRange]) -> str:
    """Return the SQL condition that a date or UTC time is in one of the ranges, in a form that Iceberg prunes by."""
    return " OR ".join(f"({column} >= '{first}' AND {column} < '{end}')" for first, end in ranges) or "false"


def in_ranges(column: str, ranges: Iterable[DayRange]) -> Column:
    """Return the same condition for a DataFrame."""
    return F.expr(within(column, ranges))

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from glue_jobs.storage.days import MOST_RANGES, covering_ranges, days_of, in_ranges, within

DAY = timedelta(1)
FIRST = date(2024, 2, 20)
MONTHS = [FIRST + n * DAY for n in range(120)]

sparse = st.lists(st.dates(date(1970, 1, 1), date(2100, 1, 1)))
dense = st.lists(st.sampled_from(MONTHS), max_size=60)
days = sparse | dense
margins = st.integers(0, 8)


def spread(days: list[date], margin: int) -> set[date]:
    return {day + n * DAY for day in days for n in range(-margin, margin + 1)}


def covered(ranges: list[tuple[date, date]]) -> set[date]:
    return {first + n * DAY for first, end in ranges for n in range((end - first).days)}


def gaps(ranges: list[tuple[date, date]]) -> list[timedelta]:
    return [first - end for (_, end), (first, _) in pairwise(ranges)]


@given(days, margins, st.integers(1, 5))
def test_ranges_cover_every_day_with_its_margin_and_are_few_sorted_and_apart(
    days: list[date], margin: int, at_most: int
) -> None:
    ranges = covering_ranges(days, margin, at_most)
    assert all(any(first <= day < end for first, end in ranges) for day in spread(days, margin))
    assert len(ranges) <= at_most
    assert all(first < end for first, end in ranges)
    assert all(gap >= DAY for gap in gaps(ranges))


@given(dense, margins)
def test_ranges_hold_no_other_day_where_there_may_be_enough_of_them(days: list[date], margin: int) -> None:
    assert covered(covering_ranges(days, margin, at_most=len(days) + 1)) == spread(days, margin)


@given(sparse, st.integers(1, 5))
def test_where_there_may_not_it_is_the_narrowest_gaps_that_close(days: list[date], at_most: int) -> None:
    wanted, given_ = (covering_ranges(days, at_most=most) for most in (len(days) + 1, at_most))
    assert len(given_) == min(len(wanted), at_most)
    assert sorted(gaps(given_), reverse=True) == sorted(gaps(wanted), reverse=True)[: at_most - 1]


@given(days, st.randoms())
def test_the_order_and_number_of_days_that_are_given_do_not_matter(days: list[date], random: Random) -> None:
    shuffled = [*days, *days[:3]]
    random.shuffle(shuffled)
    assert covering_ranges(shuffled) == covering_ranges(days)


def test_days_that_follow_one_another_are_one_range() -> None:
    assert covering_ranges([date(2024, 3, 1), date(2024, 2, 28), date(2024, 2, 29)]) == [
        (date(2024, 2, 28), date(2024, 3, 2))
    ]
    assert covering_ranges([]) == []
    assert len(covering_ranges(FIRST + 2 * n * DAY for n in range(1000))) == MOST_RANGES


def test_nothing_is_within_no_range() -> None:
    assert within("at", []) == "false"


CHOSEN = {
    "none": [],
    "the first and the last": [MONTHS[0], MONTHS[-1]],
    "around a leap day": [date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 1)],
    "every fifth": MONTHS[::5],
}


@pytest.mark.parametrize("chosen", CHOSEN.values(), ids=CHOSEN)
def test_a_condition_finds_the_rows_of_its_days_by_date_and_by_time(spark: SparkSession, chosen: list[date]) -> None:
    midnights = [datetime(day.year, day.month, day.day, tzinfo=UTC) for day in MONTHS]
    moments = [at for midnight in midnights for at in (midnight, midnight + DAY - timedelta(microseconds=1))]
    rows = spark.createDataFrame([(at, at.date()) for at in moments], "at timestamp, day date")
    ranges = covering_ranges(chosen, at_most=50)
    for column in ("at", "day"):
        assert {row.day for row in rows.where(in_ranges(column, ranges)).collect()} == set(chosen)
    assert rows.where(within("at", ranges)).count() == 2 * len(chosen)
    assert sorted(days_of(rows.where(in_ranges("at", ranges)), "at")) == chosen


def test_a_row_without_a_time_is_on_no_day(spark: SparkSession) -> None:
    rows = spark.range(2).select(F.when(F.col("id") == 1, F.timestamp_seconds(F.lit(1_760_486_399))).alias("at"))
    assert days_of(rows, "at") == [date(2025, 10, 14)]

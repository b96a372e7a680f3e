import random
from collections.abc import Sequence
from datetime import datetime
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdc_lambda.envelope import to_envelope
from local.traffic.day import day
from operations.cost.arrivals import Curve, buffers, curve, open_at_once

moments = st.lists(st.tuples(st.floats(0, 86_400), st.sampled_from("abc")), min_size=1, max_size=60)


def test_a_buffer_is_open_from_its_first_record() -> None:
    arrivals = [(0.0, "ada"), (59.9, "ada"), (60.0, "ada"), (61.0, "bob")]
    assert buffers(arrivals, 60) == 3


def test_a_full_buffer_makes_place_for_another() -> None:
    assert buffers([(0.0, "ada")] * 250, 60, most=100) == 3


def test_folders_are_open_at_once_in_the_busiest_window() -> None:
    assert open_at_once([(0.0, "a"), (10.0, "b"), (59.0, "a"), (60.0, "c")], 60) == 2
    assert open_at_once([], 60) == 0


def test_between_two_points_the_curve_is_a_power_law() -> None:
    measured = Curve(((10, 0.4), (1000, 0.1)))
    assert measured.at(100) == pytest.approx(0.2)  # a hundred times the seconds, a quarter of the buffers
    assert measured.at(1) == 0.4


def test_beyond_the_last_point_twice_the_seconds_are_half_the_buffers() -> None:
    assert Curve(((10, 0.4), (1000, 0.1))).at(4000) == pytest.approx(0.025)


def test_without_a_measurement_each_record_is_a_buffer() -> None:
    assert Curve(()).at(60) == 1.0
    assert curve([]) == Curve(())


@given(moments)
def test_a_longer_buffer_never_fills_more_of_them(arrivals: list[tuple[float, str]]) -> None:
    ordered = sorted(arrivals)
    counts = [buffers(ordered, seconds) for seconds in (1, 60, 900, 86_400)]
    assert counts == sorted(counts, reverse=True)


@given(moments, st.floats(0.5, 20_000))
def test_a_curve_lies_between_one_buffer_a_record_and_none(arrivals: list[tuple[float, str]], seconds: float) -> None:
    assert 0 < curve(arrivals).at(seconds) <= 1


@given(moments, st.floats(1, 10_000), st.floats(1, 50))
def test_more_records_never_make_fewer_objects(arrivals: list[tuple[float, str]], seconds: float, times: float) -> None:
    measured = curve(arrivals)
    assert times * measured.at(seconds * times) >= measured.at(seconds) * (1 - 1e-3)


@cache
def generated_day(buckets: int = 0) -> Sequence[tuple[float, tuple[str, object]]]:
    """Return when each change of the generated day came, and its folder: a date and a user, or a bucket of users."""
    changes = [change for record in day() if (change := to_envelope(record, ""))]
    users = sorted({change["user_id"] for change in changes})
    return sorted(
        (
            datetime.fromisoformat(f"{change['changed_at']}+00:00").timestamp(),
            (change["event_date"], users.index(change["user_id"]) % buckets if buckets else change["user_id"]),
        )
        for change in changes
    )


@pytest.mark.parametrize("seconds", [60, 300, 900])
@pytest.mark.parametrize("share", [0.5, 0.25])
def test_a_part_of_the_generated_day_makes_the_objects_that_the_whole_tells(share: float, seconds: float) -> None:
    rng = random.Random(1)
    part = [arrival for arrival in generated_day() if rng.random() < share]
    told = len(part) * curve(generated_day()).at(seconds * share)
    assert told == pytest.approx(buffers(part, seconds), rel=0.05)


@pytest.mark.parametrize("seconds", [60, 300, 900])
@pytest.mark.parametrize("buckets", [8, 16])
def test_fewer_buckets_make_the_objects_that_more_of_them_tell(buckets: int, seconds: float) -> None:
    told = len(generated_day(32)) * curve(generated_day(32)).at(seconds * 32 / buckets)
    assert told == pytest.approx(buffers(generated_day(buckets), seconds), rel=0.15)

import pytest
from hypothesis import given
from hypothesis import strategies as st

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

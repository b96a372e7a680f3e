import pytest

from cdc_lambda.times import to_date, to_timestamp


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (0, "1970-01-01 00:00:00.000"),
        (1, "1970-01-01 00:00:00.001"),
        (59_999, "1970-01-01 00:00:59.999"),
        (60_000, "1970-01-01 00:01:00.000"),
        (-1, "1969-12-31 23:59:59.999"),
        (1760518870500, "2025-10-15 09:01:10.500"),
        (253402300799999, "9999-12-31 23:59:59.999"),
    ],
)
def test_a_timestamp_has_its_milliseconds(milliseconds: int, text: str) -> None:
    assert to_timestamp(milliseconds) == text


def test_a_time_after_9999_is_refused() -> None:
    with pytest.raises(OverflowError):
        to_timestamp(253402300800000)


def test_a_date_is_counted_from_1970() -> None:
    assert [to_date(days) for days in (0, 20376)] == ["1970-01-01", "2025-10-15"]

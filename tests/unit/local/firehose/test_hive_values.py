from datetime import date, datetime
from typing import Any

import pytest

from local.firehose.hive_values import ConversionError, reader


@pytest.mark.parametrize(
    ("hive_type", "value", "expected"),
    [
        ("string", "é", "é"),
        ("string", 5, "5"),
        ("string", True, "true"),
        ("boolean", False, False),
        ("bigint", 2**63 - 1, 2**63 - 1),
        ("date", "2025-10-15", date(2025, 10, 15)),
        ("timestamp", "2025-10-15 08:00:00", datetime(2025, 10, 15, 8)),
        ("timestamp", "2025-1-5 8:00:00.12", datetime(2025, 1, 5, 8, 0, 0, 120_000)),
        ("timestamp", "2025-10-15 08:00:00.123456789", datetime(2025, 10, 15, 8, 0, 0, 123_456)),
    ],
)
def test_a_value_of_the_columns_type_converts(hive_type: str, value: Any, expected: Any) -> None:
    assert reader(hive_type)(value) == expected


@pytest.mark.parametrize(
    ("hive_type", "value"),
    [
        ("string", {}),
        ("boolean", "true"),
        ("bigint", "5"),
        ("bigint", True),
        ("bigint", 2**63),
        ("bigint", 1.5),
        ("date", "2025-10-15T00:00:00Z"),
        ("date", 20251015),
        ("timestamp", "2025-10-15T08:00:00Z"),
        ("timestamp", "1969-12-31 23:59:59"),
        ("timestamp", 1_760_529_600),
    ],
)
def test_another_value_does_not_convert(hive_type: str, value: Any) -> None:
    with pytest.raises(ConversionError):
        reader(hive_type)(value)


@pytest.mark.parametrize(("hive_type", "value"), [("date", "2025-02-30"), ("timestamp", "2025-02-30 00:00:00")])
def test_a_day_that_no_calendar_has_does_not_convert(hive_type: str, value: str) -> None:
    with pytest.raises(ValueError, match="day"):
        reader(hive_type)(value)


def test_timestamp_formats_replace_the_default() -> None:
    read = reader("timestamp", ["yyyy-MM-dd'T'HH:mm:ss'Z'"])
    assert read("2025-10-15T08:00:00Z") == datetime(2025, 10, 15, 8)
    with pytest.raises(ConversionError):
        read("2025-10-15 08:00:00")

"""Times as Firehose's ``HiveJsonSerDe`` reads them without a format: docs/aws-semantics.md#firehose-14. All are UTC."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final

SECONDS_A_DAY: Final = 86_400
_EPOCH: Final = datetime(1970, 1, 1)


def to_timestamp(milliseconds: int) -> str:
    """Return Unix milliseconds as ``YYYY-MM-DD HH:MM:SS.mmm``; an ``OverflowError`` outside the years 1 to 9999."""
    minute, rest = divmod(milliseconds, 60_000)
    return f"{_to_minute(minute)}:{rest / 1000:06.3f}"


@lru_cache(maxsize=4096)  # records come in the order of time, so most share their minute with the one before
def _to_minute(minutes: int) -> str:
    return (_EPOCH + timedelta(minutes=minutes)).isoformat(sep=" ", timespec="minutes")


@lru_cache(maxsize=4096)
def to_date(days: int) -> str:
    """Return a number of days since 1970 as ``YYYY-MM-DD``."""
    return date.fromordinal(_EPOCH.toordinal() + days).isoformat()

"""Unix seconds as the UTC times that AWS writes."""

from datetime import UTC, datetime


def utc(moment: float) -> datetime:
    """Return the moment as an aware UTC datetime."""
    return datetime.fromtimestamp(moment, UTC)


def milliseconds(moment: float) -> int:
    """Return the moment as Unix milliseconds, as Firehose's error documents give it."""
    return round(moment * 1000)


def iso_milliseconds(moment: float) -> str:
    """Return ``2025-10-15T08:00:00.123Z``."""
    return f"{utc(moment):%Y-%m-%dT%H:%M:%S}.{milliseconds(moment) % 1000:03d}Z"

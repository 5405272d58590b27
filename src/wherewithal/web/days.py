"""Days and moments as an address gives them."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

YEARS = range(1900, 2200)
"""What lies outside is a slip of the keyboard, and no calendar has to reach there."""


def day_of(given: str) -> date:
    """A day such as 2026-01-31, of the years that days are kept in. ValueError for anything else."""
    day = date.fromisoformat(given)
    if day.year not in YEARS:
        raise ValueError(given)
    return day


def moment_of(given: str, timezone: ZoneInfo) -> datetime:
    """A moment on the clock of a zone, in UTC; a day alone means its end. ValueError for anything else."""
    if len(given) == 10:
        local = datetime.combine(day_of(given), time.max)
    else:
        local = datetime.fromisoformat(given)
        if local.year not in YEARS:
            raise ValueError(given)
    return (local if local.tzinfo else local.replace(tzinfo=timezone)).astimezone(UTC)


def iso_day(given: str) -> str:
    """A day of a cursor, which JSON holds as text; ValueError for what is none."""
    return date.fromisoformat(given).isoformat()

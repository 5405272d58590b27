"""An instant in words: local, with its zone, never two meanings."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from wherewithal.kit.instants import in_zone


@pytest.mark.parametrize(
    ("at", "zone", "text"),
    [
        (datetime(2026, 3, 3, 12, 0, tzinfo=UTC), "Europe/Berlin", "2026-03-03 13:00 Europe/Berlin"),
        (datetime(2026, 7, 3, 22, 30, 5, tzinfo=UTC), "Europe/Berlin", "2026-07-04 00:30:05 Europe/Berlin"),
        (datetime(2026, 3, 3, 12, 0, tzinfo=UTC), "UTC", "2026-03-03 12:00 UTC"),
        (
            datetime(2026, 3, 3, 12, 0, tzinfo=timezone(timedelta(hours=2))),
            "Asia/Tokyo",
            "2026-03-03 19:00 Asia/Tokyo",
        ),
        (
            datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
            "Europe/Berlin",
            "2026-10-25 02:30 Europe/Berlin (UTC+0200)",
        ),
        (
            datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
            "Europe/Berlin",
            "2026-10-25 02:30 Europe/Berlin (UTC+0100)",
        ),
    ],
)
def test_in_words(at: datetime, zone: str, text: str) -> None:
    assert in_zone(at, zone) == in_zone(at, ZoneInfo(zone)) == text

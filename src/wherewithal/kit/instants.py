"""Instants in words: by the clock where the company is, with the time zone named."""

from datetime import datetime
from zoneinfo import ZoneInfo


def in_zone(at: datetime, timezone: str | ZoneInfo) -> str:
    """2026-03-03 13:05 Europe/Berlin. Seconds where there are any; the hour that the clock shows twice says its offset."""
    zone = timezone if isinstance(timezone, ZoneInfo) else ZoneInfo(timezone)
    local = at.astimezone(zone)
    clock = "%H:%M:%S" if local.second or local.microsecond else "%H:%M"
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return f"{local:%Y-%m-%d {clock}} {zone.key}{f' (UTC{local:%z})' if twice else ''}"

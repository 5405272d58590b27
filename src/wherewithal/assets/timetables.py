"""When the depreciation of a book runs by itself: pure functions of its timetable, its calendar and the hour."""

import datetime
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from wherewithal.core.depreciation.calendar import ONE_DAY, Calendar

MOST_DAYS = 90


@dataclass(frozen=True, slots=True)
class Timetable:
    """So many days after the end of each period, at an hour of the company's time zone. since: when it was set."""

    days_after: int
    hour: int
    since: datetime.datetime

    def at(self, end: datetime.date, zone: ZoneInfo) -> datetime.datetime:
        """When the period that ends on a day is to be charged."""
        day = end + datetime.timedelta(days=self.days_after)
        return datetime.datetime.combine(day, datetime.time(self.hour), zone)

    def due(
        self, calendar: Calendar, zone: ZoneInfo, horizon_on: datetime.date | None, now: datetime.datetime
    ) -> datetime.date | None:
        """The end of the last period whose hour has come since the timetable was set, if it is not charged yet."""
        day = now.astimezone(zone).date() - datetime.timedelta(days=self.days_after)
        period = calendar.period(day)
        end = period.last if period.last == day else period.first - ONE_DAY
        if self.at(end, zone) > now:  # it is the day, but not yet the hour
            end = calendar.period(end).first - ONE_DAY
        if self.at(end, zone) <= self.since or (horizon_on is not None and end <= horizon_on):
            return None
        return end

    def coming(
        self, calendar: Calendar, zone: ZoneInfo, horizon_on: datetime.date | None, now: datetime.datetime
    ) -> tuple[datetime.date, datetime.datetime]:
        """The end of the next period to be charged, and when."""
        day = now.astimezone(zone).date() - datetime.timedelta(days=self.days_after)
        end = calendar.period(day).last
        while self.at(end, zone) <= now or (horizon_on is not None and end <= horizon_on):
            end = calendar.period(end + ONE_DAY).last
        return end, self.at(end, zone)

    def last_hour(self, zone: ZoneInfo, now: datetime.datetime) -> datetime.datetime:
        """When its hour last came, on any day: what was refused is tried once more each day."""
        local = now.astimezone(zone)
        found = datetime.datetime.combine(local.date(), datetime.time(self.hour), zone)
        return found if found <= now else datetime.datetime.combine(local.date() - ONE_DAY, found.timetz())

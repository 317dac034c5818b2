"""The shop's day: the tenant's zone with a cutoff hour, because boosters work past midnight."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def business_day(instant: datetime, zone: str, cutoff_hour: int) -> date:
    """The business day an instant belongs to: before the cutoff it is still yesterday."""
    local = instant.astimezone(ZoneInfo(zone))
    return local.date() - timedelta(days=1) if local.hour < cutoff_hour else local.date()


def day_bounds(day: date, zone: str, cutoff_hour: int) -> tuple[datetime, datetime]:
    """First instant of the business day and of the next, UTC; 23 to 25 hours apart around clock changes."""
    tz = ZoneInfo(zone)
    start = datetime.combine(day, time(cutoff_hour), tz)
    end = datetime.combine(day + timedelta(days=1), time(cutoff_hour), tz)
    return start.astimezone(UTC), end.astimezone(UTC)


def month_of(instant: datetime, zone: str) -> str:
    """The calendar month in the tenant's zone, with its year: `2026-11`."""
    return f"{instant.astimezone(ZoneInfo(zone)):%Y-%m}"

"""Which jobs the clock starts, when, and what becomes of slots missed while the house was down."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from domain.channels.jobs import PURGE_INBOUND, SYNC_TEMPLATES
from domain.conversations.jobs import END_SILENCES
from domain.jobs.handlers import LOCK_PAYROLL, REMIND_TO_CLOSE
from domain.kernel.business_day import business_day, day_bounds


class CatchUp(StrEnum):
    """What is done about missed slots."""

    ALL = "all"
    LAST = "last"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Daily:
    """Once a business day, at the tenant's cutoff hour."""

    def slots(self, after: datetime, until: datetime, zone: str, cutoff_hour: int) -> list[datetime]:
        """Slots in (after, until], ascending, UTC. A day of 23 or 25 hours has one slot like any other."""
        day: date = business_day(after, zone, cutoff_hour)
        found = []
        while (start := day_bounds(day, zone, cutoff_hour)[0]) <= until:
            if start > after:
                found.append(start)
            day += timedelta(days=1)
        return found


@dataclass(frozen=True, slots=True)
class Every:
    """Every so many whole minutes, counted from midnight UTC of the epoch."""

    minutes: int

    def slots(self, after: datetime, until: datetime, zone: str, cutoff_hour: int) -> list[datetime]:
        """Slots in (after, until], ascending, UTC."""
        step_s = self.minutes * 60
        first = int(after.timestamp()) // step_s + 1
        return [datetime.fromtimestamp(n * step_s, UTC) for n in range(first, int(until.timestamp()) // step_s + 1)]


@dataclass(frozen=True, slots=True)
class ClockJob:
    """A job of the clock; `lookback` bounds how far back a missed slot is looked for."""

    job: str
    schedule: Daily | Every
    catch_up: CatchUp
    lookback: timedelta


CLOCK_JOBS: tuple[ClockJob, ...] = (
    ClockJob(REMIND_TO_CLOSE, Daily(), CatchUp.LAST, timedelta(days=2)),
    ClockJob(LOCK_PAYROLL, Daily(), CatchUp.LAST, timedelta(days=2)),
    ClockJob(END_SILENCES, Every(minutes=1), CatchUp.LAST, timedelta(minutes=5)),
    ClockJob(SYNC_TEMPLATES, Every(minutes=60), CatchUp.LAST, timedelta(hours=1)),
    ClockJob(PURGE_INBOUND, Daily(), CatchUp.LAST, timedelta(days=2)),
)

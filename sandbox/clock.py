"""Time as something handed in: the emulators never ask the machine what time it is."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Answers what time it is."""

    def now(self) -> datetime:
        """Return the present instant, aware and in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the present instant, aware and in UTC."""
        return datetime.now(UTC)


class ManualClock:
    """A clock that moves only when told to, so that long windows cost no real time."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("a clock starts at an aware instant")
        self._now = start.astimezone(UTC)
        self._listeners: list[Callable[[], None]] = []

    def now(self) -> datetime:
        """Return the present instant, aware and in UTC."""
        return self._now

    def advance(self, step: timedelta) -> None:
        """Move forward by `step` and wake whoever waits for an instant; time never goes back."""
        if step < timedelta(0):
            raise ValueError("time does not go back")
        self._now += step
        for listener in tuple(self._listeners):
            listener()

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Call `listener` after every step."""
        self._listeners.append(listener)

"""A chat between one phone and one number, with the windows in which a business may answer freely."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sandbox.whatsapp.state import Message

WINDOW = timedelta(hours=24)
FREE_ENTRY = timedelta(hours=72)


@dataclass(eq=False)
class Chat:
    """The messages of both sides, oldest first, as the phone shows them."""

    messages: list[Message] = field(default_factory=list)
    waiting: list[Message] = field(default_factory=list)
    last_written_at: datetime | None = None
    came_by_ad_at: datetime | None = None
    free_entry_until: datetime | None = None
    typing_until: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """Whether anything but a template may be sent."""
        if self.free_entry_until is not None and now < self.free_entry_until:
            return True
        return self.last_written_at is not None and now - self.last_written_at < WINDOW

    def answered(self, now: datetime) -> None:
        """Note an answer; the first within 24 h after an ad opens the free entry point for 72 h."""
        self.typing_until = None
        if self.came_by_ad_at is not None and self.free_entry_until is None and now - self.came_by_ad_at < WINDOW:
            self.free_entry_until = now + FREE_ENTRY
            self.came_by_ad_at = None

    def written(self, now: datetime, *, by_ad: bool) -> None:
        """Note that the phone wrote."""
        self.last_written_at = now
        if by_ad:
            self.came_by_ad_at, self.free_entry_until = now, None

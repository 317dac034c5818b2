"""Discord's identifiers: a millisecond since 2015 in the high bits, a counter in the low ones."""

from datetime import UTC, datetime

from sandbox.clock import Clock

_EPOCH_MS = 1_420_070_400_000


class Snowflakes:
    """Hands out identifiers that are unique and grow, whatever the clock does."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> int:
        """Return an identifier greater than every one before."""
        stamp = int(self._clock.now().timestamp() * 1000) - _EPOCH_MS
        self._last = max(self._last + 1, stamp << 22)
        return self._last

    def next_millisecond(self) -> int:
        """Return an identifier whose timestamp differs from every one before (guilds: it decides the shard)."""
        self._last = ((self._last >> 22) + 1) << 22
        return self.next()


def created_at(snowflake: int) -> datetime:
    """Return the instant written in an identifier."""
    return datetime.fromtimestamp(((snowflake >> 22) + _EPOCH_MS) / 1000, UTC)

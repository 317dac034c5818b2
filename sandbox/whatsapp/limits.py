"""How fast a number may send: throughput per second, and the pair rate to one person."""

from __future__ import annotations

from datetime import UTC, datetime

from sandbox.whatsapp.errors import GraphError

PAIR_GAP_S = 6.0
PAIR_BURST = 45
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


class Bucket:
    """Lets `burst` pass at once and then one every `gap_s`; the burst has to be paid back."""

    __slots__ = ("_burst", "_free_at_s", "_gap_s")

    def __init__(self, gap_s: float, burst: float) -> None:
        self._gap_s, self._burst, self._free_at_s = gap_s, burst, 0.0

    def take(self, now: datetime, *, is_forced: bool = False) -> bool:
        """Use one place; False when there is none. A forced one is always counted."""
        now_s = (now - _EPOCH).total_seconds()
        start_s = max(self._free_at_s, now_s)
        if not is_forced and start_s - now_s > self._gap_s * (self._burst - 1) + 1e-6:
            return False
        self._free_at_s = start_s + self._gap_s
        return True


class Limits:
    """The limits of one number. Setting `per_s` or `limits_pairs` takes effect at once."""

    def __init__(self, per_s: int | None, *, limits_pairs: bool) -> None:
        self.limits_pairs = limits_pairs
        self._pairs: dict[str, Bucket] = {}
        self.per_s = per_s

    @property
    def per_s(self) -> int | None:
        """Messages per second in both directions; None for no limit."""
        return self._per_s

    @per_s.setter
    def per_s(self, per_s: int | None) -> None:
        self._per_s = per_s
        self._all = None if per_s is None else Bucket(1 / per_s, per_s)

    def received(self, now: datetime) -> None:
        """Count a message that came in."""
        if self._all is not None:
            self._all.take(now, is_forced=True)

    def sent(self, now: datetime, recipient: str) -> None:
        """Count a message that goes out.

        Raises:
            GraphError: 130429 over the throughput, 131056 over the pair rate.
        """
        if self._all is not None and not self._all.take(now):
            raise GraphError(130429, f"Cloud API message throughput of {self._per_s} per second has been reached")
        if self.limits_pairs and not self._pairs.setdefault(recipient, Bucket(PAIR_GAP_S, PAIR_BURST)).take(now):
            raise GraphError(131056, "Too many messages sent from this phone number to the same recipient")

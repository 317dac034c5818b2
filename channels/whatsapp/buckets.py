"""Token buckets: how fast a number may send, and how often it may write to one person.

Shared by the tasks of one process. Several processes each hold their own: then Graph's refusals 130429 and 131056 are
the second line, and their messages go back to the outbox with a wait.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Hashable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from domain.kernel.clock import Clock
from domain.kernel.errors import TransientFailure

PAIR_GAP_S = 6.0  # Meta: one message per 6 s to one person, with a burst of 45 that has to be paid back
PAIR_BURST = 45
_LONGEST_PAUSE_S = 1.0
_TIDY_AT = 1024
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


class Buckets:
    """The buckets of all numbers and chats.

    Args:
        clock: For the instant.
        provider: Named in failures.
        sleep: How to wait a moment.
    """

    def __init__(self, clock: Clock, provider: str, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._clock = clock
        self._provider = provider
        self._sleep = sleep
        # A bucket is the instant at which it is full again; who is not in here is full.
        self._full_at_s: dict[Hashable, float] = {}
        self._paused_until_s: dict[Hashable, float] = {}
        self._tidy_at = _TIDY_AT

    def __len__(self) -> int:
        """How many buckets are kept."""
        return len(self._full_at_s)

    async def take(
        self, account_id: UUID, per_s: int, recipient: str, shared: Collection[Hashable] = ()
    ) -> None:  # fmt: skip
        """Use one place for a message, waiting up to a second for the number's.

        Args:
            account_id: The number.
            per_s: Its rate.
            recipient: To whom.
            shared: What the number shares with others and may be paused with them: its business account, its app.

        Raises:
            TransientFailure: There is none; after its `retry_after_s` there may be.
        """
        self._tidy()
        now_s = self._now_s()
        pair = (account_id, recipient)
        pair_wait_s = self._wait_s(pair, now_s, PAIR_GAP_S, PAIR_BURST)
        if pair_wait_s > 0:
            raise TransientFailure(self._provider, "pair_rate", pair_wait_s)
        paused_s = max(self._paused_until_s.get(key, 0.0) for key in (account_id, *shared)) - now_s
        wait_s = max(paused_s, self._wait_s(account_id, now_s, 1 / per_s, per_s))
        if wait_s > _LONGEST_PAUSE_S:
            raise TransientFailure(self._provider, "number_rate", wait_s)
        self._use(account_id, now_s, 1 / per_s)
        self._use(pair, now_s, PAIR_GAP_S)
        if wait_s > 0:
            await self._sleep(wait_s)

    def pause(self, key: Hashable, wait_s: float) -> None:
        """The provider says that a number, or what it shares with others, is too fast: nothing is sent for a while."""
        self._paused_until_s[key] = max(self._paused_until_s.get(key, 0.0), self._now_s() + wait_s)

    def _wait_s(self, key: Hashable, now_s: float, gap_s: float, burst: int) -> float:
        owed_s = self._full_at_s.get(key, now_s) - now_s
        return max(owed_s - gap_s * (burst - 1), 0.0)

    def _use(self, key: Hashable, now_s: float, gap_s: float) -> None:
        self._full_at_s[key] = max(self._full_at_s.get(key, now_s), now_s) + gap_s

    def _tidy(self) -> None:
        """Drop what is full again, each time the number of buckets has doubled."""
        if len(self._full_at_s) < self._tidy_at:
            return
        now_s = self._now_s()
        self._full_at_s = {key: full_s for key, full_s in self._full_at_s.items() if full_s > now_s}
        self._paused_until_s = {key: until_s for key, until_s in self._paused_until_s.items() if until_s > now_s}
        self._tidy_at = max(_TIDY_AT, 2 * len(self._full_at_s))

    def _now_s(self) -> float:
        return (self._clock.now() - _EPOCH) / timedelta(seconds=1)

"""Which accounts stand behind a webhook's address, remembered for seconds."""

import asyncio
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence

from domain.channels.dto import AccountDoor

LoadDoors = Callable[[str, str], Awaitable[tuple[AccountDoor, ...]]]
_APP = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_FRESH_S = 5.0
_RELOAD_S = 1.0
_STRANGERS_PER_S = 20  # addresses that do not exist, together
_REMEMBERED_APPS = 1000


class Doors:
    """A cache of `ChannelService.doors` for one provider.

    An account that was just added is found at once, and yet nobody can make the database work by asking for what
    does not exist: an app is read again at most once a second, and apps without accounts 20 times a second together.
    """

    def __init__(self, load: LoadDoors, provider: str, now_s: Callable[[], float] = time.monotonic) -> None:
        self._load = load
        self._provider = provider
        self._now_s = now_s
        self._known: OrderedDict[str, tuple[float, tuple[AccountDoor, ...]]] = OrderedDict()
        self._lock = asyncio.Lock()
        self._second, self._stranger_count = 0, 0

    async def of(self, app: str, *, is_missed: bool = False) -> Sequence[AccountDoor]:
        """The doors of an app; `is_missed` asks again when the answer did not hold what was looked for.

        Raises:
            Unavailable: The database is away.
        """
        if not _APP.fullmatch(app):
            return ()
        if self._is_good(app, is_missed):
            return self._known[app][1]
        async with self._lock:
            if self._is_good(app, is_missed):
                return self._known[app][1]
            if app not in self._known and self._has_too_many_strangers():
                return ()
            doors = await self._load(self._provider, app)
            self._remember(app, doors)
            return doors

    def _is_good(self, app: str, is_missed: bool) -> bool:
        if app not in self._known:
            return False
        loaded_at, doors = self._known[app]
        return self._now_s() - loaded_at < (_RELOAD_S if is_missed or not doors else _FRESH_S)

    def _has_too_many_strangers(self) -> bool:
        second = int(self._now_s())
        if second != self._second:
            self._second, self._stranger_count = second, 0
        self._stranger_count += 1
        return self._stranger_count > _STRANGERS_PER_S

    def _remember(self, app: str, doors: tuple[AccountDoor, ...]) -> None:
        self._known[app] = (self._now_s(), doors)
        self._known.move_to_end(app)
        while len(self._known) > _REMEMBERED_APPS:
            self._known.popitem(last=False)

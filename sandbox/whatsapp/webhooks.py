"""Delivers webhooks: at least once, in no promised order, several in one POST, again with growing gaps."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import aiohttp

from sandbox.whatsapp.envelopes import Item, Packing, encoded, envelope, signature
from sandbox.whatsapp.errors import VerificationRefused
from sandbox.whatsapp.state import App
from sandbox.whatsapp.timers import Timers

_KEPT = 1_000
_TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class Attempt:
    """One POST to a callback address; `status` is 0 when nobody answered."""

    url: str
    body: bytes
    status: int
    number_of_try: int


class Webhooks:
    """Everything that Meta tells a business.

    Attributes:
        retry_gaps_s: How long to wait after each failed try, by the clock; after the last one the POST is lost.
        delay_s: How late, by the clock, everything is delivered.
        copies: How often every POST is made.
        timeout_s: How many real seconds a try waits for its answer.
        attempts: The latest tries, oldest first.
    """

    def __init__(self, timers: Timers) -> None:
        self.retry_gaps_s: tuple[float, ...] = (1, 2, 5, 15, 60, 300, 1800, 7200)
        self.delay_s = 0.0
        self.copies = 1
        self.timeout_s = _TIMEOUT_S
        self.attempts: deque[Attempt] = deque(maxlen=_KEPT)
        self.delivered_count = self.lost_count = self.unsent_count = 0
        self._timers = timers
        self._held: list[Item] | None = None
        self._http: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Open the client."""
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=64),
            headers={"User-Agent": "facebookexternalua", "Content-Type": "application/json"},
        )

    async def stop(self) -> None:
        """Close the client."""
        if self._http is not None:
            await self._http.close()

    @property
    def held_count(self) -> int:
        """How many items are held back."""
        return len(self._held or ())

    def hold(self) -> None:
        """Hold everything back until `release`."""
        self._held = self._held or []

    async def release(
        self,
        packing: Packing = "apart",
        *,
        shuffle_seed: int | None = None,
        copies: int = 1,
        repeats: int = 1,
        reverse: bool = False,
    ) -> None:
        """Deliver what was held back, and hold no more; returns after the first tries.

        `packing` makes one POST per item ("apart"), or one POST of everything: merged into shared values ("items"),
        each its own change ("changes"), or each its own entry ("entries"). `copies` makes every POST so often,
        `repeats` puts every item so often into its POST.
        """
        items, self._held = self._held or [], None
        if reverse:
            items.reverse()
        if shuffle_seed is not None:
            random.Random(shuffle_seed).shuffle(items)
        posts = [[item] * repeats for item in items] if packing == "apart" else [items * repeats]
        for post in posts:
            for _ in range(copies):
                await self._post(post, "items" if packing == "apart" else packing)

    async def send(self, items: Sequence[Item], packing: Packing = "items") -> None:
        """Make one POST of `items` and return after its first try; what is held or late returns at once."""
        if self._held is not None:
            self._held.extend(items)
        elif self.delay_s:
            self._timers.after(self.delay_s, lambda: self._timers.spawn(self._post(items, packing)))
        else:
            await self._post(items, packing)

    async def _post(self, items: Sequence[Item], packing: Packing) -> None:
        heard = [item for item in items if item.account.is_subscribed and item.account.app.callback_url]
        self.unsent_count += len(items) - len(heard)
        by_app: dict[App, list[Item]] = {}
        for item in heard:
            by_app.setdefault(item.account.app, []).append(item)
        for app, own in by_app.items():
            await self.post_bytes(app, encoded(envelope(own, packing)))

    async def post_bytes(self, app: App, body: bytes, signed: str | None = None) -> None:
        """POST a body as it is, signed properly unless `signed` says otherwise; returns after the first try."""
        signed = signature(app.secret, body) if signed is None else signed
        if self.copies == 1:
            await self._try(app, body, signed, 0)
            return
        await asyncio.gather(*(self._try(app, body, signed, 0) for _ in range(self.copies)))

    async def _try(self, app: App, body: bytes, signed: str, number: int) -> None:
        status = await self._status(app.callback_url or "", body, signed)
        self.attempts.append(Attempt(app.callback_url or "", body, status, number))
        if status == 200:
            self.delivered_count += 1
        elif number < len(self.retry_gaps_s):
            again = partial(self._try, app, body, signed, number + 1)
            self._timers.after(self.retry_gaps_s[number], lambda: self._timers.spawn(again()))
        else:
            self.lost_count += 1

    async def _status(self, url: str, body: bytes, signed: str) -> int:
        assert self._http is not None
        try:
            limit = aiohttp.ClientTimeout(total=self.timeout_s)
            async with self._http.post(
                url, data=body, headers={"X-Hub-Signature-256": signed}, timeout=limit
            ) as answer:
                await answer.read()
                return answer.status
        except (aiohttp.ClientError, TimeoutError):
            return 0

    async def verify(self, app: App, url: str, verify_token: str, challenge: str) -> None:
        """Do the handshake of a new callback address and keep the address when it echoes the challenge.

        Raises:
            VerificationRefused: it answered anything else.
        """
        assert self._http is not None
        query = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": verify_token}
        try:
            async with self._http.get(url, params=query) as answer:
                text = await answer.text()
                if answer.status != 200 or text != challenge:
                    raise VerificationRefused(f"{answer.status} {text[:200]}")
        except (aiohttp.ClientError, TimeoutError) as error:
            raise VerificationRefused(repr(error)) from error
        app.callback_url = url

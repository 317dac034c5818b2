"""The webhook of Meta's Cloud API: verification, and items that are durable before the answer."""

import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog
from aiohttp import web

from channels.whatsapp.doors import Doors
from channels.whatsapp.meta.reading import BadBody, body_digest, is_signature, read_body, verifies
from channels.whatsapp.meta.split import Split, split
from channels.whatsapp.writer import GroupWriter, NotStored
from domain.channels.dto import AccountDoor, InboundItem
from domain.kernel.clock import Clock
from domain.kernel.errors import OutcomeUnknown, Unavailable

log = structlog.get_logger("guildhall.whatsapp")
BODY_LIMIT_BYTES = 4 * 1024 * 1024  # Meta states 3 MB
PATH = "/webhooks/meta/{app}"
_NOBODYS_SECRET = "nobody signs with this"  # noqa: S105 - spends the time of a comparison for an unknown app


class WebhookMetrics(Protocol):
    """Counts what came in."""

    def webhook(self, outcome: str, item_count: int = 0) -> None:
        """Count a POST by what became of it, and its items."""
        ...

    def unknown_number(self) -> None:
        """Count something for a number that nobody connected."""
        ...


class Accounts(Protocol):
    """What the door needs of the channels (`ChannelService`)."""

    async def doors(self, provider: str, app: str) -> tuple[AccountDoor, ...]:
        """The accounts behind an address."""
        ...

    async def accept(self, items: Sequence[InboundItem]) -> int:
        """Store items durably."""
        ...


def add_routes(app: web.Application, channels: Accounts, clock: Clock, metrics: WebhookMetrics) -> None:
    """Serve `GET` and `POST /webhooks/meta/{app}`; the application's `client_max_size` bounds the body.

    POST answers 200 once everything is committed, 400 not JSON, 401 no signature, 403 a wrong one or an unknown
    app, 413 too large, 503 not stored (Meta sends it again, for days).
    """
    door = _Door(Doors(channels.doors, "meta"), GroupWriter(channels.accept), clock, metrics)
    app.router.add_get(PATH, door.verify)
    app.router.add_post(PATH, door.receive)


@dataclass(slots=True)
class _Door:
    doors: Doors
    writer: GroupWriter
    clock: Clock
    metrics: WebhookMetrics

    async def verify(self, request: web.Request) -> web.Response:
        """Meta asks whether the address is ours, each time somebody edits it."""
        query, app = request.query, request.match_info["app"]
        token = query.get("hub.verify_token", "").encode("utf-8", "replace")
        try:
            doors = await self.doors.of(app)
            if not _knows(doors, token):
                doors = await self.doors.of(app, is_missed=True)
        except Unavailable:
            return _answer(503)
        if query.get("hub.mode") != "subscribe" or not _knows(doors, token):
            return _answer(403)
        return web.Response(text=query.get("hub.challenge", ""), content_type="text/plain")

    async def receive(self, request: web.Request) -> web.Response:
        """Take a POST: see `add_routes`."""
        if (request.content_length or 0) > BODY_LIMIT_BYTES:
            return self._refuse(413, "too large")
        try:
            raw = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return self._refuse(413, "too large")
        except ConnectionResetError:
            return self._refuse(400, "cut short")
        header = request.headers.get("X-Hub-Signature-256", "")
        if not is_signature(header):
            return self._refuse(401, "no signature")
        try:
            return await self._take(request.match_info["app"], raw, header)
        except BadBody as exc:
            return self._refuse(400, str(exc), raw)
        except (NotStored, Unavailable, OutcomeUnknown) as exc:
            return self._refuse(503, str(exc), raw)

    async def _take(self, app: str, raw: bytes, header: str) -> web.Response:
        trusted = _signed_by(await self.doors.of(app), raw, header)
        if not trusted:
            trusted = _signed_by(await self.doors.of(app, is_missed=True), raw, header)
        if not trusted:
            return self._refuse(403, "wrong signature", raw)
        body = read_body(raw)
        received_at_s = self.clock.now().timestamp()
        found = split(body, route_among(trusted), received_at_s)
        if found.unknown_numbers:
            trusted = _signed_by(await self.doors.of(app, is_missed=True), raw, header)
            found = split(body, route_among(trusted), received_at_s)
        await self.writer.write(found.items)
        self._count(found)
        return _answer(200)

    def _count(self, found: Split) -> None:
        self.metrics.webhook("accepted", len(found.items))
        for number in found.unknown_numbers:
            self.metrics.unknown_number()
            log.warning("webhook for a number that nobody connected", phone_number_id=number[:40])

    def _refuse(self, status: int, why: str, raw: bytes = b"") -> web.Response:
        self.metrics.webhook(str(status))
        log.info("webhook refused", status=status, why=why, size_bytes=len(raw), body=body_digest(raw))
        return _answer(status)


def route_among(doors: Sequence[AccountDoor]) -> Callable[[str, str], AccountDoor | None]:
    """Find an account by phone number id; without one, by the business account's id, or the only one there is."""
    by_number = {door.phone_number_id: door for door in doors}
    by_business: dict[str, AccountDoor] = {}
    for door in doors:
        if door.waba_id:
            by_business.setdefault(door.waba_id, door)
    only = doors[0] if len(doors) == 1 else None

    def route(phone_number_id: str, waba_id: str) -> AccountDoor | None:
        if phone_number_id:
            return by_number.get(phone_number_id)
        return by_business.get(waba_id, only)

    return route


def _signed_by(doors: Sequence[AccountDoor], raw: bytes, header: str) -> list[AccountDoor]:
    """The accounts whose own app secret signed the body: tenants may share an app's name, not its secret."""
    secrets = {door.app_secret for door in doors} or {_NOBODYS_SECRET}
    good = {secret for secret in secrets if verifies(secret, raw, header)}
    return [door for door in doors if door.app_secret in good]


def _knows(doors: Sequence[AccountDoor], token: bytes) -> bool:
    found = False
    for door in doors:  # all of them, so that the time tells nothing
        found |= hmac.compare_digest(door.verify_token.encode(), token)
    return found


def _answer(status: int) -> web.Response:
    return web.Response(status=status)

"""WhatsApp itself, on loopback: start it, give it numbers and phones, point a business's server at it."""

from __future__ import annotations

import secrets
from collections import Counter, deque
from collections.abc import Callable, Sequence
from typing import Self

from aiohttp import web

from sandbox.clock import Clock, ManualClock, SystemClock
from sandbox.whatsapp.envelopes import Item
from sandbox.whatsapp.events import Event
from sandbox.whatsapp.faults import Faults
from sandbox.whatsapp.graph.server import Call, GraphServer
from sandbox.whatsapp.identifiers import digits_of
from sandbox.whatsapp.limits import Limits
from sandbox.whatsapp.numbers import COEXISTENCE_PER_S, AccessToken, Number
from sandbox.whatsapp.phone import Phone
from sandbox.whatsapp.state import Account, App, Button, Json, Media, Message
from sandbox.whatsapp.statuses import Statuses
from sandbox.whatsapp.templates import Template
from sandbox.whatsapp.webhooks import Webhooks
from sandbox.whatsapp.world import World

_TICK_S = 0.02
_STANDARD_PER_S = 80
_MAX_BODY_BYTES = 110 * 1024 * 1024


class WhatsAppEmulator:
    """An honest WhatsApp with Meta's Cloud API. Enter it as an async context manager.

    `clock` decides windows, limits, expiry and when webhooks are tried again.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or SystemClock()
        self.world = World(self.clock)
        self.graph = GraphServer(self.world)
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None
        if isinstance(self.clock, ManualClock):
            self.clock.subscribe(self.world.hub.wake)

    @property
    def origin(self) -> str:
        """Where Graph is, without the version: `{origin}/v26.0/{phone_number_id}/messages`."""
        return self.world.origin

    @property
    def faults(self) -> Faults:
        """What goes wrong with calls."""
        return self.world.faults

    @property
    def webhooks(self) -> Webhooks:
        """How webhooks are delivered."""
        return self.world.webhooks

    @property
    def statuses(self) -> Statuses:
        """What is reported of messages."""
        return self.world.statuses

    @property
    def calls(self) -> deque[Call]:
        """The latest calls to Graph, oldest first."""
        return self.graph.calls

    @property
    def counts(self) -> Counter[str]:
        """All calls to Graph, by operation."""
        return self.graph.counts

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=_MAX_BODY_BYTES)
        app.router.add_route("*", "/{path:.*}", self.graph.handle)
        await self.world.webhooks.start()
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await self._listen(0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.faults.clear()
        await self.world.timers.stop()
        if self._runner is not None:
            await self._runner.cleanup()
        await self.world.timers.stop()
        await self.world.webhooks.stop()

    async def _listen(self, port: int) -> None:
        assert self._runner is not None
        self._site = web.TCPSite(self._runner, "127.0.0.1", port, reuse_address=True)
        await self._site.start()
        self.world.origin = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def go_away(self) -> None:
        """Refuse connections until `come_back`; those that are open end, kept ones as well."""
        if self._site is not None and self._runner is not None and self._runner.server is not None:
            await self._site.stop()
            await self._runner.server.shutdown(timeout=0)
            self._site = None

    async def come_back(self) -> None:
        """Listen again at the same address."""
        await self._listen(int(self.origin.rsplit(":", 1)[1]))

    def add_app(self, *, callback_url: str | None = None, secret: str | None = None) -> App:
        """Create a Meta app."""
        own_id = self.world.ids.graph()
        app = App(own_id, secret or secrets.token_hex(16), secrets.token_urlsafe(12), callback_url)
        self.world.apps[app.id] = app
        return app

    def add_number(
        self,
        display: str = "34911000111",
        *,
        name: str = "Guildhall",
        waba_id: str | None = None,
        app: App | None = None,
        phone_number_id: str | None = None,
        access_token: str | None = None,
        is_coexistence: bool = False,
        limits_pairs: bool = True,
    ) -> Number:
        """Connect a business number. An existing `waba_id` shares its account, an existing token its rights.

        A new account is subscribed to webhooks; they go to `number.app.callback_url`, which `connect` sets.
        """
        world = self.world
        account = world.accounts.get(waba_id or "")
        if account is None:
            account = Account(waba_id or world.ids.graph(), app or self.add_app())
            world.accounts[account.id] = account
        value = access_token or secrets.token_urlsafe(24)
        token = world.tokens.setdefault(value, AccessToken(value))
        token.accounts.add(account)
        per_s = COEXISTENCE_PER_S if is_coexistence else _STANDARD_PER_S
        number = Number(
            world=world,
            display=digits_of(display) or display,
            name=name,
            phone_number_id=phone_number_id or world.ids.graph(),
            account=account,
            token=token,
            limits=Limits(per_s, limits_pairs=limits_pairs),
            is_coexistence=is_coexistence,
        )
        world.numbers[number.phone_number_id] = number
        return number

    def add_phone(
        self,
        wa_id: str,
        *,
        name: str,
        username: str | None = None,
        bsuid: str | None = None,
        hides_number: bool = False,
        locale: str = "en",
        has_parent: bool = True,
    ) -> Phone:
        """Give a person a phone with WhatsApp; `wa_id` is the canonical number."""
        digits = digits_of(wa_id)
        if digits is None or digits in self.world.phones:
            raise ValueError(f"{wa_id} is no free number")
        phone = Phone(
            world=self.world,
            wa_id=digits,
            name=name,
            bsuid=bsuid or self.world.ids.bsuid(digits),
            username=username,
            hides_number=hides_number,
            locale=locale,
            has_parent=has_parent,
        )
        self.world.phones[digits] = self.world.phones_by_bsuid[phone.bsuid] = phone
        return phone

    def add_template(
        self,
        account: Number | Account,
        name: str,
        language: str = "en",
        body: str = "",
        *,
        status: str = "APPROVED",
        category: str = "UTILITY",
        header: str = "",
        header_format: str = "",
        footer: str = "",
        buttons: Sequence[Button] = (),
    ) -> Template:
        """Give an account a template; see `Template` for the texts."""
        template = Template(
            id=self.world.ids.graph(),
            name=name,
            language=language,
            body=body,
            status=status,
            category=category,
            header=header,
            header_format=header_format,
            footer=footer,
            buttons=tuple(buttons),
        )
        owner = account.account if isinstance(account, Number) else account
        owner.templates.append(template)
        return template

    async def set_template_status(self, account: Number | Account, template: Template, status: str) -> None:
        """Approve, reject, pause or disable a template, and tell the business."""
        template.status = status
        value: Json = {
            "event": status,
            "message_template_id": int(template.id),
            "message_template_name": template.name,
            "message_template_language": template.language,
            "reason": "INVALID_FORMAT" if status == "REJECTED" else "NONE",
            "message_template_category": template.category,
        }
        if status == "REJECTED":
            reason = "The template does not follow the format."
            value["rejection_info"] = {"reason": reason, "recommendation": "Correct the format and submit it again."}
        await self.tell(account, "message_template_status_update", value)

    async def tell_number(
        self, number: Number, field: str, key: str, content: Json, phone: Phone | None = None
    ) -> None:
        """Send any other webhook of a number: `content` in the list `key` of a value of `field` ("calls", ...)."""
        contact = None if phone is None else phone.contact()
        item = Item(account=number.account, field=field, key=key, content=content, number=number, contact=contact)
        await self.webhooks.send([item])

    async def tell(self, account: Number | Account, field: str, value: Json) -> None:
        """Send any other webhook of an account, `value` as it is."""
        owner = account.account if isinstance(account, Number) else account
        at_s = int(self.clock.now().timestamp())
        await self.webhooks.send([Item(account=owner, field=field, content=value, at_s=at_s)])

    def connect(self, number: Number, callback_url: str) -> None:
        """Send a number's webhooks to `callback_url` without the handshake."""
        number.app.callback_url = callback_url

    async def verify(self, number: Number, callback_url: str, *, verify_token: str | None = None) -> None:
        """Do the verification handshake and send the app's webhooks there from now on.

        Raises:
            VerificationRefused: the address did not echo the challenge.
        """
        token = number.verify_token if verify_token is None else verify_token
        await self.webhooks.verify(number.app, callback_url, token, str(secrets.randbelow(10**10)))

    def add_media(self, number: Number, data: bytes, mime_type: str, filename: str = "") -> Media:
        """Keep a file as if a phone had sent it to a number."""
        return self.world.add_media(number.account, data, mime_type, filename)

    def break_link(self, link: str) -> None:
        """Let every message with a file at `link` fail afterwards with 131053; other links are taken as fetched."""
        self.world.broken_links.add(link)

    def sent_to(self, phone: Phone | str) -> list[Message]:
        """Everything that a business sent to a phone or a number, refused at once excepted, oldest first."""
        wa_id = phone.wa_id if isinstance(phone, Phone) else digits_of(phone) or phone
        return list(self.world.sent.get(wa_id, ()))

    def on_event(self, callback: Callable[[Event], None]) -> Callable[[], None]:
        """Call `callback` with everything that happens; the returned function stops that."""
        return self.world.hub.on_event(callback)

    async def wait_until(self, predicate: Callable[[], bool], timeout_s: float = 30.0) -> None:
        """Return once `predicate` holds; it is tried after everything that happens, and between every 20 ms.

        Raises:
            TimeoutError: it did not hold in time.
        """
        await self.world.hub.wait_until(predicate, timeout_s, tick_s=_TICK_S)

    async def settled(self, timeout_s: float = 30.0) -> None:
        """Wait until everything that is under way has been tried once; what is held back or due later stays."""
        timers, statuses = self.world.timers, self.world.statuses
        await self.wait_until(lambda: timers.running_count == statuses.gathered_count == 0, timeout_s)

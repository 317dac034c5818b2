"""What a test or a day gives the emulated WhatsApp: apps, numbers, phones, templates and files."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from sandbox.whatsapp.identifiers import digits_of
from sandbox.whatsapp.limits import Limits
from sandbox.whatsapp.numbers import COEXISTENCE_PER_S, AccessToken, Number
from sandbox.whatsapp.phone import Phone
from sandbox.whatsapp.state import Account, App, Button, Media
from sandbox.whatsapp.templates import Template
from sandbox.whatsapp.world import World

_STANDARD_PER_S = 80


class Making:
    """Adds to a world what it begins with."""

    world: World

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

    def add_media(self, number: Number, data: bytes, mime_type: str, filename: str = "") -> Media:
        """Keep a file as if a phone had sent it to a number."""
        return self.world.add_media(number.account, data, mime_type, filename)

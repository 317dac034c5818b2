"""Connecting a WhatsApp number: the form, and what remains to be done at Meta."""

from collections.abc import Sequence

import discord
from discord import ui

from bot.ui.cards import Card, Item, Tone, button, card
from bot.ui.forms import form, text_field
from bot.ui.text import plain, stamp_relative
from domain.channels.dto import ChannelAccount
from domain.i18n.reader import Reader

_TOKEN_LIMIT, _SECRET_LIMIT, _ID_LIMIT, _PHONE_LIMIT = 1000, 200, 40, 40


def numbers_card(read: Reader, accounts: Sequence[ChannelAccount], origin: str, note: str = "") -> Card:
    """The shop's numbers, each with what it needs; never a secret."""
    lines = [f"✅ {note}", ""] if note else []
    lines += [read("setup.whatsapp.text")] if not accounts else []
    for account in accounts:
        lines += [*account_lines(read, account, origin), ""]
    controls: list[Item] = [
        button(read("setup.whatsapp.add"), "setup.whatsapp_add", style=discord.ButtonStyle.primary),
        *(button(read("setup.whatsapp.renew", phone=_phone(account)), "setup.whatsapp_renew", account.id)
          for account in accounts[:8]),
        button(read("setup.button.checklist"), "setup.checklist"),
    ]  # fmt: skip
    is_ready = bool(accounts) and all(account.state == "active" for account in accounts)
    return card(read("setup.whatsapp.title"), lines, tone=Tone.GOOD if is_ready else Tone.NEUTRAL, controls=controls,
                foot=read("setup.whatsapp.foot"))  # fmt: skip


def account_lines(read: Reader, account: ChannelAccount, origin: str) -> list[str]:
    """Where Meta has to call, and what is done."""
    address = f"{origin or read('setup.whatsapp.your_address')}/webhooks/meta/{account.app}"
    is_active = account.state == "active"
    heard = account.last_inbound_at
    return [
        f"**{plain(_phone(account), 40)}** · `{account.phone_number_id}`",
        f"{'✅' if is_active else '🛑'} {read('setup.whatsapp.active' if is_active else 'setup.whatsapp.stopped')}",
        f"{'✅' if heard else '⬜'} {read('setup.whatsapp.callback')} `{address}`",
        f"{'✅' if heard else '⬜'} {read('setup.whatsapp.fields')}",
        f"✅ {read('setup.whatsapp.heard', when=stamp_relative(heard))}" if heard else
        f"⬜ {read('setup.whatsapp.not_heard')}",
    ]  # fmt: skip


def number_form(read: Reader) -> ui.Modal:
    """What Meta shows of a number, and its secrets; they go straight under seal."""
    fields = [
        text_field("phone_number_id", read("setup.whatsapp.form.id"), hint=read("setup.whatsapp.form.id_hint"),
                   max_length=_ID_LIMIT),
        text_field("phone", read("setup.whatsapp.form.phone"), placeholder="+34 600 000 000", required=False,
                   max_length=_PHONE_LIMIT),
        text_field("access_token", read("setup.whatsapp.form.token"), hint=read("setup.whatsapp.form.token_hint"),
                   max_length=_TOKEN_LIMIT),
        text_field("app_secret", read("setup.whatsapp.form.secret"), hint=read("setup.whatsapp.form.secret_hint"),
                   max_length=_SECRET_LIMIT),
        text_field("verify_token", read("setup.whatsapp.form.verify"), hint=read("setup.whatsapp.form.verify_hint"),
                   max_length=_SECRET_LIMIT),
    ]  # fmt: skip
    return form(read("setup.whatsapp.add"), fields, "setup.whatsapp_added")


def token_form(read: Reader, account: ChannelAccount) -> ui.Modal:
    """A new access token for a number."""
    field = text_field("access_token", read("setup.whatsapp.form.token"), hint=read("setup.whatsapp.form.token_hint"),
                       max_length=_TOKEN_LIMIT)  # fmt: skip
    title = read("setup.whatsapp.renew", phone=_phone(account))
    return form(title, [field], "setup.whatsapp_renewed", account.id)


def _phone(account: ChannelAccount) -> str:
    return account.display_phone or account.phone_number_id

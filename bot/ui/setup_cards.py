"""The cards of the set-up: one per step, and the checklist at the end."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import discord
from babel import Locale
from babel.dates import format_time, get_timezone_location
from babel.numbers import get_currency_name
from discord import ui

from bot.ui.cards import Card, Item, Tone, button, card, select
from bot.ui.ids import make_id
from bot.ui.setup_state import PURPOSES, ROLES, SetupState, Stage
from bot.ui.text import plain
from domain.i18n.catalog import LOCALES
from domain.i18n.reader import Reader
from domain.kernel.roles import Role
from domain.tenancy.dto import Purpose

PRIMARY = discord.ButtonStyle.primary
SUCCESS = discord.ButtonStyle.success
ZONES = (
    "Europe/Madrid", "Atlantic/Canary", "Europe/London", "Europe/Paris", "Europe/Brussels", "Europe/Lisbon",
    "America/Sao_Paulo", "America/Manaus", "America/Mexico_City", "America/Bogota", "America/Lima",
    "America/Caracas", "America/Santiago", "America/Argentina/Buenos_Aires", "America/Montevideo",
    "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Toronto",
    "Africa/Casablanca", "Asia/Dubai", "Asia/Manila", "UTC",
)  # fmt: skip
CURRENCIES = ("USD", "EUR", "BRL", "MXN", "ARS", "COP", "CLP", "PEN", "UYU", "GBP", "CAD", "MAD", "XOF", "PHP")


def founding_card(read: Reader) -> Card:
    """The very first card: nothing exists yet, and the language is asked."""
    return card(read("setup.found.title"), [read("setup.found.text"), "", read("setup.locale.ask")],
                controls=[_locale_select(read, "setup.found")], foot=read("setup.foot"))  # fmt: skip


def stage_card(read: Reader, state: SetupState, stage: Stage, now: datetime) -> Card:
    """The card of one step, with what is set now."""
    number = list(Stage).index(stage) + 1
    title = read("setup.step", number=number, total=len(Stage), name=read(f"setup.{stage}.name"))
    lines, controls = _BUILDERS[stage](read, state, now)
    controls = [*controls, button(read("setup.button.checklist"), "setup.checklist")]
    return card(title, lines, controls=controls, foot=read("setup.foot"))


def checklist_card(read: Reader, state: SetupState, *, is_test_sent: bool = False) -> Card:
    """What is done and what is not; each line has its button. Green when all is done."""
    lines = [_check_line(read, state, stage) for stage in Stage]
    lines += [f"> ⚠️ {warning}" for warning in _warnings(read, state)]
    is_ready = state.next_stage is None
    if is_ready:
        lines += ["", read("setup.ready.test_sent" if is_test_sent else "setup.ready.next")]
    title = read("setup.ready.title" if is_ready else "setup.checklist.title", shop=plain(state.tenant.name))
    controls = [_stage_button(read, state, stage) for stage in Stage]
    controls.append(button(read("setup.rules.name"), "setup.rules", emoji="💰"))
    controls.append(button(read("setup.whatsapp.name"), "setup.whatsapp", emoji="📱"))
    return card(title, lines, tone=Tone.GOOD if is_ready else Tone.WARNING, controls=controls,
                foot=None if is_ready else read("setup.foot"))  # fmt: skip


def _stage_button(read: Reader, state: SetupState, stage: Stage) -> Item:
    is_next = state.next_stage is stage
    return button(read(f"setup.{stage}.name"), "setup.stage", stage.value,
                  style=PRIMARY if is_next else discord.ButtonStyle.secondary)  # fmt: skip


def _check_line(read: Reader, state: SetupState, stage: Stage) -> str:
    sign = "✅" if state.is_done(stage) else "⬜"
    return f"{sign} **{read(f'setup.{stage}.name')}** {_value(read, state, stage)}".rstrip()


def _value(read: Reader, state: SetupState, stage: Stage) -> str:
    tenant = state.tenant
    if not state.is_done(stage) and stage in (Stage.LOCALE, Stage.ZONE, Stage.CURRENCY, Stage.CUTOFF):
        return ""
    match stage:
        case Stage.LOCALE:
            return read(f"language.{tenant.locale}")
        case Stage.ZONE:
            return f"`{tenant.zone}`"
        case Stage.CURRENCY:
            return currency_label(read, tenant.currency)
        case Stage.CUTOFF:
            return f"{tenant.cutoff_hour:02}:00"
        case Stage.ROLES:
            return " ".join(f"<@&{role_id}>" for role_id in state.roles.values())
        case Stage.CHANNELS:
            return " ".join(f"<#{channel_id}>" for channel_id in state.channels.values())
    return ""


def _warnings(read: Reader, state: SetupState) -> list[str]:
    found = [read("setup.warning.role_gone", role=read(f"role.{role}")) for role in ROLES if role in state.gone]
    found += [
        read("setup.warning.channel_gone", purpose=read(f"purpose.{purpose}"))
        for purpose in PURPOSES if purpose in state.gone
    ]  # fmt: skip
    found += [
        read("setup.warning.blocked", channel=f"<#{state.channels[purpose]}>")
        for purpose in PURPOSES if purpose in state.blocked
    ]  # fmt: skip
    return found


Built = tuple[list[str], list[Item]]


def _locale(read: Reader, state: SetupState, now: datetime) -> Built:
    del state, now
    return [read("setup.locale.ask")], [_locale_select(read, "setup.locale")]


def _locale_select(read: Reader, action: str) -> Item:
    options = [
        discord.SelectOption(label=Locale.parse(locale, sep="-").get_display_name(locale.replace("-", "_")) or locale,
                             value=locale, description=read(f"language.{locale}"))
        for locale in LOCALES
    ]  # fmt: skip
    return select(action, options=options, placeholder=read("setup.locale.placeholder"))


def _zone(read: Reader, state: SetupState, now: datetime) -> Built:
    del state
    options = [
        discord.SelectOption(label=_place(read, zone), value=zone,
                             description=read("setup.zone.now", time=local_time(read, zone, now)))
        for zone in ZONES
    ]  # fmt: skip
    return [read("setup.zone.ask")], [
        select("setup.zone", options=options, placeholder=read("setup.zone.placeholder")),
        button(read("setup.zone.type"), "setup.zone_form"),
    ]


def local_time(read: Reader, zone: str, now: datetime) -> str:
    """The clock on the wall in a zone."""
    return format_time(now, "short", tzinfo=ZoneInfo(zone), locale=read.locale.replace("-", "_"))


def _place(read: Reader, zone: str) -> str:
    if zone == "UTC":
        return zone
    city: str = get_timezone_location(zone, locale=read.locale.replace("-", "_"), return_city=True)
    return city


def _currency(read: Reader, state: SetupState, now: datetime) -> Built:
    del state, now
    options = [discord.SelectOption(label=currency_label(read, code), value=code) for code in CURRENCIES]
    return [read("setup.currency.ask")], [
        select("setup.currency", options=options, placeholder=read("setup.currency.placeholder")),
        button(read("setup.currency.type"), "setup.currency_form"),
    ]


def currency_label(read: Reader, code: str) -> str:
    """`EUR · euro`, in the reader's language."""
    return f"{code} · {get_currency_name(code, locale=read.locale.replace('-', '_'))}"


def _cutoff(read: Reader, state: SetupState, now: datetime) -> Built:
    del now
    options = [
        discord.SelectOption(label=f"{hour:02}:00", value=str(hour), default=hour == state.tenant.cutoff_hour)
        for hour in range(24)
    ]
    keep = read("setup.cutoff_hour.keep", hour=f"{state.tenant.cutoff_hour:02}:00")
    return [read("setup.cutoff_hour.ask")], [
        select("setup.cutoff", options=options, placeholder=read("setup.cutoff_hour.placeholder")),
        button(keep, "setup.cutoff_keep", style=PRIMARY),
    ]


def _roles(read: Reader, state: SetupState, now: datetime) -> Built:
    del now
    lines = [read("setup.roles.ask"), ""]
    lines += [_bound_line(read(f"role.{role}"), state.roles.get(role), "@&") for role in ROLES]
    selects: list[Item] = [_role_select(read, state, role) for role in ROLES]
    return lines, [*selects, *_finish(read, "roles", has_missing=len(state.roles) < len(ROLES))]


def _role_select(read: Reader, state: SetupState, role: Role) -> Item:
    found: ui.RoleSelect[Any] = ui.RoleSelect(
        custom_id=make_id("setup.role", role.value), placeholder=read("setup.roles.choose", role=read(f"role.{role}"))
    )
    return found


def _channels(read: Reader, state: SetupState, now: datetime) -> Built:
    del now
    lines = [read("setup.channels.ask"), ""]
    lines += [_bound_line(read(f"purpose.{purpose}"), state.channels.get(purpose), "#") for purpose in PURPOSES]
    selects: list[Item] = [_channel_select(read, state, purpose) for purpose in PURPOSES]
    return lines, [*selects, *_finish(read, "channels", has_missing=any(p not in state.channels for p in PURPOSES))]


def _channel_select(read: Reader, state: SetupState, purpose: Purpose) -> Item:
    kinds = [discord.ChannelType.text]
    if purpose is Purpose.CONVERSATIONS:
        kinds.append(discord.ChannelType.forum)
    found: ui.ChannelSelect[Any] = ui.ChannelSelect(
        custom_id=make_id("setup.channel", purpose.value), channel_types=kinds,
        placeholder=read("setup.channels.choose", purpose=read(f"purpose.{purpose}")),
    )  # fmt: skip
    return found


def _bound_line(name: str, discord_id: int | None, sign: str) -> str:
    return f"✅ **{name}** <{sign}{discord_id}>" if discord_id else f"⬜ **{name}**"


def _finish(read: Reader, stage: str, *, has_missing: bool) -> Sequence[Item]:
    create = button(read(f"setup.{stage}.create"), f"setup.{stage}_create", style=PRIMARY)
    go_on = button(read("setup.button.continue"), f"setup.{stage}_done",
                   style=discord.ButtonStyle.secondary if has_missing else SUCCESS)  # fmt: skip
    return [create, go_on] if has_missing else [go_on]


def _test(read: Reader, state: SetupState, now: datetime) -> Built:
    del now
    if not state.channels:
        return [read("setup.test.no_channel")], [button(read("setup.channels.name"), "setup.stage", "channels")]
    where = [f"<#{channel_id}>" for channel_id in state.channels.values()]
    return [read("setup.test.ask", channels=where)], [button(read("setup.test.send"), "setup.test", style=SUCCESS)]


_BUILDERS = {
    Stage.LOCALE: _locale, Stage.ZONE: _zone, Stage.CURRENCY: _currency, Stage.CUTOFF: _cutoff,
    Stage.ROLES: _roles, Stage.CHANNELS: _channels, Stage.TEST: _test,
}  # fmt: skip

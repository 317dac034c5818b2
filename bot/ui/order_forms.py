"""The forms of orders, prefilled, and how their fields are read back."""

import re
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import discord
from discord import ui

from bot.ui.forms import Field, checkbox_field, form, select_field, text_field
from bot.ui.text import OPTION_LIMIT, clip
from domain.i18n.reader import Reader
from domain.kernel.actor import Actor
from domain.kernel.errors import InvalidInput
from domain.orders.dto import Order, Tariff, TariffLine, Transition
from domain.orders.policy import REASON_LIMIT, TRACKING_LIMIT, plain_division
from domain.tenancy.dto import Tenant
from domain.tenancy.policy import Permission, allows

SELECT_LIMIT = 25
_PERCENT = re.compile(r"([0-9]{1,3})(?:[.,]([0-9]{1,2}))?\s*%?")


def order_form(
    read: Reader, tariff: Tariff, tenant: Tenant, order: Order | None, action: str, *args: object,
    customer: str | None = None, start: str | None = None, target: str | None = None,
) -> ui.Modal:  # fmt: skip
    """What every order needs; prefilled when a draft is put right, or with what a conversation told."""
    fields = [
        text_field("customer", read("order.form.customer"), max_length=80,
                   value=order.customer_name if order else customer),
        text_field("start", read("order.form.start"), value=order.start_division if order else start, max_length=40,
                   placeholder=read("order.form.start_example")),
        division_field("target", read("order.form.target"), tariff, order.target_division if order else target,
                       prices=read),
        text_field("deadline", read("order.form.deadline"), required=False, max_length=40,
                   hint=read("order.form.deadline_hint"),
                   value=_typed(order.deadline_at, tenant.zone) if order and order.deadline_at else None),
        text_field("account", read("order.form.account"), required=False, max_length=80,
                   hint=read("order.form.account_hint"), value=order.account if order else None),
    ]  # fmt: skip
    title = read("order.form.edit_title", code=order.code) if order else read("order.form.new_title")
    return form(title, fields, action, *args)


def terms_form(read: Reader, order: Order) -> ui.Modal:
    """Price, notes, ranking: what is mostly right as it is."""
    fields = [
        text_field("price", read("order.form.price"), value=str(order.price.decimal), max_length=20),
        text_field("notes", read("order.form.notes"), required=False, max_length=1000, is_long=True,
                   hint=read("order.form.notes_hint"), value=order.notes or None),
        checkbox_field("ranked", read("order.form.ranked"), hint=read("order.form.ranked_hint"),
                       ticked=order.is_ranked),
    ]  # fmt: skip
    return form(read("order.form.edit_title", code=order.code), fields, "order.terms_set", order.code)


def completion_form(read: Reader, actor: Actor, order: Order, tariff: Tariff) -> ui.Modal:
    """How it ended; whoever runs orders also decides on the bonuses."""
    fields = [
        division_field("division", read("order.form.final"), tariff, order.target_division),
        _win_rate_field(read, order),
    ]
    if allows(actor, Permission.ORDER_RUN):
        fields += [
            checkbox_field("order_bonus", read("order.form.order_bonus"), ticked=True),
            checkbox_field("win_rate_bonus", read("order.form.win_rate_bonus")),
        ]
    if allows(actor, Permission.ORDER_ADJUST):
        fields.append(text_field("adjustment", read("order.form.adjustment"), required=False, max_length=20,
                                 hint=read("order.form.adjustment_hint"), placeholder="+2.50"))  # fmt: skip
    return form(read("order.form.complete_title", code=order.code), fields, "order.ended", order.code)


def progress_form(read: Reader, order: Order, tariff: Tariff) -> ui.Modal:
    """How far it is, and where to watch it."""
    start = plain_division(order.start_division)  # not the target: a form sent as it is must not say it was reached
    here = order.progress_division or (start if any(line.division == start for line in tariff.lines) else None)
    fields = [
        division_field("division", read("order.form.division_now"), tariff, here),
        _win_rate_field(read, order),
        text_field("link", read("order.form.link"), required=False, max_length=TRACKING_LIMIT,
                   hint=read("order.form.link_hint"), value=order.tracking_url),
    ]  # fmt: skip
    return form(read("order.form.progress_title", code=order.code), fields, "order.progressed", order.code)


def reason_form(read: Reader, transition: Transition, code: int, *extra: object, action: str = "order.do") -> ui.Modal:
    """Why; the text is kept in the order's history."""
    field = text_field(
        "reason", read("order.form.reason"), max_length=REASON_LIMIT, is_long=True, hint=read("order.form.reason_hint")
    )
    title = f"{read(f'order.button.{transition}')} · #{code}"
    return form(title, [field], action, code, transition.value, *extra)


def extension_form(read: Reader, order: Order) -> ui.Modal:
    """By how many days, and why."""
    fields = [
        text_field("days", read("order.form.days"), max_length=3, value="1"),
        text_field("reason", read("order.form.reason"), max_length=REASON_LIMIT, is_long=True),
    ]
    return form(read("order.form.extend_title", code=order.code), fields, "order.extended", order.code)


def amount_form(read: Reader, order: Order) -> ui.Modal:
    """By how much the booster's pay changes."""
    field = text_field("amount", read("order.form.adjustment"), max_length=20, placeholder="+2.50",
                       hint=read("order.form.adjustment_hint"))  # fmt: skip
    return form(read("order.form.adjust_title", code=order.code), [field], "order.adjusting", order.code)


def division_field(name: str, label: str, tariff: Tariff, chosen: str | None, prices: Reader | None = None) -> Field:
    """A division of the tariff; typed when the tariff is longer than a menu."""
    lines = tariff.lines
    if len(lines) > SELECT_LIMIT:
        return text_field(name, label, value=chosen, max_length=12)
    options = [
        discord.SelectOption(label=_option_label(line, prices),
                             value=line.division, default=line.division == chosen)
        for line in lines
    ]  # fmt: skip
    return select_field(name, label, options)


def _option_label(line: TariffLine, prices: Reader | None) -> str:
    text = line.division if prices is None else f"{line.division} · {prices.format(line.price)}"
    return clip(text, OPTION_LIMIT)


def parse_percent(text: str) -> int:
    """A percentage as people type it (`72`, `72.5`, `72,5 %`), in basis points.

    Raises:
        InvalidInput: `order.win_rate`.
    """
    found = _PERCENT.fullmatch(text.strip())
    if found is None:
        raise InvalidInput("order.win_rate", field="win_rate")
    return int(Decimal(f"{found[1]}.{found[2] or 0}") * 100)


def parse_days(text: str) -> int:
    """A whole number of days; the service knows the limits, so anything unreadable is out of them."""
    cleaned = text.strip().removeprefix("+").strip()
    return int(cleaned) if cleaned.isascii() and cleaned.isdigit() and len(cleaned) <= 6 else 0


def _win_rate_field(read: Reader, order: Order) -> Field:
    bp = order.progress_win_rate_bp
    value = None if bp is None else f"{Decimal(bp) / 100:f}"
    return text_field("win_rate", read("order.form.win_rate"), max_length=8, value=value, placeholder="72.5")


def _typed(instant: datetime, zone: str) -> str:
    """A deadline as somebody would type it; the end of a day is the day alone."""
    local = instant.astimezone(ZoneInfo(zone))
    is_end = (local.hour, local.minute) == (23, 59)
    return f"{local:%d/%m/%Y}" if is_end else f"{local:%d/%m/%Y %H:%M}"

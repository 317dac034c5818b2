"""Bonuses, fines and limits of the shop: the card, its two forms, and how they are read back."""

from collections.abc import Callable, Mapping
from typing import Any

import discord
from discord import ui

from bot.ui.cards import Card, Tone, button, card
from bot.ui.forms import form, text_field
from bot.ui.ids import hash_of_shown
from bot.ui.order_forms import parse_percent
from domain.i18n.reader import Percent, Reader
from domain.kernel.errors import InvalidInput
from domain.kernel.money import parse_money
from domain.tenancy.dto import SettingsChange, Tenant

PAGES: Mapping[str, tuple[str, ...]] = {
    "pay": (
        "order_bonus_minor", "win_rate_bonus_minor", "win_rate_threshold_bp", "low_win_rate_fine_percent",
        "no_link_fine_percent",
    ),
    "limits": ("second_person_above_minor", "live_orders_limit", "payout_hold_hours"),
}  # fmt: skip
"""The settings of each form, in order: a form has five fields at most."""
_MAY_BE_EMPTY = "second_person_above_minor"
_OUT_OF_RANGE = -1
_FIELD_LIMIT = 40


def rules_card(read: Reader, tenant: Tenant, saved: str = "", *, is_changed: bool = False) -> Card:
    """What holds now, from when a change counts, and the ways to change it.

    Args:
        read: The reader.
        tenant: The shop.
        saved: The page that was changed just now.
        is_changed: Somebody else changed the rules meanwhile, so nothing was saved.
    """
    lines = [f"✅ {read(f'setup.rules.{saved}_saved')}", ""] if saved else []
    lines += [f"⚠️ **{read('setup.rules.changed')}**", ""] if is_changed else []
    for page, names in PAGES.items():
        lines += [f"{read(f'setup.rules.{page}_from')}"]
        lines += [f"- {read(f'rule.{name}')}: **{_shown(read, tenant, name)}**" for name in names]
    controls = [
        button(read(f"setup.rules.{page}"), "setup.rules_form", page, style=discord.ButtonStyle.primary)
        for page in PAGES
    ]
    controls.append(button(read("setup.button.checklist"), "setup.checklist"))
    return card(read("setup.rules.title"), lines, controls=controls, foot=read("setup.rules.foot"),
                tone=Tone.GOOD if saved else Tone.WARNING if is_changed else Tone.NEUTRAL)  # fmt: skip


def rules_form(read: Reader, tenant: Tenant, page: str) -> ui.Modal:
    """A page's settings as they are; bound to all that were shown."""
    fields = [
        text_field(name, read(f"rule.{name}"), hint=read(f"rule_hint.{name}"), value=_typed(read, tenant, name),
                   required=name != _MAY_BE_EMPTY, max_length=_FIELD_LIMIT)
        for name in PAGES[page]
    ]  # fmt: skip
    return form(read(f"setup.rules.{page}"), fields, "setup.rules_set", page, hash_of_shown(*tenant.rules))


def read_rules(text: Callable[[str], str], tenant: Tenant, page: str) -> SettingsChange:
    """What of a page's form differs from how the shop is.

    Args:
        text: What was typed, by the name of the field.
        tenant: The shop as it was shown.
        page: Which form.

    Raises:
        InvalidInput: `money.unreadable` and its kin. All else that cannot be read is out of the service's range.
    """
    found = {name: _read(text(name), tenant, name) for name in PAGES[page]}
    changed: dict[str, Any] = {name: value for name, value in found.items() if value != getattr(tenant, name)}
    is_one_enough = changed.get(_MAY_BE_EMPTY, 0) is None
    return SettingsChange(**changed, is_one_person_enough=is_one_enough)


def _read(typed: str, tenant: Tenant, name: str) -> int | None:
    if name == _MAY_BE_EMPTY and not typed:
        return None
    if name.endswith("_minor"):
        return parse_money(typed, tenant.currency, field=name).minor
    if name.endswith("_bp"):
        return _basis_points(typed)
    if name.endswith("_percent"):
        share_bp = _basis_points(typed)
        return _OUT_OF_RANGE if share_bp % 100 else share_bp // 100
    return int(typed) if typed.isascii() and typed.isdigit() else _OUT_OF_RANGE


def _basis_points(typed: str) -> int:
    try:
        return parse_percent(typed)
    except InvalidInput:
        return 100 * _OUT_OF_RANGE


def _typed(read: Reader, tenant: Tenant, name: str) -> str | None:
    """A setting as this reader would type it."""
    value: int | None = getattr(tenant, name)
    if value is None:
        return None
    if name.endswith("_minor"):
        return read.format(tenant.money(value))
    if name.endswith("_bp"):
        return read.format(Percent(value))
    return read.format(Percent(value * 100)) if name.endswith("_percent") else str(value)


def _shown(read: Reader, tenant: Tenant, name: str) -> str:
    value: int | None = getattr(tenant, name)
    if value is None:
        return read("setup.rules.one_person")
    if name.endswith("_percent") and not value:
        return read("setup.rules.off")
    return _typed(read, tenant, name) or ""

"""What a booster may take on: the card, its form, and how the form is read back."""

import re
from collections.abc import Sequence

import discord
from discord import ui

from bot.ui.cards import Card, Tone, button, card
from bot.ui.forms import Field, checkbox_field, form, select_field, text_field
from bot.ui.ids import hash_of_shown
from bot.ui.text import clip, plain
from domain.i18n.reader import Reader
from domain.kernel.errors import InvalidInput
from domain.orders.policy import plain_division
from domain.staff.dto import StaffMember

_SELECT_LIMIT = 25
_TYPED_LIMIT = 1000


def limits_card(read: Reader, member: StaffMember, shop_limit: int, *, is_saved: bool = False,
                is_changed: bool = False) -> Card:  # fmt: skip
    """What holds for a booster, with the way to change it.

    Args:
        read: The reader.
        member: Who.
        shop_limit: Live orders at a time of those who have no limit of their own.
        is_saved: It was changed just now.
        is_changed: Somebody else changed it meanwhile, so nothing was saved.
    """
    lines = [f"✅ {read('staff.limits.saved')}", ""] if is_saved else []
    lines += [f"⚠️ **{read('staff.limits.changed')}**", ""] if is_changed else []
    divisions = ", ".join(plain(division) for division in member.divisions) or read("staff.limits.all")
    own = member.live_orders_limit
    live = str(own) if own is not None else read("staff.limits.of_shop", limit=shop_limit)
    ranked = read("staff.limits.takes_part" if member.is_ranked else "staff.limits.no_part")
    lines += [
        f"**{read('staff.limits.divisions')}**: {divisions}",
        f"**{read('staff.limits.live')}**: {live} · {read('staff.limits.now', count=member.live_order_count)}",
        f"**{read('staff.limits.ranking')}**: {ranked}",
    ]
    change = button(read("staff.limits.change"), "staff.limits", member.id, style=discord.ButtonStyle.primary)
    return card(read("staff.limits.title", name=plain(member.name)), lines, controls=[change],
                tone=Tone.GOOD if is_saved else Tone.WARNING if is_changed else Tone.NEUTRAL)  # fmt: skip


def limits_form(read: Reader, member: StaffMember, ladder: Sequence[str], shop_limit: int) -> ui.Modal:
    """The three limits as they are; bound to them. `ladder` has the divisions of every tariff."""
    own = member.live_orders_limit
    fields = [
        _divisions_field(read, member, ladder),
        text_field("live", read("staff.limits.live"), hint=read("staff.limits.live_hint", limit=shop_limit),
                   value=None if own is None else str(own), required=False, max_length=4),
        checkbox_field("ranked", read("staff.limits.ranked"), hint=read("staff.limits.ranked_hint"),
                       ticked=member.is_ranked),
    ]  # fmt: skip
    title = read("staff.limits.title", name=member.name)
    return form(title, fields, "staff.limits_set", member.id, hash_of_shown(member.limits))


def allowed_choices(member: StaffMember, ladder: Sequence[str]) -> tuple[str, ...]:
    """The divisions that may be chosen: those of the tariffs, and what stands already though no tariff has it."""
    return tuple(dict.fromkeys([*ladder, *member.divisions]))


def read_divisions(chosen: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    """The divisions that were chosen, or typed with commas between them, in the ladder's order; empty for all.

    Raises:
        InvalidInput: `tariff.unknown_division`.
    """
    named = [part for text in chosen for part in ([text] if text in known else re.split(r"[,;]", text))]
    divisions = tuple(plain_division(part) for part in named if part.strip())
    for division in divisions:
        if division not in known:
            raise InvalidInput("tariff.unknown_division", field="divisions", division=division, divisions=[*known])
    return tuple(division for division in known if division in divisions)


def read_live_limit(typed: str) -> int | None:
    """A number of orders, None for an empty field; what cannot be read is out of the service's range."""
    if not typed:
        return None
    return int(typed) if typed.isascii() and typed.isdigit() else 0


def _divisions_field(read: Reader, member: StaffMember, ladder: Sequence[str]) -> Field:
    label, hint = read("staff.limits.divisions"), read("staff.limits.divisions_hint")
    known = allowed_choices(member, ladder)
    if not known or len(known) > _SELECT_LIMIT:
        return text_field("divisions", label, hint=hint, value=", ".join(member.divisions) or None, required=False,
                          max_length=_TYPED_LIMIT)  # fmt: skip
    options = [
        discord.SelectOption(label=clip(name, 100), value=name, default=name in member.divisions) for name in known
    ]
    return select_field("divisions", label, options, hint=hint, required=False, is_multiple=True)

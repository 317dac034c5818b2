"""Cards about the people who work here."""

from datetime import datetime

import discord

from bot.ui.cards import Card, Tone, button, card
from bot.ui.danger import confirm_danger
from bot.ui.pages import page_buttons
from bot.ui.text import plain, stamp
from domain.i18n.reader import Reader
from domain.kernel.pages import Page
from domain.kernel.roles import Role
from domain.staff.dto import MemberStatus, StaffMember


def added_card(read: Reader, member: StaffMember, role: Role) -> Card:
    """Somebody is on the staff."""
    text = read("staff.added.text", name=plain(member.name), role=read(f"role.{role}"))
    return card(read("staff.added.title"), [text], tone=Tone.GOOD)


def list_card(read: Reader, page: Page[StaffMember], role: Role | None, role_filter: str) -> Card:
    """A page of the staff; the empty one says how to add people."""
    title = read("staff.list.title_role", role=read(f"role.{role}")) if role else read("staff.list.title")
    if not page.rows:
        return card(title, [read("staff.list.empty")])
    lines = [_line(read, member) for member in page.rows]
    return card(title, lines, controls=page_buttons(read, "staff.page", page, role_filter),
                foot=read("staff.list.total", count=page.total_count))  # fmt: skip


def _line(read: Reader, member: StaffMember) -> str:
    sign = "🟢" if member.status is MemberStatus.ACTIVE else "🔴"
    roles = ", ".join(read(f"role.{role}") for role in Role if role in member.roles) or read("staff.list.by_discord")
    parts = [f"{sign} **{plain(member.name)}**", f"<@{member.discord_user_id}>", roles]
    if member.status is not MemberStatus.ACTIVE:
        parts.append(read(f"staff.status.{member.status}"))
    if member.live_order_count:
        parts.append(read("staff.list.live", count=member.live_order_count))
    return " · ".join(parts)


def suspend_question(read: Reader, member: StaffMember) -> Card:
    """The exact effect of a suspension, before it happens."""
    effects = [read("staff.suspend.effect", name=plain(member.name))]
    effects.append(read("staff.suspend.orders", count=member.live_order_count))
    return confirm_danger(read, read("staff.suspend.title", name=plain(member.name)), effects,
                          read("staff.suspend.confirm"), "staff.suspend", member.id)  # fmt: skip


def suspended_card(read: Reader, member: StaffMember, by: str, at: datetime) -> Card:
    """The record of a suspension, with its undo."""
    text = read("staff.suspended.text", name=plain(member.name), by=plain(by), when=stamp(at))
    undo = button(read("staff.suspended.undo"), "staff.reinstate", member.id, style=discord.ButtonStyle.primary)
    return card(read("staff.suspended.title"), [text], controls=[undo])


def reinstated_card(read: Reader, member: StaffMember) -> Card:
    """Somebody works again."""
    return card(read("staff.reinstated.title"), [read("staff.reinstated.text", name=plain(member.name))],
                tone=Tone.GOOD)  # fmt: skip

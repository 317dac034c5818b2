"""Payroll as its owner sees it: the live preview, and a run through its states."""

from collections.abc import Sequence
from dataclasses import dataclass

import discord
from discord import ui

from bot.ui.cards import Card, Item, Tone, button, container
from bot.ui.pages import page_buttons
from bot.ui.payroll_rows import booster_rows, orders, people
from bot.ui.sheets import Row, pack_hash, page_at, pages_of
from bot.ui.text import plain, stamp
from domain.i18n.reader import Reader
from domain.kernel.actor import Actor
from domain.kernel.money import Money
from domain.payroll.dto import PayrollPreview, PayrollRun, PayrollRunDetails, RunState
from domain.payroll.policy import needs_second_person
from domain.tenancy.dto import Tenant
from domain.tenancy.policy import Permission, allows

_TEXT_LIMIT = 3400
_EFFECT_LIMIT = 600
_TONES = {
    RunState.APPROVED: Tone.WARNING,
    RunState.PAID: Tone.GOOD,
    RunState.LOCKED: Tone.GOOD,
    RunState.REFUSED: Tone.NEUTRAL,
}


@dataclass(frozen=True, slots=True)
class Looking:
    """Who looks at payroll, in which language, at which shop."""

    read: Reader
    actor: Actor
    tenant: Tenant


@dataclass(frozen=True, slots=True)
class Shown:
    """What an earlier preview said, to tell what changed since."""

    total_minor: int
    order_count: int


def preview_card(look: Looking, preview: PayrollPreview, number: int = 1, notes: Sequence[str] = ()) -> Card:
    """The live preview: what each booster would be paid, with Approve bound to exactly these lines.

    Args:
        look: Whose eyes.
        preview: Fresh from the service.
        number: The page.
        notes: Said first, e.g. that something changed.
    """
    read = look.read
    if not preview.boosters and not preview.carried:
        lines = [*_quoted(notes), read("payroll.preview.empty")]
        return Card(container(read("payroll.preview.title"), lines, controls=[_refresh(read)]))
    page = page_at(pages_of(_preview_rows(read, preview)), number)
    packed = pack_hash(preview.hash)
    lines = [*_quoted(notes), _summary(read, preview.total, len(preview.boosters), preview.order_count), "", *page.rows]
    turns = page_buttons(read, "payroll.page", page, packed, preview.total.minor, preview.order_count)
    main = container(
        read("payroll.preview.title"), lines, controls=[*turns, _refresh(read)],
        foot=read("payroll.preview.foot"), text_limit=_TEXT_LIMIT,
    )  # fmt: skip
    if not preview.boosters:
        return Card(main)
    return Card(main, _approve_part(look, preview, packed))


def run_card(
    look: Looking, details: PayrollRunDetails, number: int = 1, notes: Sequence[str] = (),
    csv_name: str | None = None,
) -> Card:  # fmt: skip
    """A run as it stands: with Pay while it waits, the record of it afterwards.

    Args:
        look: Whose eyes.
        details: The run with its lines.
        number: The page.
        notes: Said first.
        csv_name: The file that comes with the message; None shows a button that brings it.
    """
    read, run = look.read, details.run
    page = page_at(pages_of(_run_rows(read, details)), number)
    lines = [*_quoted(notes), *record_lines(read, run), "", *page.rows]
    controls: list[Item] = page_buttons(read, "runs.turn", page, run.number)
    if csv_name is None and run.state is not RunState.REFUSED:
        controls.append(button(read("payroll.run.csv"), "runs.csv", run.number, emoji="📄"))
    media = [ui.File[ui.LayoutView](f"attachment://{csv_name}")] if csv_name else []
    main = container(run_title(read, run), lines, tone=_TONES[run.state], controls=controls, media=media,
                     foot=read("payroll.run.foot", hash=run.preview_hash[:12]), text_limit=_TEXT_LIMIT)  # fmt: skip
    if run.state is RunState.APPROVED:
        return Card(main, _pay_part(look, run))
    return Card(main)


def run_title(read: Reader, run: PayrollRun) -> str:
    """`Payroll run 12 · paid`."""
    return read("payroll.run.title", number=run.number, state=read(f"payroll.state.{run.state}"))


def record_lines(read: Reader, run: PayrollRun) -> list[str]:
    """What, who and when."""
    lines = [_summary(read, run.total, run.member_count, run.order_count)]
    lines.append(read("payroll.run.approved_by", name=plain(run.approved_by_name), when=stamp(run.approved_at)))
    if run.paid_at is not None:
        lines.append(read("payroll.run.paid_by", name=plain(run.paid_by_name or ""), when=stamp(run.paid_at)))
    if run.locked_at is not None:
        lines.append(read("payroll.run.locked", when=stamp(run.locked_at)))
    if run.state is RunState.REFUSED:
        lines.append(read("payroll.run.refused"))
    return lines


def what_changed(read: Reader, shown: Shown, preview: PayrollPreview) -> str:
    """That the lines are no longer those that were shown, with both figures."""
    before = Money(shown.total_minor, preview.total.currency)
    if (shown.total_minor, shown.order_count) == (preview.total.minor, preview.order_count):
        return read("payroll.changed.same_total")
    return read("payroll.changed.total", before=before, orders_before=orders(read, shown.order_count),
                now=preview.total, orders_now=orders(read, preview.order_count))  # fmt: skip


def _summary(read: Reader, total: Money, member_count: int, order_count: int) -> str:
    return read("payroll.summary", total=total, people=people(read, member_count), orders=orders(read, order_count))


def _preview_rows(read: Reader, preview: PayrollPreview) -> list[Row]:
    rows = list(booster_rows(read, preview.boosters))
    if preview.carried:
        rows.append(Row(read("payroll.preview.carried")))
        rows += booster_rows(read, preview.carried)
    return rows


def _run_rows(read: Reader, details: PayrollRunDetails) -> list[Row]:
    rows = list(booster_rows(read, details.boosters))
    for dispute in details.disputes:
        text = read("payroll.run.disputed", name=plain(dispute.name), when=stamp(dispute.raised_at),
                    text=plain(dispute.text, 500))  # fmt: skip
        rows.append(Row(text))
    return rows


def _approve_part(look: Looking, preview: PayrollPreview, packed: str) -> Item:
    read = look.read
    lines = [read("payroll.approve.effect", total=preview.total, people=people(read, len(preview.boosters)),
                  orders=orders(read, preview.order_count))]  # fmt: skip
    lines += _second_person_rule(look, preview.total)
    approve = button(
        read("payroll.approve.button"), "payroll.approve", packed, preview.total.minor, preview.order_count,
        style=discord.ButtonStyle.primary,
    )  # fmt: skip
    return container(read("payroll.approve.title"), lines, controls=[approve], text_limit=_EFFECT_LIMIT)


def _pay_part(look: Looking, run: PayrollRun) -> Item:
    read = look.read
    effect = read("payroll.pay.effect", total=run.total, people=people(read, run.member_count),
                  orders=orders(read, run.order_count))  # fmt: skip
    hindrance = _hindrance(look, run)
    pay = button(
        read("payroll.pay.button"), "payroll.pay", run.number, pack_hash(run.preview_hash),
        style=discord.ButtonStyle.danger, disabled=hindrance is not None,
    )  # fmt: skip
    back = button(read("payroll.refuse.button"), "payroll.refuse", run.number)
    lines = [effect, *([hindrance] if hindrance else [])]
    return container(read("payroll.pay.title"), lines, tone=Tone.DANGER, controls=[pay, back],
                     text_limit=_EFFECT_LIMIT)  # fmt: skip


def _hindrance(look: Looking, run: PayrollRun) -> str | None:
    """Why this person cannot pay this run; None when they can. The service decides again."""
    if not allows(look.actor, Permission.PAYROLL_PAY):
        return look.read("payroll.pay.owner_only")
    above_minor = look.tenant.second_person_above_minor
    if needs_second_person(run.total, above_minor) and look.actor.member_id == run.approved_by:
        return look.read("payroll.pay.needs_another", limit=look.tenant.money(above_minor or 0))
    return None


def _second_person_rule(look: Looking, total: Money) -> list[str]:
    above_minor = look.tenant.second_person_above_minor
    if above_minor is None or not needs_second_person(total, above_minor):
        return []
    return [look.read("payroll.approve.second_person", limit=look.tenant.money(above_minor))]


def _quoted(notes: Sequence[str]) -> list[str]:
    return [*(f"> {note}" for note in notes), ""] if notes else []


def _refresh(read: Reader) -> Item:
    return button(read("payroll.refresh"), "payroll.show", emoji="🔄")

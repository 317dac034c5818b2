"""What a booster gets about their pay, and what the payroll channel is told."""

import io

import discord
from discord import ui

from bot.ui.cards import Card, Item, Tone, button, card
from bot.ui.forms import form, text_field
from bot.ui.payroll_cards import record_lines
from bot.ui.payroll_rows import kind_name, line_text, orders
from bot.ui.sheets import csv_bytes
from bot.ui.text import plain, stamp
from domain.i18n.reader import Reader
from domain.payroll.dto import PayrollRun, PayrollRunDetails, PayStub
from domain.payroll.policy import MAX_DISPUTE_LENGTH

_COLUMNS = ("order", "what", "division", "amount", "currency", "reason")
_LINES_SHOWN = 25
_BOOSTERS_SHOWN = 25


def stub_card(read: Reader, shop: str, stub: PayStub) -> Card:
    """A pay stub: the sum, each line of it, and Dispute while it was not disputed.

    With more lines than a message takes well, the rest is in the file of `stub_files`.
    """
    run, pay = stub.run, stub.pay
    lines = [read("payroll.stub.text", total=pay.total, orders=orders(read, len(pay.order_codes)), shop=plain(shop),
                  number=run.number, when=stamp(run.paid_at or run.approved_at)), ""]  # fmt: skip
    lines += [line_text(read, line) for line in pay.lines[:_LINES_SHOWN]]
    if len(pay.lines) > _LINES_SHOWN:
        lines.append(read("payroll.stub.more", count=len(pay.lines) - _LINES_SHOWN))
    controls: list[Item] = []
    if stub.dispute is None:
        controls.append(button(read("payroll.stub.dispute"), "payroll.dispute", run.id))
    else:
        text = read("payroll.stub.disputed", when=stamp(stub.dispute.raised_at), text=plain(stub.dispute.text, 1000))
        lines += ["", text]
    media = [ui.File[ui.LayoutView](f"attachment://{_file_name(stub)}")] if _needs_file(stub) else []
    return card(read("payroll.stub.title"), lines, tone=Tone.GOOD, controls=controls, media=media)


def stub_files(read: Reader, stub: PayStub) -> tuple[discord.File, ...]:
    """All lines of a long stub as CSV; nothing for a short one."""
    if not _needs_file(stub):
        return ()
    header = [read(f"payroll.csv_line.{column}") for column in _COLUMNS]
    rows = [
        [str(line.order_code or ""), kind_name(read, line.kind), line.division or "", str(line.amount.decimal),
         line.amount.currency, line.reason]
        for line in stub.pay.lines
    ]  # fmt: skip
    return (discord.File(io.BytesIO(csv_bytes(header, rows)), _file_name(stub)),)


def _needs_file(stub: PayStub) -> bool:
    return len(stub.pay.lines) > _LINES_SHOWN


def _file_name(stub: PayStub) -> str:
    return f"pay-{stub.run.number}.csv"


def dispute_form(read: Reader, stub: PayStub) -> ui.Modal:
    """Asks what is wrong."""
    field = text_field(
        "text", read("payroll.dispute.label"), hint=read("payroll.dispute.hint"), is_long=True,
        placeholder=read("payroll.dispute.placeholder"), max_length=MAX_DISPUTE_LENGTH,
    )  # fmt: skip
    return form(read("payroll.dispute.form", number=stub.run.number), [field], "payroll.dispute", stub.run.id)


def paid_notice(read: Reader, details: PayrollRunDetails, *, shows_money: bool) -> Card:
    """For the payroll channel: a run was paid. Without money where the channel is not payroll's own."""
    run = details.run
    title = read("payroll.notice.paid", number=run.number)
    if not shows_money:
        return card(title, [read("payroll.notice.paid_elsewhere", number=run.number)], tone=Tone.GOOD)
    lines = [*record_lines(read, run), ""]
    for booster in details.boosters[:_BOOSTERS_SHOWN]:
        count = orders(read, len(booster.order_codes))
        lines.append(f"**{plain(booster.name, 40)}** · {read.format(booster.total)} · {count}")
    if len(details.boosters) > _BOOSTERS_SHOWN:
        lines.append(read("payroll.notice.more", count=len(details.boosters) - _BOOSTERS_SHOWN))
    return card(title, lines, tone=Tone.GOOD, controls=[_details(read, run)])


def dispute_notice(read: Reader, number: int, member: str, text: str, *, shows_words: bool) -> Card:
    """For the payroll channel: somebody objects to their pay."""
    lines = [read("payroll.notice.dispute_elsewhere", number=number)]
    if shows_words:
        lines = [read("payroll.notice.dispute_text", name=f"**{plain(member, 40)}**", number=number),
                 f"> {plain(text, MAX_DISPUTE_LENGTH)}", read("payroll.notice.dispute_next")]  # fmt: skip
    open_run = button(read("payroll.notice.details"), "runs.show", number)
    return card(read("payroll.notice.dispute"), lines, tone=Tone.WARNING, controls=[open_run])


def _details(read: Reader, run: PayrollRun) -> Item:
    return button(read("payroll.notice.details"), "runs.show", run.number, style=discord.ButtonStyle.secondary)

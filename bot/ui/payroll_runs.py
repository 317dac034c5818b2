"""Earlier runs, newest first."""

import discord
from babel.dates import format_date

from bot.ui.cards import Card, card, select
from bot.ui.pages import page_buttons
from bot.ui.payroll_cards import run_title
from bot.ui.payroll_rows import orders, people
from bot.ui.text import plain, stamp
from domain.i18n.reader import Reader
from domain.kernel.pages import Page
from domain.payroll.dto import PayrollRun, RunState

_SIGNS = {RunState.APPROVED: "🟡", RunState.PAID: "🟢", RunState.LOCKED: "🔒", RunState.REFUSED: "⚪"}


def runs_card(read: Reader, page: Page[PayrollRun]) -> Card:
    """A page of runs, and a menu to open one; the empty one says how runs come to be."""
    title = read("payroll.runs.title")
    if not page.rows:
        return card(title, [read("payroll.runs.empty")])
    options = [discord.SelectOption(label=run_label(read, run), value=str(run.number)) for run in page.rows]
    menu = select("runs.open", options=options, placeholder=read("payroll.runs.open"))
    return card(
        title, [_line(read, run) for run in page.rows], controls=[menu, *page_buttons(read, "runs.page", page)],
        foot=read("payroll.runs.total", count=page.total_count),
    )  # fmt: skip


def run_label(read: Reader, run: PayrollRun) -> str:
    """A run as a suggestion shows it: number, state, total, day."""
    day = format_date((run.paid_at or run.approved_at).date(), "medium", locale=read.locale.replace("-", "_"))
    return f"{run.number} · {read(f'payroll.state.{run.state}')} · {read.format(run.total)} · {day}"


def _line(read: Reader, run: PayrollRun) -> str:
    when, name = (run.paid_at, run.paid_by_name) if run.paid_at else (run.approved_at, run.approved_by_name)
    facts = [
        f"{_SIGNS[run.state]} **{run_title(read, run)}**",
        f"**{read.format(run.total)}**",
        people(read, run.member_count),
        orders(read, run.order_count),
    ]
    second = f"-# {plain(name or '', 40)} · {stamp(when)}"
    if run.disputed_count:
        second += f" · {read('payroll.runs.disputed', count=run.disputed_count)}"
    return f"{' · '.join(facts)}\n{second}"

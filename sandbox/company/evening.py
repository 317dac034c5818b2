"""Evening and morning after: earnings, the close, payroll, and what everybody received."""

from __future__ import annotations

from sandbox.company.people import Company, actions_of, done, is_turned_away, press
from sandbox.company.work import RACED, me
from sandbox.discord import Message, Reply


async def look_at_earnings(day: Company) -> None:
    """Boosters see what they are owed, and nobody else's."""
    await day.pass_time(60)
    for person, owed in ((day.winner, "37"), (day.loser, "21"), (day.chloe, "13")):
        card = await me(day, person)
        day.checks.contains(f"me: {person.username} is owed {owed}", card.text, owed)
        day.checks.equal(f"me: only {person.username} sees it", card.ephemeral, True)
    turned_away = await is_turned_away(day.ana, day.lobby, "close")
    day.checks.equal("close: is not for boosters", turned_away, True)


async def close_the_day(day: Company) -> None:
    """X, then Z; pressing again shows the same Z."""
    await day.pass_time(90)
    live = await done(await day.olivia.slash(day.lobby, "close"))
    day.checks.contains("close: gross, pay, net and pot", live.text, "94,00", "71,50", "19,50", "3,00")
    closed = await done(await press(day.olivia, live, "close.day"))
    day.checks.contains("close: the message becomes Z 1", closed.text, "Z 1", "94,00")
    _keep_files(day, closed, "close")
    again = await done(await day.olivia.slash(day.lobby, "close"))
    day.checks.contains("close: the same day again shows the same Z", again.text, "Z 1", "94,00")
    card = await day.posted(day.channel("cierre"), "Z 1")
    _keep_message_files(day, card, "close")


async def run_payroll(day: Company) -> None:
    """Preview, Approve, Pay; stubs and the pay sheet."""
    await day.pass_time(5)
    preview = await done(await day.olivia.slash(day.lobby, "payroll"))
    day.checks.contains("payroll: who is owed what", preview.text, "37,50", "21,00", "13,00", "71,50")
    approved = await done(await press(day.olivia, preview, "payroll.approve"))
    day.checks.contains("payroll: the exact effect before paying", approved.text, "71,50", "3")
    paid = await done(await press(day.olivia, approved, "payroll.pay"))
    day.checks.contains("payroll: the message is the record", paid.text, "71,50", "Olivia")
    _keep_files(day, paid, "payroll")
    for person, total in ((day.winner, "37"), (day.loser, "21"), (day.chloe, "13")):
        stub = await day.offered(person.direct, "payroll.dispute")
        day.checks.contains(f"stub: {person.username} reads the amount", stub.text, total)
        stubs = [message for message in person.inbox if "payroll.dispute" in actions_of(message)]
        day.checks.equal(f"stub: {person.username} has exactly one", len(stubs), 1)
        if person is day.chloe:
            form = await press(person, stub, "payroll.dispute")
            await done(await person.submit(form, {"text": "Il manque le bonus."}))
    await day.posted(day.channel("nóminas"), "Il manque le bonus")
    empty = await done(await day.olivia.slash(day.lobby, "payroll"))
    day.checks.lacks("payroll: nothing is owed twice", empty.text, "37,50")


async def next_morning(day: Company) -> None:
    """Past midnight and past the cutoff: the next day is empty; yesterday's runs are there."""
    await day.pass_time(12 * 60)
    runs = await done(await day.olivia.slash(day.lobby, "payroll-runs list"))
    day.checks.contains("runs: yesterday's run is listed", runs.text, "71,50")
    today = await done(await day.olivia.slash(day.lobby, "close"))
    day.checks.contains("close: the new day starts empty", today.text, "Ventas brutas **0,00 US$** de 0 pedidos")
    shown = await done(await day.diego.slash(day.lobby, "order show", {"code": day.orders[RACED]}))
    day.checks.contains("order: the history tells the whole story", shown.text, "Diego", "$46.00")


def _keep_files(day: Company, reply: Reply, prefix: str) -> None:
    if reply.message is not None:
        _keep_message_files(day, reply.message, prefix)


def _keep_message_files(day: Company, message: Message, prefix: str) -> None:
    for file in message.attachments:
        name = file.filename if file.filename.startswith(prefix) else f"{prefix}-{file.filename}"
        day.files[name] = file.bytes

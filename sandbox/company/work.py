"""The working day: orders are posted, raced for, climbed, changed and completed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping

from sandbox.company.people import PATIENCE_S, Company, actions_of, done, press
from sandbox.company.talk import reads
from sandbox.discord import ClientRefusal, Message, Person, Reply

RACED, QUIET, SECOND, MISTAKE = "raced", "quiet", "second", "mistake"
_ORDERS = (
    (QUIET, "Mia & Co", "P4", "E1", "28/11/2026 18:00"),
    (SECOND, "Kenji", "E2", "D4", "friday"),
    (MISTAKE, "@everyone Kim", "E4", "E3", ""),
)


async def post_orders(day: Company) -> None:
    """Diego writes three more orders down and posts them; each preview shows what the card will not."""
    await day.pass_time(25)
    for name, customer, start, target, deadline in _ORDERS:
        opened = await day.diego.slash(day.lobby, "order new")
        fields = {"customer": customer, "start": start, "target": [target], "deadline": deadline}
        draft = await done(await day.diego.submit(opened, fields | {"account": f"smurf-{name}"}))
        day.checks.contains(f"order {name}: the draft shows the price", draft.text, "$")
        posted = await done(await press(day.diego, draft, "order.post"))
        day.orders[name] = code_in(posted.text)
        card = await day.posted(day.channel("pedidos"), f"#{day.orders[name]}")
        day.checks.lacks(f"order {name}: the card keeps customer and price to itself", card.text, customer, "$")
        await day.pass_time(3)
    day.checks.equal("orders: numbered from 1 without gaps", sorted(day.orders.values()), [1, 2, 3, 4])


async def race_for_an_order(day: Company) -> None:
    """Ana and Bruno press Claim at the same moment; exactly one gets it, the other is told who has it."""
    await day.pass_time(12)
    card = await open_card(day, RACED)
    replies = await asyncio.gather(*(_claim(person, card) for person in (day.ana, day.bruno)))
    holders = [name for name, reply in zip(("ana", "bruno"), replies, strict=True) if _is_won(reply)]
    day.checks.equal("race: exactly one booster gets the order", len(holders), 1)
    winner, loser = (day.ana, day.bruno) if holders == ["ana"] else (day.bruno, day.ana)
    lost = next(reply for reply in replies if not _is_won(reply))
    day.checks.contains("race: the other is told who has it", lost.text, winner.display_name)
    day.winner, day.loser = winner, loser
    await day.posted(day.channel("pedidos"), f"#{day.orders[RACED]}", winner.display_name)
    await _marta_hears(day, "un booster ya está con él")


async def climb(day: Company) -> None:
    """After the restart: old cards still work; boosters claim, post progress, pause and go on."""
    await day.pass_time(30)
    claimed = await done(await _claim(day.loser, await open_card(day, SECOND)))
    day.checks.equal("restart: a card from before it can be claimed", _is_won(claimed), True)
    await done(await day.chloe.slash(day.lobby, "claim", {"code": day.orders[QUIET]}))
    await day.pass_time(45)
    opened = await done(await press(day.winner, await me(day, day.winner), "order.show"))
    form = await press(day.winner, opened, "order.progress")
    link = "https://tracker.example/marta"
    noted = await done(await day.winner.submit(form, {"division": ["D2"], "win_rate": "68,5", "link": link}))
    day.checks.contains("progress: is noted", noted.text, f"#{day.orders[RACED]}")
    await run(day, day.diego, "order pause", RACED, reason="Customer plays tonight")
    await day.received(day.winner, f"#{day.orders[RACED]}", "Diego")
    await _marta_hears(day, "en pausa")
    await day.pass_time(90)
    await run(day, day.diego, "order resume", RACED)
    await _marta_hears(day, "sigue adelante")


async def change_of_plan(day: Company) -> None:
    """An order is released and taken again, another cancelled; a stranger may do neither."""
    await run(day, day.loser, "order release", SECOND, reason="Dentist")
    await done(await _claim(day.loser, await open_card(day, SECOND)))
    refused = await run(day, day.chloe, "order cancel", MISTAKE)
    day.checks.equal("rights: a booster is not even asked about cancelling", actions_of(refused.message), [])
    ask = await run(day, day.diego, "order cancel", MISTAKE)
    day.checks.contains("cancel: the exact effect comes first", ask.text, "Nobody can claim it any more")
    form = await day.diego.click(ask, "Cancel the order")
    cancelled = await done(await day.diego.submit(form, {"reason": "Typed twice"}))
    day.checks.contains("cancel: done and told", cancelled.text, f"#{day.orders[MISTAKE]}")


async def finish_orders(day: Company) -> None:
    """Three completions with figures from the price list; a tip follows."""
    await day.pass_time(240)
    bonuses = {"win-rate-bonus": True}
    text = await complete(day, RACED, "D1", 72.0, bonuses)
    day.checks.contains("completion: D1 at 72 % with both bonuses", text, "$46.00", "$35.00", "$9.00", "$2.00")
    await _marta_hears(day, "está terminado: D1 alcanzado")
    pay = [message.shown() for message in day.clients.marta.inbox[2:]]
    day.checks.lacks("Marta: reads nothing of anybody's pay", "\n".join(pay), "$", "35,00", day.winner.display_name)
    text = await complete(day, QUIET, "e1", 60.0, {})
    day.checks.contains("completion: E1 with the order bonus", text, "$18.00", "$13.00", "$4.00", "$1.00")
    text = await complete(day, SECOND, "D4", 47.0, {"ranked": False})
    day.checks.contains("completion: D4, not ranked, bonus to the booster", text, "$30.00", "$21.00", "$9.00")
    ask = await run(day, day.olivia, "order adjust", RACED, amount="+2,50")
    form = await press(day.olivia, ask, actions_of(ask.message)[0])
    await done(await day.olivia.submit(form, {"reason": "Propina del cliente"}))


async def complete(day: Company, name: str, division: str, win_rate: float, more: Mapping[str, object]) -> str:
    """Diego completes an order: the figures come first, then one press."""
    await day.pass_time(20)
    options = {"code": day.orders[name], "division": division, "win-rate": win_rate, **more}
    ask = await done(await day.diego.slash(day.lobby, "order complete", options))
    record = await done(await press(day.diego, ask, "order.complete"))
    day.checks.contains(f"completion {name}: the message is the record", record.text, "completed", "Diego")
    return ask.text


async def run(day: Company, person: Person, words: str, name: str, **options: object) -> Reply:
    """Use a command on an order and read the whole answer."""
    return await done(await person.slash(day.lobby, words, {"code": day.orders[name], **options}))


async def me(day: Company, person: Person) -> Reply:
    """Open /me."""
    return await done(await person.slash(day.lobby, "me"))


async def open_card(day: Company, name: str) -> Message:
    """The order's card in the orders channel, once it offers the Claim button."""
    card = await day.posted(day.channel("pedidos"), f"#{day.orders[name]}")
    await day.discord.wait_until(lambda: "order.claim" in actions_of(card), PATIENCE_S)
    return card


async def _marta_hears(day: Company, words: str) -> None:
    """The news of her order, on WhatsApp and in her language."""
    (news,) = await reads(day, day.clients.marta, words)
    day.checks.contains("Marta: the news names her order", news.shown(), f"#{day.orders[RACED]}")


async def _claim(person: Person, card: Message) -> Reply:
    return await done(await press(person, card, "order.claim"))


def _is_won(reply: Reply) -> bool:
    return "order.progress" in actions_of(reply.message)


def code_in(text: str) -> int:
    """The first order code in a text."""
    found = re.search(r"#(\d+)", text)
    if found is None:
        raise ClientRefusal(f"no order code in {text[:80]!r}")
    return int(found[1])

"""/close through the real client: X, the red button, Z."""

import asyncio
from datetime import date, timedelta

from domain.kernel.actor import Actor
from domain.ledger.queries import hold_journal
from domain.tenancy.dto import Purpose
from sandbox.discord import Message, Person
from sandbox.discord.driver.reply import Reply
from tests.integration.bot.harness import Stage, labels
from tests.integration.bot_money.trade import Trade

SATURDAY = """\
### Saturday, November 21, 2026 · so far
Gross sales **$61.00** from 2 orders
Booster pay **$47.50** · Net **$10.50** · Pot **$3.00**
1 abandoned · 1 day per order on average
Owed to boosters now: **$82.50**
Pot of November 2026: **$5.00**

**▲ 33%** against the day before: $46.00, 1 order
-# The days before: gross = pay + net + pot
-# Fri, Nov 20 · 1 order · $46.00 = 35.00 + 9.00 + 2.00
🖼 Nova Boost, Nov 21, 2026. · Gross sales: $61.00, average of the days before: $46.00. \
· Booster pay: $47.50, average of the days before: $35.00. · Net: $10.50, average of the days before: $9.00. \
· Pot: $3.00, average of the days before: $2.00.
`#2` **Ana** P4 → D1 (72%) · **$46.00**
-# pay 37.50 · margin 6.50 · pot 2.00
`#3` **Bruno** P4 → E2 (55%) · **$15.00**
-# pay 10.00 · margin 4.00 · pot 1.00
-# X report: live figures of <t:1795280400:f>. Nothing is closed yet.
### End of the day
Closes Saturday, November 21, 2026: 2 orders, $61.00. Cannot be undone; what comes after belongs to the next day."""


async def close(stage: Stage, person: Person, day: str | None = None) -> Reply:
    options = {} if day is None else {"day": day}
    return await stage.settled(await person.slash(stage.lobby, "close", options))


async def press(stage: Stage, person: Person, target: Reply | Message, label: str) -> Reply:
    return await stage.settled(await person.click(target, label))


def shown(reply: Reply) -> Message:
    assert reply.message is not None
    return reply.message


async def z_numbers(stage: Stage) -> list[int]:
    return [closed.number for closed in (await stage.services.closing.list(await stage.as_owner())).rows]


async def test_x_shows_the_exact_figures_of_the_day_and_changes_nothing(stage: Stage, trade: Trade) -> None:
    await trade.done(trade.ana)
    first, second, given_up = [await trade.claimed(person) for person in (trade.ana, trade.bruno, trade.bruno)]
    stage.clock.advance(timedelta(days=1))
    await trade.abandon(given_up)
    await trade.finish(first, adjustment=250)
    await trade.finish(second, "E2", 5500, win_rate_bonus=False)

    reply = await close(stage, stage.olivia)

    assert reply.text == SATURDAY
    assert reply.ephemeral
    red = shown(reply).find_button("Close the day")
    assert (red.style, red.disabled) == (4, False)
    assert [row["type"] for row in shown(reply).components] == [17, 17]  # the red button has a container of its own
    picture = shown(reply).attachments[0]
    assert picture.filename == "close-2026-11-21.png"
    assert picture.bytes.startswith(b"\x89PNG")
    assert await z_numbers(stage) == []


async def test_closing_makes_the_message_the_record_and_tells_the_channel(stage: Stage, trade: Trade) -> None:
    await trade.done(trade.ana)
    reply = await press(stage, stage.olivia, await close(stage, stage.olivia), "Close the day")

    closed = await stage.services.closing.get(await stage.as_owner(), 1)
    assert reply.text.startswith("### Close Z 1 · Friday, November 20, 2026\nGross sales **$46.00** from 1 order\n")
    assert reply.text.endswith(f"-# Closed by Olivia, <t:1795194000:f> · check code {closed.hash[:12]}")
    assert labels(reply.message) == []
    await stage.deliver()
    [post] = trade.channels[Purpose.CLOSE].messages
    assert "### Close Z 1 · Friday, November 20, 2026\nGross sales **$46.00** from 1 order\n" in post.text
    assert [file.filename for file in post.attachments] == ["close-2026-11-20.png"]
    lines = await press(stage, trade.ada, post, "All lines")
    assert lines.ephemeral
    assert "`#1` **Ana** P4 → D1 (72%) · **$46.00**\n-# pay 35.00 · margin 9.00 · pot 2.00" in lines.text


async def test_a_changed_day_is_not_closed_but_shown_anew_with_what_is_new(stage: Stage, trade: Trade) -> None:
    await trade.done(trade.ana)
    reply = await close(stage, stage.olivia)
    await trade.done(trade.bruno, "E1", 6000, win_rate_bonus=False)

    reply = await press(stage, stage.olivia, reply, "Close the day")

    assert (
        "> The day changed since you looked, so it was not closed. Gross sales were $46.00 and are $64.00 now.\n"
        "> `#2` **Bruno** P4 → E1 (60%) · **$18.00**\n"
    ) in reply.text
    assert await z_numbers(stage) == []
    reply = await press(stage, stage.olivia, reply, "Close the day")
    assert "### Close Z 1 · " in reply.text
    assert "Gross sales **$64.00** from 2 orders" in reply.text


async def test_an_adjustment_of_an_order_that_was_seen_is_told_too(stage: Stage, trade: Trade) -> None:
    order = await trade.done(trade.ana)
    reply = await close(stage, stage.olivia)
    await trade.adjust(order, 150)
    reply = await press(stage, stage.olivia, reply, "Close the day")
    assert "> The day changed since you looked, so it was not closed.\n> The figures of orders you saw" in reply.text
    assert "-# pay 36.50 · margin 7.50 · pot 2.00" in reply.text


async def test_while_the_day_is_being_closed_its_buttons_are_off(stage: Stage, trade: Trade) -> None:
    await trade.done(trade.ana)
    reply = await close(stage, stage.olivia)
    async with stage.db.tx(Actor.system(await stage.tenant_id(), "test", "hold")) as tx:
        await hold_journal(tx)  # the close waits here
        await stage.olivia.click(reply, "Close the day")
        assert [button.disabled for button in shown(reply).buttons] == [True, True]
        assert "Gross sales **$46.00** from 1 order" in reply.text
    await stage.settled(reply)
    assert reply.text.startswith("### Close Z 1 · ")


async def test_owner_and_admin_closing_at_once_make_one_z(stage: Stage, trade: Trade) -> None:
    await trade.done(trade.ana)
    mine, theirs = await close(stage, stage.olivia), await close(stage, trade.ada)
    await asyncio.gather(stage.olivia.click(mine, "Close the day"), trade.ada.click(theirs, "Close the day"))
    await stage.settled(mine)
    assert shown(mine).text == shown(theirs).text
    assert shown(mine).text.startswith("### Close Z 1 · ")
    assert await z_numbers(stage) == [1]


async def test_a_press_that_arrives_twice_closes_once(stage: Stage, trade: Trade) -> None:
    await trade.done(trade.ana)
    reply = await press(stage, stage.olivia, await close(stage, stage.olivia), "Close the day")
    before = reply.text
    stage.emulator.redeliver(reply.interaction.id)
    await stage.emulator.wait_until(lambda: stage.bot.reporter.outcomes["too_late"] > 0)
    await stage.settled(reply)
    assert reply.text == before
    assert reply.followups == []
    assert await z_numbers(stage) == [1]


async def test_a_past_day_is_closed_late_by_any_name_it_has(stage: Stage, trade: Trade) -> None:
    await trade.done(trade.ana)
    stage.clock.advance(timedelta(days=1))
    for name in ("yesterday", "20/11/2026", "2026-11-20", "friday", "viernes"):
        reply = await close(stage, stage.olivia, name)
        assert reply.text.startswith("### Friday, November 20, 2026 · so far\nGross sales **$46.00**"), name
    reply = await press(stage, stage.olivia, reply, "Close the day")
    assert reply.text.startswith("### Close Z 1 · Friday, November 20, 2026")
    closed = await stage.services.closing.get(await stage.as_owner(), 1)
    assert closed.business_on == date(2026, 11, 20)


async def test_a_closed_day_shows_its_z_and_what_comes_after_belongs_to_the_next_day(
    stage: Stage, trade: Trade
) -> None:
    await trade.done(trade.ana)
    record = await press(stage, stage.olivia, await close(stage, stage.olivia), "Close the day")
    await trade.done(trade.bruno)
    again = await close(stage, trade.ada)
    assert again.text == record.text
    stage.clock.advance(timedelta(days=1))
    reply = await close(stage, stage.olivia)
    assert reply.text.startswith("### Saturday, November 21, 2026 · so far\nGross sales **$46.00** from 1 order")


async def test_days_that_cannot_be_closed_are_refused_with_what_to_do(stage: Stage, trade: Trade) -> None:
    del trade
    refusals = {
        "21/11/2026": "Nov 21, 2026 has not begun for the shop: today is Nov 20, 2026. Nothing was closed.",
        "31/02/2026": "“31/02/2026” is not a day I can read. Nothing was closed. Write it day first, like 19/11/2026",
        "the day before": "“the day before” is not a day I can read. Nothing was closed.",
        "@everyone **x**": "is not a day I can read",
        "01/01/2020": "Nothing was",
    }
    for typed, sentence in refusals.items():
        reply = await close(stage, stage.olivia, typed)
        assert sentence in reply.text, typed
        assert reply.ephemeral
        assert "@everyone **" not in reply.text
    assert await z_numbers(stage) == []


async def test_an_empty_day_says_where_its_lines_will_come_from(stage: Stage) -> None:
    reply = await close(stage, stage.olivia)
    assert "Gross sales **$0.00** from 0 orders" in reply.text
    assert "No orders were completed on this day yet. Completed orders appear here." in reply.text


async def test_days_are_suggested_while_one_types(stage: Stage, trade: Trade) -> None:
    async def suggested(typed: str, person: Person = stage.olivia) -> list[tuple[str, str]]:
        found = await person.autocomplete(stage.lobby, "close", "day", typed)
        return [(choice["name"], choice["value"]) for choice in found]

    await trade.done(trade.ana)
    await press(stage, stage.olivia, await close(stage, stage.olivia), "Close the day")
    stage.clock.advance(timedelta(days=3))
    today = ("Mon, Nov 23, 2026 · not closed", "2026-11-23")
    yesterday = ("Sun, Nov 22, 2026 · not closed", "2026-11-22")
    saturday = ("Sat, Nov 21, 2026 · not closed", "2026-11-21")
    assert await suggested("") == [today, yesterday, saturday]
    assert await suggested("sat") == [saturday]
    assert await suggested("20/11/2026") == [("Fri, Nov 20, 2026 · closed", "2026-11-20")]
    assert [value for _, value in await suggested("nonsense")] == ["-"]
    [(why, value)] = await suggested("", trade.ana)
    assert why.startswith("You cannot close the day here, so nothing was changed.")
    assert value == "-"


async def test_the_day_can_be_looked_at_again_without_typing(stage: Stage, trade: Trade) -> None:
    reply = await close(stage, stage.olivia)
    await trade.done(trade.ana)
    reply = await press(stage, stage.olivia, reply, "Refresh")
    assert "Gross sales **$46.00** from 1 order" in reply.text
    assert "The day changed" not in reply.text

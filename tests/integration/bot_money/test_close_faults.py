"""/close under bad input, lost roles and long days."""

import csv
import io
from datetime import timedelta

from bot.ui.ids import make_id
from bot.ui.sheets import pack_hash
from domain.kernel.actor import Actor
from domain.kernel.roles import Role
from domain.tenancy.dto import NewTenant, Purpose
from sandbox.discord.driver.reply import Reply
from tests.fixtures.shop import Shop
from tests.integration.bot.harness import Stage
from tests.integration.bot_money.test_close import close, press, shown, z_numbers
from tests.integration.bot_money.trade import Trade
from tests.integration.payroll.books import Books


def relabel(reply: Reply, label: str, custom_id: str) -> None:
    """What somebody with a tampered client does: the button sends another id."""

    def walk(components: list[dict[str, object]]) -> None:
        for component in components:
            if component.get("label") == label:
                component["custom_id"] = custom_id
            walk(component.get("components", []))  # type: ignore[arg-type]  # JSON

    walk(shown(reply).components)


async def test_people_without_the_right_see_no_figures(stage: Stage, trade: Trade) -> None:
    await trade.done(trade.ana)
    for person in (trade.dora, trade.ana):
        reply = await close(stage, person)
        assert reply.ephemeral
        assert "46" not in reply.text
        assert "-# Code: permission.denied" in reply.text


async def test_a_role_taken_away_before_the_press_closes_nothing(stage: Stage, trade: Trade) -> None:
    await trade.done(trade.ana)
    reply = await close(stage, trade.ada)
    role = next(role for role in stage.guild.roles.values() if role.name == "Admin")
    stage.guild.take_role(trade.ada, role)
    reply = await press(stage, trade.ada, reply, "Close the day")
    assert "-# Code: permission.denied" in reply.followups[0].text
    assert reply.followups[0].ephemeral
    assert not shown(reply).find_button("Close the day").disabled  # given back
    assert await z_numbers(stage) == []


async def test_forged_ids_change_nothing_and_get_a_clear_answer(stage: Stage, trade: Trade) -> None:
    await trade.done(trade.ana)
    good = pack_hash("ab" * 32)
    forged = {
        "v1:close.day:2026-11-20": "out of date",
        "v1:close.day:2026-99-20:x:1:1": "out of date",
        f"v1:close.day:2026-11-20:{good}:one:1": "out of date",
        "v1:close.day:2026-11-20:***:1:1": "out of date",
        f"v0:close.day:2026-11-20:{good}:1:1": "out of date",
        "close the day": "out of date",
        f"v1:close.day:2026-11-20:{good}:1:4600": "The day changed since you looked",
        f"v1:close.day:2026-11-20:{good}:999999999999:-99999999999": "The day changed since you looked",
        f"v1:close.day:2031-01-01:{good}:1:1": "has not begun for the shop",
        f"v1:close.day:0001-01-01:{good}:1:1": "Nothing was",
        f"v1:close.page:9999:2026-11-20:{good}:1:1": "The day changed since you looked",
        "v1:close.show:2031-01-01": "has not begun for the shop",
    }
    for custom_id, answer in forged.items():
        reply = await close(stage, stage.olivia)
        relabel(reply, "Close the day", custom_id)
        reply = await stage.settled(await stage.olivia.click(reply, custom_id=custom_id))
        texts = [reply.text, *(message.text for message in reply.followups)]
        assert any(answer in text for text in texts), (custom_id, texts)
    assert await z_numbers(stage) == []


async def test_another_shops_hash_closes_nothing(stage: Stage, trade: Trade) -> None:
    await trade.done(trade.ana)
    other = NewTenant("Other", 77, 7700, "Otto", "Europe/Madrid", "USD", "en")
    theirs = await stage.services.tenancy.create(other, "other")
    otto = await stage.services.tenancy.identify(theirs.id, 7700, "Otto", (), "otto", "en")
    report = await stage.services.closing.preview(otto)
    reply = await close(stage, stage.olivia)
    forged = make_id("close.day", report.day, pack_hash(report.hash), 0, 0)
    relabel(reply, "Close the day", forged)
    reply = await stage.settled(await stage.olivia.click(reply, custom_id=forged))
    assert "The day changed since you looked" in reply.text
    assert "Gross sales **$46.00** from 1 order" in reply.text
    assert await z_numbers(stage) == []
    assert (await stage.services.closing.list(otto)).rows == ()


async def test_a_button_of_an_earlier_version_offers_the_day_as_it_is(stage: Stage, trade: Trade) -> None:
    await trade.done(trade.ana)
    reply = await close(stage, stage.olivia)
    old = "v0:close.day:2026-11-20:xyz"
    relabel(reply, "Close the day", old)
    reply = await stage.settled(await stage.olivia.click(reply, custom_id=old))
    current = await press(stage, stage.olivia, reply, "Show the current one")
    assert "Gross sales **$46.00** from 1 order" in current.text
    assert current.ephemeral


async def test_four_hundred_orders_are_all_delivered(stage: Stage, trade: Trade) -> None:
    await fill(stage, trade, 400)
    reply = await close(stage, stage.olivia)

    assert "Gross sales **$18,400.00** from 400 orders" in reply.text
    [picture, file] = shown(reply).attachments
    assert (picture.filename, file.filename) == ("close-2026-11-20.png", "close-2026-11-20.csv")
    table = list(csv.reader(io.StringIO(file.bytes.decode("utf-8-sig"))))
    assert table[0] == ["Order", "What", "Booster", "Start", "Final", "Win rate", "Price", "Pay", "Margin", "Pot",
                        "Currency"]  # fmt: skip
    assert table[1] == ["1", "completed", "'=Ana", "P4", "D1", "72%", "46.00", "35.00", "9.00", "2.00", "USD"]
    assert [int(row[0]) for row in table[1:]] == list(range(1, 401))
    codes: list[int] = []
    while True:
        text = reply.text
        codes += [int(line.split("`")[1].removeprefix("#")) for line in text.splitlines() if line.startswith("`")]
        assert len("".join(component_texts(reply))) <= 4000
        if shown(reply).find_button("▶").disabled:
            break
        reply = await press(stage, stage.olivia, reply, "▶")
    assert codes == list(range(1, 401))
    reply = await press(stage, stage.olivia, reply, "Close the day")
    assert "### Close Z 1 · " in reply.text
    await stage.deliver()
    [post] = trade.channels[Purpose.CLOSE].messages
    assert [file.filename for file in post.attachments] == ["close-2026-11-20.png", "close-2026-11-20.csv"]


async def test_a_page_turned_after_the_day_changed_begins_again(stage: Stage, trade: Trade) -> None:
    await fill(stage, trade, 31)
    reply = await close(stage, stage.olivia)
    await trade.done(trade.bruno)
    reply = await press(stage, stage.olivia, reply, "▶")
    assert "> The day changed since you looked. This is how it stands now. Gross sales were $1,426.00" in reply.text
    assert "Gross sales **$1,472.00** from 32 orders" in reply.text


async def test_the_reminder_opens_the_day_privately_and_is_not_sent_for_a_closed_one(
    stage: Stage, trade: Trade
) -> None:
    await trade.done(trade.ana)
    stage.clock.advance(timedelta(days=1))
    tenant_id = await stage.tenant_id()
    assert await stage.services.closing.remind(tenant_id, stage.clock.now(), "slot")
    await stage.deliver()
    [reminder] = trade.channels[Purpose.CLOSE].messages
    assert reminder.text == (
        "### A day is not closed yet\n"
        "**Friday, November 20, 2026** has figures and is still open. Look at it and close it."
    )
    denied = await press(stage, trade.dora, reminder, "Show the day")
    assert "permission.denied" in denied.text
    reply = await press(stage, stage.olivia, reminder, "Show the day")
    assert reply.ephemeral
    await press(stage, stage.olivia, reply, "Close the day")
    assert await stage.services.closing.remind(tenant_id, stage.clock.now() + timedelta(seconds=1), "slot2") is False


async def test_without_a_close_channel_the_log_hears_no_money(stage: Stage, trade: Trade) -> None:
    await trade.done(trade.ana)
    async with stage.db.tx(Actor.system(await stage.tenant_id(), "test", "unbind")) as tx:
        await tx.run("DELETE FROM channel_bindings WHERE tenant_id = $1 AND purpose = 'close'", tx.tenant_id)
    await press(stage, stage.olivia, await close(stage, stage.olivia), "Close the day")
    await stage.deliver()
    posts = [message for message in trade.channels[Purpose.LOG].messages if "Z 1" in message.text]
    assert [post.text.splitlines()[1] for post in posts] == [
        "The day is closed with 1 order. Open /close to see its figures."
    ]
    assert "46.00" not in posts[0].text
    assert posts[0].attachments == []


async def fill(stage: Stage, trade: Trade, count: int) -> None:
    """So many finished orders of a booster whose name looks like a formula."""
    odd = await stage.join("=Ana", Role.BOOSTER)
    tenant = await stage.services.tenancy.tenant(await stage.as_owner())
    dispatcher, booster = await trade.actor(trade.dora), await trade.actor(odd)
    books = Books(stage.db, stage.clock, Shop(tenant, {"dispatcher": dispatcher}))
    for code in range(1, count + 1):
        await books.complete(booster, code)
    async with stage.db.tx(dispatcher) as tx:  # so that further orders get codes of their own
        await tx.run("SELECT max(next_number('order')) FROM generate_series(1, $1)", count)


def component_texts(reply: Reply) -> list[str]:
    """Every text of the message, as Discord counts them."""
    found: list[str] = []

    def walk(components: list[dict[str, object]]) -> None:
        for component in components:
            if component["type"] == 10:
                found.append(str(component["content"]))
            walk(component.get("components", []))  # type: ignore[arg-type]  # JSON

    walk(shown(reply).components)
    return found

"""/payroll through the real client: what is owed, approve, pay."""

import asyncio
import csv
import io

from domain.kernel.actor import Actor
from domain.kernel.roles import Role
from domain.payroll.dto import RunState
from domain.tenancy.dto import Purpose, SettingsChange
from sandbox.discord import Person
from sandbox.discord.driver.reply import Reply
from tests.integration.bot.harness import Stage, labels
from tests.integration.bot_money.test_close import press, shown
from tests.integration.bot_money.trade import Trade

PREVIEW = """\
### Payroll: what is owed now
**$82.50** for 2 people, 3 orders

**Ana** · **$47.50** · 2 orders
`#1` D1 · $35.00
`#1` adjustment · +$2.50 · tip
`#2` E2 · $10.00
**Bruno** · **$35.00** · 1 order
`#3` D1 · $35.00
-# Live figures. Nothing is approved or paid yet.
### First step: approve
Approve puts exactly these lines into a run: $82.50 for 2 people, 3 orders. Nothing is paid yet. \
Orders completed later wait for the next run."""


async def payroll(stage: Stage, person: Person) -> Reply:
    return await stage.settled(await person.slash(stage.lobby, "payroll"))


async def runs(stage: Stage) -> list[tuple[int, RunState]]:
    page = await stage.services.payroll.list(await stage.as_owner())
    return [(run.number, run.state) for run in page.rows]


async def small_day(trade: Trade) -> None:
    await trade.done(trade.ana, adjustment=250)
    await trade.done(trade.ana, "E2", win_rate_bonus=False)
    await trade.done(trade.bruno)


async def test_preview_approve_and_pay_are_one_message_that_becomes_the_record(stage: Stage, trade: Trade) -> None:
    await small_day(trade)
    reply = await payroll(stage, stage.olivia)
    assert reply.text == PREVIEW
    assert reply.ephemeral
    assert shown(reply).find_button("Approve").style == 1

    await press(stage, stage.olivia, reply, "Approve")
    run_text = shown(reply).text
    assert run_text.startswith(
        "### Payroll run 1 · approved, waits for Pay\n**$82.50** for 2 people, 3 orders\n"
        "Approved by Olivia, <t:1795194000:f>\n"
    )
    assert "Pay 2 people, $82.50, 3 orders. Cannot be undone; corrections are made in the next run." in run_text
    assert shown(reply).find_button("Pay").style == 4

    await press(stage, stage.olivia, reply, "Pay")
    assert shown(reply).text.startswith("### Payroll run 1 · paid\n**$82.50** for 2 people, 3 orders\n")
    assert "Paid by Olivia, <t:1795194000:f>" in shown(reply).text
    assert labels(reply.message) == []
    [file] = shown(reply).attachments
    assert file.filename == "payroll-1.csv"
    assert list(csv.reader(io.StringIO(file.bytes.decode("utf-8-sig")))) == [
        ["Staff", "Total", "Orders", "Detail", "Currency", "Payout address", "Order codes", "Run"],
        ["Ana", "47.50", "2", "D1 ($37.50) + E2 ($10.00)", "USD", "", "1 2", "1"],
        ["Bruno", "35.00", "1", "D1 ($35.00)", "USD", "", "3", "1"],
    ]
    assert "Nobody is owed anything. Completed orders appear here." in (await payroll(stage, stage.olivia)).text


async def test_paying_sends_stubs_and_tells_the_payroll_channel(stage: Stage, trade: Trade) -> None:
    await small_day(trade)
    reply = await press(stage, stage.olivia, await payroll(stage, stage.olivia), "Approve")
    await press(stage, stage.olivia, reply, "Pay")
    await stage.deliver()
    stub = trade.ana.inbox[-1]
    assert stub.text == (
        "### You were paid\n**$47.50** for 2 orders from Nova Boost, run 1, <t:1795194000:f>.\n\n"
        "`#1` D1 · $35.00\n`#1` adjustment · +$2.50 · tip\n`#2` E2 · $10.00"
    )
    assert labels(stub) == ["Something is wrong"]
    assert "**$35.00** for 1 order from Nova Boost, run 1" in trade.bruno.inbox[-1].text
    [notice] = trade.channels[Purpose.PAYROLL].messages
    assert notice.text == (
        "### Payroll run 1 is paid\n**$82.50** for 2 people, 3 orders\n"
        "Approved by Olivia, <t:1795194000:f>\nPaid by Olivia, <t:1795194000:f>\n\n"
        "**Ana** · $47.50 · 2 orders\n**Bruno** · $35.00 · 1 order"
    )
    details = await press(stage, trade.ada, notice, "Details")
    assert details.ephemeral
    assert "### Payroll run 1 · paid" in details.text
    denied = await press(stage, trade.dora, notice, "Details")
    assert "permission.denied" in denied.text
    assert "47" not in denied.text


async def test_an_order_completed_meanwhile_refuses_approve_and_shows_it(stage: Stage, trade: Trade) -> None:
    await trade.done(trade.ana)
    reply = await payroll(stage, stage.olivia)
    await trade.done(trade.bruno, "E2", win_rate_bonus=False)
    await press(stage, stage.olivia, reply, "Approve")
    assert (
        "> What is owed changed since you looked: $35.00 for 1 order before, $45.00 for 2 orders now. "
        "Nothing was approved. Please look again."
    ) in reply.text
    assert "**Bruno** · **$10.00** · 1 order" in reply.text
    assert await runs(stage) == []


async def test_a_reopened_order_refuses_pay_and_the_run_is_taken_back(stage: Stage, trade: Trade) -> None:
    order = await trade.done(trade.ana)
    await trade.done(trade.bruno)
    reply = await press(stage, stage.olivia, await payroll(stage, stage.olivia), "Approve")
    await trade.reopen(order)
    await press(stage, stage.olivia, reply, "Pay")
    assert "> Run 1 no longer matches the orders: one was reopened or adjusted after it was approved." in reply.text
    assert "**$35.00** for 1 person, 1 order" in reply.text
    assert "`#1` reopened, taken back · -$35.00" in reply.text  # Ana's lines cancel out and are carried over
    assert "**Carried over to a later run:**" in reply.text
    assert await runs(stage) == [(1, RunState.REFUSED)]
    assert [message for message in trade.ana.inbox if "paid" in message.text] == []


async def test_orders_finished_after_approve_wait_for_the_next_run(stage: Stage, trade: Trade) -> None:
    await trade.done(trade.ana)
    await press(stage, stage.olivia, await payroll(stage, stage.olivia), "Approve")
    await trade.done(trade.bruno)
    reply = await payroll(stage, stage.olivia)
    assert "> Since the approval $35.00 more is owed. It waits for the next run." in reply.text
    await press(stage, stage.olivia, reply, "Pay")
    assert await runs(stage) == [(1, RunState.PAID)]
    assert "**Bruno** · **$35.00** · 1 order" in (await payroll(stage, stage.olivia)).text


async def test_paying_twice_at_once_pays_once(stage: Stage, trade: Trade) -> None:
    await trade.done(trade.ana)
    await press(stage, stage.olivia, await payroll(stage, stage.olivia), "Approve")
    first, second = await payroll(stage, stage.olivia), await payroll(stage, stage.olivia)
    await asyncio.gather(stage.olivia.click(first, "Pay"), stage.olivia.click(second, "Pay"))
    await stage.settled(first)
    assert shown(first).text == shown(second).text
    assert shown(first).text.startswith("### Payroll run 1 · paid")
    stage.emulator.redeliver(first.interaction.id)
    await stage.emulator.wait_until(lambda: stage.bot.reporter.outcomes["too_late"] > 0)
    assert await runs(stage) == [(1, RunState.PAID)]
    await stage.deliver()
    assert len([message for message in trade.ana.inbox if "You were paid" in message.text]) == 1


async def test_approve_pressed_by_two_makes_one_run(stage: Stage, trade: Trade) -> None:
    await trade.done(trade.ana)
    mine, theirs = await payroll(stage, stage.olivia), await payroll(stage, trade.ada)
    await asyncio.gather(stage.olivia.click(mine, "Approve"), trade.ada.click(theirs, "Approve"))
    await stage.settled(mine)
    assert await runs(stage) == [(1, RunState.APPROVED)]
    assert "### Payroll run 1 · approved" in mine.text
    assert "Only an owner can pay. Ask them to open /payroll." in theirs.text
    assert shown(theirs).find_button("Pay").disabled


async def test_above_the_limit_the_approver_cannot_pay_but_a_second_person_can(stage: Stage, trade: Trade) -> None:
    owner = await stage.as_owner()
    await stage.services.tenancy.change_settings(owner, SettingsChange(second_person_above_minor=3000))
    await trade.done(trade.ana)
    reply = await payroll(stage, stage.olivia)
    assert "This is more than $30.00, so it takes two people: whoever approves cannot pay." in reply.text
    await press(stage, stage.olivia, reply, "Approve")
    assert "You approved this run, and above $30.00 somebody else has to pay." in reply.text
    assert shown(reply).find_button("Pay").disabled

    second = stage.emulator.add_person("oscar")
    stage.guild.join(second)
    await stage.services.staff.add(owner, second.id, "Oscar", Role.ADMIN)
    async with stage.db.tx(Actor.system(owner.tenant_id, "test", "promote")) as tx:
        await tx.run("UPDATE member_roles SET role = 'owner' WHERE tenant_id = $1 AND role = 'admin'", tx.tenant_id)
    theirs = await payroll(stage, second)
    await press(stage, second, theirs, "Pay")
    assert theirs.text.startswith("### Payroll run 1 · paid")
    assert "Paid by Oscar" in theirs.text


async def test_a_limit_set_after_the_button_was_shown_is_enforced(stage: Stage, trade: Trade) -> None:
    await trade.done(trade.ana)
    reply = await press(stage, stage.olivia, await payroll(stage, stage.olivia), "Approve")
    await stage.services.tenancy.change_settings(await stage.as_owner(), SettingsChange(second_person_above_minor=0))
    pressed = await press(stage, stage.olivia, reply, "Pay")
    assert "Runs above $0.00 need two people, and Olivia approved run 1. Nothing was paid." in pressed.followups[0].text
    assert not shown(reply).find_button("Pay").disabled
    assert await runs(stage) == [(1, RunState.APPROVED)]


async def test_a_run_is_taken_back_and_its_lines_are_there_again(stage: Stage, trade: Trade) -> None:
    await trade.done(trade.ana)
    reply = await press(stage, stage.olivia, await payroll(stage, stage.olivia), "Approve")
    await press(stage, stage.olivia, reply, "Take back")
    assert "> Run 1 was taken back. Nothing was paid; its lines are below again." in reply.text
    assert "`#1` D1 · $35.00" in reply.text
    await press(stage, stage.olivia, reply, "Approve")
    assert await runs(stage) == [(2, RunState.APPROVED), (1, RunState.REFUSED)]


async def test_an_empty_payroll_teaches(stage: Stage) -> None:
    reply = await payroll(stage, stage.olivia)
    assert reply.text == ("### Payroll: what is owed now\nNobody is owed anything. Completed orders appear here.")
    assert labels(reply.message) == ["Refresh"]

"""/payroll under lost roles, forged ids, long lists and objections."""

import csv
import io

from bot.ui.ids import make_id
from bot.ui.sheets import pack_hash
from domain.kernel.actor import Actor
from domain.kernel.roles import Role
from domain.payroll.dto import RunState
from domain.tenancy.dto import NewTenant, Purpose
from tests.integration.bot.harness import Stage, labels
from tests.integration.bot_money.test_close import press, shown
from tests.integration.bot_money.test_close_faults import component_texts, fill, relabel
from tests.integration.bot_money.test_payroll import payroll, runs
from tests.integration.bot_money.trade import Trade


async def test_people_without_the_right_see_no_money(stage: Stage, trade: Trade) -> None:
    await trade.done(trade.ana)
    for person in (trade.dora, trade.ana):
        for words, options in (("payroll", {}), ("payroll-runs list", {}), ("payroll-runs show", {"number": 1})):
            reply = await stage.settled(await person.slash(stage.lobby, words, options))
            assert reply.ephemeral
            assert "-# Code: permission.denied" in reply.text
            assert "35" not in reply.text


async def test_a_role_taken_away_between_preview_and_the_press_changes_nothing(stage: Stage, trade: Trade) -> None:
    await trade.done(trade.ana)
    reply = await payroll(stage, trade.ada)
    stage.guild.take_role(trade.ada, next(role for role in stage.guild.roles.values() if role.name == "Admin"))
    pressed = await press(stage, trade.ada, reply, "Approve")
    assert "-# Code: permission.denied" in pressed.followups[0].text
    assert await runs(stage) == []


async def test_an_owner_who_is_none_any_more_cannot_pay(stage: Stage, trade: Trade) -> None:
    await trade.done(trade.ana)
    reply = await press(stage, stage.olivia, await payroll(stage, stage.olivia), "Approve")
    async with stage.db.tx(Actor.system(await stage.tenant_id(), "test", "demote")) as tx:
        await tx.run("DELETE FROM member_roles WHERE tenant_id = $1 AND role = 'owner'", tx.tenant_id)
    pressed = await press(stage, stage.olivia, reply, "Pay")
    assert "-# Code: permission.denied" in pressed.followups[0].text
    page = await stage.services.payroll.list(Actor.system(await stage.tenant_id(), "test", "look"))
    assert [run.state for run in page.rows] == [RunState.APPROVED]


async def test_forged_ids_pay_nothing_and_get_a_clear_answer(stage: Stage, trade: Trade) -> None:
    await trade.done(trade.ana)
    await press(stage, stage.olivia, await payroll(stage, stage.olivia), "Approve")
    wrong = pack_hash("cd" * 32)
    forged = {
        f"v1:payroll.pay:1:{wrong}": "What is owed changed since this was shown. Nothing was approved or paid.",
        f"v1:payroll.pay:2:{wrong}": "There is no such payroll run.",
        f"v1:payroll.pay:999999999999:{wrong}": "There is no such payroll run.",
        f"v1:payroll.pay:-1:{wrong}": "There is no such payroll run.",
        "v1:payroll.pay:1:x": "out of date",
        "v1:payroll.pay:1": "out of date",
        f"v1:payroll.approve:{wrong}:1:1": "Run 1 is approved and waits to be paid. No new run was made.",
        f"v1:payroll.page:-5:{wrong}:1:1": "### Payroll run 1 · approved",
        "v1:payroll.refuse:77": "There is no such payroll run.",
        "v1:runs.turn:999999999:1": "### Payroll run 1 · approved",
        "v1:runs.page:999999999999999": "Payroll runs",
        "v1:runs.csv:88888888888": "There is no such payroll run.",
        f"v0:payroll.pay:1:{wrong}": "out of date",
    }
    for custom_id, answer in forged.items():
        reply = await payroll(stage, stage.olivia)
        relabel(reply, "Pay", custom_id)
        reply = await stage.settled(await stage.olivia.click(reply, custom_id=custom_id))
        texts = [reply.text, *(message.text for message in reply.followups)]
        assert any(answer in text for text in texts), (custom_id, texts)
    assert await runs(stage) == [(1, RunState.APPROVED)]


async def test_another_shops_run_and_stub_are_out_of_reach(stage: Stage, trade: Trade) -> None:
    await trade.done(trade.ana)
    await press(stage, stage.olivia, await payroll(stage, stage.olivia), "Approve")
    [ours] = (await stage.services.payroll.list(await stage.as_owner())).rows
    other_guild = stage.emulator.add_guild("Other", stage.olivia)
    place = other_guild.add_channel("lobby")
    other = NewTenant("Other", other_guild.id, stage.olivia.id, "Olivia", "Europe/Madrid", "USD", "en")
    await stage.services.tenancy.create(other, "other")

    forged = [make_id("payroll.pay", ours.number, pack_hash(ours.preview_hash)), make_id("payroll.dispute", ours.id)]
    for custom_id in forged:
        reply = await stage.settled(await stage.olivia.slash(place, "payroll"))
        relabel(reply, "Refresh", custom_id)
        reply = await stage.settled(await stage.olivia.click(reply, custom_id=custom_id))
        texts = [reply.text, *(message.text for message in reply.followups)]
        assert any("There is no such payroll run." in text for text in texts), (custom_id, texts)
    assert await runs(stage) == [(1, RunState.APPROVED)]


async def test_a_stub_is_disputed_from_the_direct_message_once(stage: Stage, trade: Trade) -> None:
    await paid(stage, trade)
    stub = trade.ana.inbox[-1]
    form = await trade.ana.click(stub, "Something is wrong")
    second_form = await trade.ana.click(stub, "Something is wrong")
    assert form.modal is not None
    assert form.modal.title == "Pay stub of run 1"
    await stage.settled(await trade.ana.submit(form, {"text": "Order 1 was D1\nnot **E2** @everyone"}))
    assert labels(stub) == []
    assert "You objected on <t:1795194000:f>: “Order 1 was D1 not \\*\\*E2\\*\\* @\u200beveryone”." in stub.text

    again = await stage.settled(await trade.ana.submit(second_form, {"text": "again"}))
    assert again.followups[0].text == (
        "### That did not work\nThis pay stub is disputed already, and the shop has been told. "
        "Nothing more was sent. You will get an answer.\n-# Code: payroll.already_disputed"
    )
    await stage.deliver()
    notice = trade.channels[Purpose.PAYROLL].messages[-1]
    assert notice.text.startswith(
        "### A pay stub was disputed\n**Ana** objects to their pay of run 1:\n> Order 1 was D1"
    )
    details = await press(stage, stage.olivia, notice, "Details")
    assert "⚠️ Ana objected" in details.text
    listed = await stage.settled(await stage.olivia.slash(stage.lobby, "payroll-runs list"))
    assert "⚠️ 1 objection" in listed.text


async def test_only_whose_stub_it_is_may_object(stage: Stage, trade: Trade) -> None:
    await paid(stage, trade)
    [run] = (await stage.services.payroll.list(await stage.as_owner())).rows
    reply = await payroll(stage, stage.olivia)
    relabel(reply, "Refresh", make_id("payroll.dispute", run.id))
    reply = await stage.settled(await stage.olivia.click(reply, custom_id=make_id("payroll.dispute", run.id)))
    assert "Run 1 has no pay for this person. Nothing was changed." in reply.text
    assert (await stage.services.payroll.get(await stage.as_owner(), 1)).disputes == ()


async def test_without_a_payroll_channel_the_log_hears_no_money(stage: Stage, trade: Trade) -> None:
    async with stage.db.tx(Actor.system(await stage.tenant_id(), "test", "unbind")) as tx:
        await tx.run("DELETE FROM channel_bindings WHERE tenant_id = $1 AND purpose = 'payroll'", tx.tenant_id)
    await paid(stage, trade)
    form = await trade.ana.click(trade.ana.inbox[-1], "Something is wrong")
    await stage.settled(await trade.ana.submit(form, {"text": "secret words"}))
    await stage.deliver()
    texts = [m.text for m in trade.channels[Purpose.LOG].messages if "run 1" in m.text or "show 1" in m.text]
    assert texts == [
        "### Payroll run 1 is paid\nOpen /payroll-runs show 1 to see it.",
        "### A pay stub was disputed\nIt is about run 1. Open /payroll-runs show 1 to read it.",
    ]


async def test_runs_are_listed_found_and_exported(stage: Stage, trade: Trade) -> None:
    await paid(stage, trade)
    await trade.done(trade.bruno)
    await press(stage, stage.olivia, await payroll(stage, stage.olivia), "Approve")

    listed = await stage.settled(await trade.ada.slash(stage.lobby, "payroll-runs list"))
    assert listed.text == (
        "### Payroll runs\n"
        "🟡 **Payroll run 2 · approved, waits for Pay** · **$35.00** · 1 person · 1 order\n"
        "-# Olivia · <t:1795194000:f>\n"
        "🟢 **Payroll run 1 · paid** · **$35.00** · 1 person · 1 order\n-# Olivia · <t:1795194000:f>\n"
        "-# 2 runs"
    )
    opened = await stage.settled(await trade.ada.choose(listed, ["1"]))
    assert opened.text.startswith("### Payroll run 1 · paid")
    suggested = await trade.ada.autocomplete(stage.lobby, "payroll-runs show", "number", "1")
    assert suggested == [{"name": "1 · paid · $35.00 · Nov 20, 2026", "value": 1}]
    found = await stage.settled(await trade.ada.slash(stage.lobby, "payroll-runs show", {"number": 2}))
    assert found.text.startswith("### Payroll run 2 · approved, waits for Pay")
    missing = await stage.settled(await trade.ada.slash(stage.lobby, "payroll-runs show", {"number": 9}))
    assert "There is no such payroll run. Nothing was changed." in missing.text
    with_file = await press(stage, trade.ada, opened, "CSV file")
    [file] = shown(with_file).attachments
    assert file.bytes.decode("utf-8-sig").splitlines()[1] == "Ana,35.00,1,D1 ($35.00),USD,,1,1"


async def test_a_name_like_a_formula_is_neutral_in_the_file_and_harmless_on_the_card(
    stage: Stage, trade: Trade
) -> None:
    odd = await stage.join('=HYPERLINK("http://x")@everyone', Role.BOOSTER)
    await trade.done(odd)
    reply = await press(stage, stage.olivia, await payroll(stage, stage.olivia), "Approve")
    assert "@everyone" not in reply.text
    await press(stage, stage.olivia, reply, "Pay")
    [file] = shown(reply).attachments
    row = list(csv.reader(io.StringIO(file.bytes.decode("utf-8-sig"))))[1]
    assert row[0] == '\'=Hyperlink("Http://X")@Everyone'


async def test_a_long_payroll_is_shown_page_by_page_without_losing_a_line(stage: Stage, trade: Trade) -> None:
    await fill(stage, trade, 70)
    reply = await payroll(stage, stage.olivia)
    codes: list[int] = []
    while True:
        codes += [int(line.split("`")[1][1:]) for line in reply.text.splitlines() if line.startswith("`#")]
        assert len("".join(component_texts(reply))) <= 4000
        if shown(reply).find_button("▶").disabled:
            break
        reply = await press(stage, stage.olivia, reply, "▶")
        assert "-# **=Ana**, continued" in reply.text
    assert codes == list(range(1, 71))
    await press(stage, stage.olivia, reply, "Approve")
    assert "Pay 1 person, $2,450.00, 70 orders." in reply.text
    await press(stage, stage.olivia, reply, "Pay")
    await stage.deliver()
    odd = next(user for user in stage.emulator.world.users.values() if user.username == "=Ana")
    stub = stage.emulator.world.direct[odd.id].messages[-1]
    assert "… and 45 more lines, in the file." in stub.text
    table = list(csv.reader(io.StringIO(stub.attachments[0].bytes.decode("utf-8-sig"))))
    assert table[0] == ["Order", "What", "Division", "Amount", "Currency", "Reason"]
    assert [row[0] for row in table[1:]] == [str(code) for code in range(1, 71)]
    assert table[1] == ["1", "completed", "D1", "35.00", "USD", ""]


async def test_a_page_turned_after_the_lines_changed_begins_again(stage: Stage, trade: Trade) -> None:
    await fill(stage, trade, 31)
    reply = await payroll(stage, stage.olivia)
    await trade.done(trade.bruno)
    await press(stage, stage.olivia, reply, "▶")
    assert "> What is owed changed since you looked: $1,085.00 for 31 orders before, $1,120.00 for 32" in reply.text


async def paid(stage: Stage, trade: Trade) -> None:
    """A paid run with Ana in it, everything delivered."""
    await trade.done(trade.ana)
    reply = await press(stage, stage.olivia, await payroll(stage, stage.olivia), "Approve")
    await press(stage, stage.olivia, reply, "Pay")
    await stage.deliver()

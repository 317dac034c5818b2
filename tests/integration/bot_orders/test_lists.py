"""Lists and `/me`."""

from domain.orders.dto import Completion, NewOrder
from tests.integration.bot.harness import labels
from tests.integration.bot_orders.floor import Floor


async def fill(floor: Floor, count: int) -> None:
    """So many open orders, written by the owner."""
    orders, owner = floor.stage.services.orders, await floor.stage.as_owner()
    for number in range(count):
        order = await orders.create(owner.for_step(f"new {number}"), NewOrder(f"Customer {number}", "E4", "D1"))
        await orders.publish(owner.for_step(f"post {number}"), order.code)


async def test_a_list_turns_pages_filters_and_sums(floor: Floor) -> None:
    await fill(floor, 23)
    first = await floor.slash(floor.dani, "order list")
    assert first.text.splitlines()[0] == "### Orders"
    assert first.text.splitlines()[1] == "🟢 **#23** E4 → D1 · Customer 22 · $45.00"
    assert first.text.splitlines()[-1] == "-# Everything under way: 23 orders · this page: $450.00"
    assert labels(first.message) == ["◀", "1 / 3", "▶"]
    last = await floor.click(floor.dani, await floor.click(floor.dani, first, "▶"), "▶")
    assert last.message is first.message
    assert last.text.splitlines()[1:-1] == [
        f"🟢 **#{code}** E4 → D1 · Customer {code - 1} · $45.00" for code in (3, 2, 1)
    ]
    assert labels(last.message) == ["◀", "3 / 3", "▶"]
    drafts = await floor.stage.settled(await floor.dani.choose(last, ["Draft"]))
    assert "There are none." in drafts.text
    assert drafts.text.splitlines()[-1] == "-# Draft: 0 orders"
    by_option = await floor.slash(floor.dani, "order list", {"state": "Open"})
    assert by_option.text.splitlines()[-1] == "-# Open: 23 orders · this page: $450.00"


async def test_a_booster_sees_no_customers_and_no_prices_in_a_list(floor: Floor) -> None:
    await floor.claimed()
    listed = await floor.slash(floor.ana, "order list", {"state": "all"})
    assert listed.text.splitlines()[1] == "🎮 **#1** E4 → D1 · **Ana** · ⏳ <t:1795647599:R>"
    assert listed.text.splitlines()[-1] == "-# All orders: 1 order"


async def test_an_empty_list_says_what_to_do(floor: Floor) -> None:
    assert (
        "Nothing is under way. /order new writes the first order down."
        in (await floor.slash(floor.dani, "order list")).text
    )
    told = (await floor.slash(floor.ana, "order list")).text  # who writes no orders is not sent to write one
    assert "Nothing is under way. New orders appear in the orders channel." in told


async def test_me_shows_work_money_and_the_month(floor: Floor) -> None:
    empty = await floor.slash(floor.ana, "me")
    assert empty.ephemeral
    assert "You have nothing under way." in empty.text
    assert "💰 Nothing is owed to you right now." in empty.text
    orders = floor.stage.services.orders
    await floor.claimed(account="")
    await floor.claimed(account="", target="E1", deadline="")
    await orders.complete(await floor.stage.as_owner(), 2, Completion("E1", 6000))
    mine = await floor.slash(floor.ana, "me")
    assert mine.text.splitlines() == [
        "### Your work",
        "🎮 **#1** E4 → D1 · ⏳ Due <t:1795647599:R> · no tracking link yet",
        "",
        "💰 Owed to you: **$13.00**, from 1 order",
        "🏁 Finished this month: **1** order",
    ]
    assert labels(mine.message) == ["#1", "Payout address"]
    opened = await floor.click(floor.ana, mine, "#1")
    assert opened.message is mine.message
    assert "💰 Pays you **$35.00** at D1" in opened.text
    assert labels(opened.message) == ["Complete", "Progress", "Release", "Abandon"]


async def test_somebody_who_is_no_booster_sees_an_empty_page_of_their_own(floor: Floor) -> None:
    assert "You have nothing under way." in (await floor.slash(floor.dani, "me")).text
    stranger = floor.stage.emulator.add_person("stranger")
    floor.stage.guild.join(stranger)
    assert "Code: permission.denied" in (await floor.slash(stranger, "me")).text


async def test_a_draft_is_unknown_to_boosters_until_it_is_posted(floor: Floor) -> None:
    await floor.draft()
    assert "Code: order.unknown" in (await floor.slash(floor.ana, "order show", {"code": 1})).text
    assert "There are none." in (await floor.slash(floor.ana, "order list", {"state": "all"})).text
    drafts = await floor.slash(floor.ana, "order list", {"state": "draft"})
    assert drafts.message is not None
    assert "#1" not in drafts.text
    assert "Draft" not in [option["label"] for option in drafts.message.selects[0].options]
    [nothing] = await floor.ana.autocomplete(floor.orders, "order show", "code")
    assert nothing["value"] == 0
    shown = await floor.slash(floor.dani, "order show", {"code": 1})
    assert labels(shown.message) == ["Post", "Edit", "Price and notes", "Discard"]


async def test_customers_are_searched_by_staff_only(floor: Floor) -> None:
    await floor.posted()
    assert [c["value"] for c in await floor.dani.autocomplete(floor.orders, "order show", "code", "mart")] == [1]
    assert [c["value"] for c in await floor.ana.autocomplete(floor.orders, "order show", "code", "mart")] == [0]

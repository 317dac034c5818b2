"""/staff, /tariff and /help through the real client."""

from domain.kernel.roles import Role
from sandbox.discord import Person
from tests.integration.bot.harness import Stage, labels


async def add(stage: Stage, person: Person, role: str = "booster") -> None:
    await stage.settled(await stage.olivia.slash(stage.lobby, "staff add", {"person": person, "role": role}))


async def newcomer(stage: Stage, name: str) -> Person:
    person = stage.emulator.add_person(name)
    stage.guild.join(person)
    return person


async def test_somebody_is_added_suspended_with_a_reason_and_reinstated(shop_stage: Stage) -> None:
    ana = await newcomer(shop_stage, "ana")
    olivia, lobby = shop_stage.olivia, shop_stage.lobby
    reply = await shop_stage.settled(await olivia.slash(lobby, "staff add", {"person": ana, "role": "booster"}))
    assert reply.text == "### On the staff\n**Ana** is now booster in this shop."
    assert reply.ephemeral

    found = await olivia.autocomplete(lobby, "staff suspend", "member", "an")
    assert [choice["name"] for choice in found] == ["Ana · active"]
    question = await shop_stage.settled(await olivia.slash(lobby, "staff suspend", {"member": found[0]["value"]}))
    assert labels(question.message) == ["Suspend", "Cancel"]
    form = await olivia.click(question, "Suspend")
    reply = await shop_stage.settled(await olivia.submit(form, {"reason": "away"}))
    assert "**Ana** was suspended by Olivia" in reply.text

    refused = await shop_stage.settled(await ana.slash(lobby, "help"))
    assert "Your access to this shop is suspended. Nothing was changed." in refused.text
    reply = await shop_stage.settled(await olivia.click(reply, "Take it back"))
    assert reply.text == "### Back at work\n**Ana** can work here again."
    back = await shop_stage.settled(await ana.slash(lobby, "help"))
    assert "What you can do here" in back.text


async def test_cancel_closes_the_question_and_changes_nothing(shop_stage: Stage) -> None:
    await add(shop_stage, await newcomer(shop_stage, "ana"))
    found = await shop_stage.olivia.autocomplete(shop_stage.lobby, "staff suspend", "member", "")
    ana_id = next(choice["value"] for choice in found if choice["name"].startswith("Ana"))
    question = await shop_stage.settled(
        await shop_stage.olivia.slash(shop_stage.lobby, "staff suspend", {"member": ana_id})
    )
    reply = await shop_stage.settled(await shop_stage.olivia.click(question, "Cancel"))
    assert reply.text == "### Cancelled. Nothing was changed."
    assert labels(reply.message) == []


async def test_a_long_list_turns_its_pages_in_place(shop_stage: Stage) -> None:
    owner = await shop_stage.as_owner()
    for number in range(30):
        await shop_stage.services.staff.add(owner.for_step(str(number)), 900 + number, f"P{number:02}", Role.BOOSTER)
    reply = await shop_stage.settled(await shop_stage.olivia.slash(shop_stage.lobby, "staff list", {"role": "booster"}))
    first = reply.text
    assert "30 people" in first
    back, here, _ = reply.message.buttons  # type: ignore[union-attr]  # the reply was settled
    assert (back.disabled, here.disabled) == (True, True)
    reply = await shop_stage.settled(await shop_stage.olivia.click(reply, "▶"))
    assert reply.text != first
    assert "Staff · booster" in reply.text
    reply = await shop_stage.settled(await shop_stage.olivia.click(reply, "◀"))
    assert reply.text == first


async def test_an_unknown_member_typed_past_the_suggestions_is_refused(shop_stage: Stage) -> None:
    reply = await shop_stage.settled(
        await shop_stage.olivia.slash(shop_stage.lobby, "staff suspend", {"member": "nobody"})
    )
    assert "staff.unknown" in reply.text


async def test_a_search_by_somebody_without_the_right_says_why_it_is_empty(shop_stage: Stage) -> None:
    ana = await shop_stage.join("ana", Role.BOOSTER)
    found = await ana.autocomplete(shop_stage.lobby, "staff suspend", "member", "")
    assert [choice["value"] for choice in found] == ["-"]
    assert found[0]["name"].startswith("You cannot")


async def test_the_tariff_is_shown_in_the_readers_language_and_a_line_is_changed(shop_stage: Stage) -> None:
    marta = await shop_stage.join("marta", Role.ADMIN, locale="es-ES")
    reply = await shop_stage.settled(await marta.slash(shop_stage.lobby, "tariff list"))
    assert "Tarifa · League of Legends" in reply.text
    assert "Versión 1" in reply.text
    assert "D1        45,00 US$  10,00 US$      45" in reply.text.replace("\u00a0", " ")
    options = {"division": "d1", "price": "47,50", "margin": "12"}
    reply = await shop_stage.settled(await marta.slash(shop_stage.lobby, "tariff set", options))
    text = reply.text.replace("\u00a0", " ")
    assert "D1 · League of Legends · versión 2" in text
    assert "Antes: precio 45,00 US$, margen 10,00 US$, 45 puntos" in text
    assert "Ahora: precio 47,50 US$, margen 12,00 US$, 45 puntos" in text


async def test_a_price_that_cannot_be_read_changes_nothing(shop_stage: Stage) -> None:
    options = {"division": "D1", "price": "a lot", "margin": "1"}
    reply = await shop_stage.settled(await shop_stage.olivia.slash(shop_stage.lobby, "tariff set", options))
    assert "“a lot” is not an amount I can read. Nothing was changed." in reply.text
    assert (await shop_stage.services.tariffs.current(await shop_stage.as_owner())).version == 1


async def test_a_suggestion_that_only_explains_becomes_no_division_and_no_game(shop_stage: Stage) -> None:
    olivia, lobby = shop_stage.olivia, shop_stage.lobby
    for option in ("division", "game"):
        (nothing,) = await olivia.autocomplete(lobby, "tariff set", option, "zzz")
        options = {"division": "GM", "price": "50", "margin": "1", option: nothing["value"]}
        reply = await shop_stage.settled(await olivia.slash(lobby, "tariff set", options))
        assert "text.required" in reply.text
    tariffs, owner = shop_stage.services.tariffs, await shop_stage.as_owner()
    assert await tariffs.games(owner) == ("League of Legends",)
    assert (await tariffs.current(owner)).version == 1


async def test_a_new_division_is_named_as_it_is_kept(shop_stage: Stage) -> None:
    options = {"division": "gm  1", "price": "50", "margin": "1"}
    reply = await shop_stage.settled(await shop_stage.olivia.slash(shop_stage.lobby, "tariff set", options))
    assert reply.text.startswith("### GM 1 · League of Legends · version 2")
    assert "Now: price $50.00" in reply.text


async def test_a_booster_may_not_change_the_tariff(shop_stage: Stage) -> None:
    ana = await shop_stage.join("ana", Role.BOOSTER)
    options = {"division": "D1", "price": "1", "margin": "0"}
    reply = await shop_stage.settled(await ana.slash(shop_stage.lobby, "tariff set", options))
    assert "You cannot change the tariff here" in reply.text
    assert "owner" in reply.text
    assert "admin" in reply.text


async def test_help_lists_what_the_person_may_use_here(shop_stage: Stage) -> None:
    ana = await shop_stage.join("ana", Role.BOOSTER)
    stranger = await newcomer(shop_stage, "stranger")
    ids = await shop_stage.bot.command_ids()
    owner_help = await shop_stage.settled(await shop_stage.olivia.slash(shop_stage.lobby, "help"))
    assert f"</staff suspend:{ids['staff']}> Take somebody’s access away for now" in owner_help.text
    booster_help = await shop_stage.settled(await ana.slash(shop_stage.lobby, "help"))
    assert f"</tariff list:{ids['tariff']}>" in booster_help.text
    assert "staff" not in booster_help.text
    assert "tariff set" not in booster_help.text
    stranger_help = await shop_stage.settled(await stranger.slash(shop_stage.lobby, "help"))
    assert "You have no role in this shop yet." in stranger_help.text
    assert "</tariff" not in stranger_help.text


async def test_help_knows_the_place(shop_stage: Stage) -> None:
    orders = next(c for c in shop_stage.guild.channels.values() if c.name == "orders")
    reply = await shop_stage.settled(await shop_stage.olivia.slash(orders, "help"))
    assert "This channel shows the open orders" in reply.text


async def test_help_without_a_shop_points_to_setup(stage: Stage) -> None:
    ids = await stage.bot.command_ids()
    reply = await stage.settled(await stage.olivia.slash(stage.lobby, "help"))
    assert f"Start one with </setup:{ids['setup']}>" in reply.text

"""/setup, walked by people through the real client."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from domain.kernel.db import Database
from domain.kernel.roles import Role
from domain.tenancy.dto import Purpose
from sandbox.clock import ManualClock
from sandbox.discord import Message
from sandbox.discord.driver.reply import Reply
from tests.integration.bot.harness import Stage, labels, running_bot, staged


@pytest.fixture
async def spanish(db: Database, clock: ManualClock) -> AsyncIterator[Stage]:
    async with staged(db, clock, locale="es-ES") as running:
        yield running


async def choose(stage: Stage, reply: Reply | Message, value: object, custom_id: str) -> Reply:
    return await stage.settled(await stage.olivia.choose(reply, [value], custom_id))


async def click(stage: Stage, reply: Reply | Message, label: str) -> Reply:
    return await stage.settled(await stage.olivia.click(reply, label))


async def walk_to_roles(stage: Stage) -> Reply:
    reply = await stage.settled(await stage.olivia.slash(stage.lobby, "setup"))
    reply = await choose(stage, reply, "es", "v1:setup.found")
    reply = await choose(stage, reply, "Europe/Madrid", "v1:setup.zone")
    reply = await choose(stage, reply, "EUR", "v1:setup.currency")
    return await choose(stage, reply, "5", "v1:setup.cutoff")


async def test_an_owner_walks_through_the_whole_setup_in_spanish(spanish: Stage) -> None:
    reply = await walk_to_roles(spanish)
    assert "Preparación · 5 de 7 · Roles" in reply.text
    reply = await click(spanish, reply, "Crear los roles que faltan")
    assert "Preparación · 6 de 7 · Canales" in reply.text
    reply = await click(spanish, reply, "Crear los canales que faltan")
    assert "Preparación · 7 de 7 · Prueba" in reply.text
    reply = await click(spanish, reply, "Enviar los mensajes de prueba")

    assert "Nova Boost está lista" in reply.text
    assert reply.text.count("✅") == 7
    assert reply.ephemeral
    assert {role.name for role in spanish.guild.roles.values()} >= {"Administrador", "Coordinador", "Booster"}
    names = {channel.name for channel in spanish.guild.channels.values()}
    assert names >= {"Guildhall", "pedidos", "registro", "nóminas", "cierre"}
    tenant = await spanish.services.tenancy.tenant(await spanish.as_owner())
    assert (tenant.name, tenant.locale, tenant.zone, tenant.currency, tenant.cutoff_hour) == (
        "Nova Boost", "es", "Europe/Madrid", "EUR", 5,
    )  # fmt: skip
    assert (await spanish.as_owner()).roles == {Role.OWNER}
    await spanish.deliver()
    channels = await spanish.services.tenancy.channels(await spanish.as_owner())
    orders = spanish.guild.channels[channels[Purpose.ORDERS]]
    assert [message.text for message in orders.messages] == [
        "### El bot puede escribir aquí\nEste canal es para: **pedidos**. "
        "Este ha sido el mensaje de prueba de /configurar."
    ]


async def test_the_setup_goes_on_where_it_was_left(spanish: Stage) -> None:
    reply = await spanish.settled(await spanish.olivia.slash(spanish.lobby, "setup"))
    await choose(spanish, reply, "es", "v1:setup.found")
    again = await spanish.settled(await spanish.olivia.slash(spanish.lobby, "setup"))
    assert "Preparación · 2 de 7 · Zona horaria" in again.text
    reply = await choose(spanish, again, "Europe/Madrid", "v1:setup.zone")
    await choose(spanish, reply, "USD", "v1:setup.currency")
    again = await spanish.settled(await spanish.olivia.slash(spanish.lobby, "setup"))
    assert "Preparación · 4 de 7 · Fin del día" in again.text


async def test_a_press_after_a_restart_of_the_bot_goes_on(spanish: Stage) -> None:
    reply = await spanish.settled(await spanish.olivia.slash(spanish.lobby, "setup"))
    await spanish.bot.close()
    async with running_bot(spanish.emulator, spanish.services, spanish.hashes) as second:
        spanish.bot = second
        reply = await choose(spanish, reply, "es", "v1:setup.found")
        assert "Preparación · 2 de 7 · Zona horaria" in reply.text


async def test_a_zone_can_be_typed_and_a_wrong_one_is_explained(stage: Stage) -> None:
    reply = await stage.settled(await stage.olivia.slash(stage.lobby, "setup"))
    reply = await choose(stage, reply, "en", "v1:setup.found")
    form = await stage.olivia.click(reply, "Another place")
    refused = await stage.settled(await stage.olivia.submit(form, {"zone": "Madrid"}))
    assert "I do not know the time zone “Madrid”. Nothing was changed." in refused.followups[0].text
    assert "Set up · 2 of 7 · Time zone" in refused.text
    assert not any(button.disabled for button in refused.message.buttons)  # type: ignore[union-attr]  # it is there
    form = await stage.olivia.click(reply, "Another place")
    reply = await stage.settled(await stage.olivia.submit(form, {"zone": "america/bogota"}))
    assert "I do not know the time zone" in reply.followups[0].text
    form = await stage.olivia.click(reply, "Another place")
    reply = await stage.settled(await stage.olivia.submit(form, {"zone": "America/Bogota"}))
    assert "Set up · 3 of 7 · Currency" in reply.text


async def test_setup_by_a_person_without_rights_founds_nothing(stage: Stage) -> None:
    bruno = stage.emulator.add_person("bruno")
    manager = stage.guild.add_role("Manager", 1 << 5)
    stage.guild.join(bruno, roles=[manager])
    reply = await stage.settled(await bruno.slash(stage.lobby, "setup"))
    assert "Only whoever owns or administers this server can start a shop here. Nothing was done." in reply.text
    assert reply.ephemeral
    assert await stage.services.tenancy.find_by_guild(stage.guild.id) is None


async def test_an_administrator_of_the_guild_may_found_the_shop_and_owns_it(stage: Stage) -> None:
    ada = stage.emulator.add_person("ada")
    stage.guild.join(ada, roles=[stage.guild.add_role("Boss", 1 << 3)])
    reply = await stage.settled(await ada.slash(stage.lobby, "setup"))
    await stage.settled(await ada.choose(reply, ["en"]))
    actor = await stage.services.tenancy.identify(await stage.tenant_id(), ada.id, "Ada", (), "k", "en")
    assert actor.roles == {Role.OWNER}


async def test_a_finished_shop_cannot_be_changed_by_a_guild_manager_without_our_role(shop_stage: Stage) -> None:
    bruno = shop_stage.emulator.add_person("bruno")
    shop_stage.guild.join(bruno, roles=[shop_stage.guild.add_role("Manager", 1 << 5)])
    reply = await shop_stage.settled(await bruno.slash(shop_stage.lobby, "setup"))
    assert "You cannot change the shop’s settings here" in reply.text


async def test_two_owners_presses_at_once_found_one_shop(stage: Stage) -> None:
    ada = stage.emulator.add_person("ada")
    stage.guild.join(ada, roles=[stage.guild.add_role("Boss", 1 << 3)])
    first = await stage.settled(await stage.olivia.slash(stage.lobby, "setup"))
    second = await stage.settled(await ada.slash(stage.lobby, "setup"))
    await stage.settled(await stage.olivia.choose(first, ["en"]))
    reply = await stage.settled(await ada.choose(second, ["fr"]))
    assert "You cannot change the shop’s settings here" in reply.followups[0].text
    tenant = await stage.services.tenancy.tenant(await stage.as_owner())
    assert tenant.locale == "en"


async def test_two_people_who_found_at_the_same_moment_make_one_shop_and_both_are_answered(stage: Stage) -> None:
    ada = stage.emulator.add_person("ada")
    stage.guild.join(ada, roles=[stage.guild.add_role("Boss", 1 << 3)])
    cards = [await stage.settled(await person.slash(stage.lobby, "setup")) for person in (stage.olivia, ada)]
    replies = await asyncio.gather(stage.olivia.choose(cards[0], ["en"]), ada.choose(cards[1], ["fr"]))
    for reply in replies:
        await stage.settled(reply)
    texts = ["".join([reply.text, *(message.text for message in reply.followups)]) for reply in replies]
    assert sum("2 of 7" in text for text in texts) == 1
    assert sum("That did not work" in text for text in texts) == 1


async def test_create_pressed_twice_at_once_creates_each_role_once(spanish: Stage) -> None:
    reply = await walk_to_roles(spanish)
    presses = [spanish.olivia.click(reply, "Crear los roles que faltan") for _ in range(2)]
    for pressed_reply in await asyncio.gather(*presses):
        await spanish.settled(pressed_reply)
    names = [role.name for role in spanish.guild.roles.values()]
    assert [names.count(name) for name in ("Administrador", "Coordinador", "Vendedor", "Booster", "Observador")] == [
        1
    ] * 5


async def test_a_deleted_channel_is_shown_and_repaired_with_one_button(spanish: Stage) -> None:
    reply = await click(spanish, await walk_to_roles(spanish), "Crear los roles que faltan")
    reply = await click(spanish, reply, "Crear los canales que faltan")
    await click(spanish, reply, "Enviar los mensajes de prueba")
    channels = await spanish.services.tenancy.channels(await spanish.as_owner())
    spanish.guild.remove_channel(spanish.guild.channels[channels[Purpose.CLOSE]])
    await spanish.emulator.wait_until(lambda: True)
    reply = await spanish.settled(await spanish.olivia.slash(spanish.lobby, "setup"))
    assert "⬜ **cierre del día**" in reply.text
    reply = await click(spanish, reply, "Crear los canales que faltan")
    assert "Nova Boost está lista" in reply.text
    assert [c.name for c in spanish.guild.channels.values()].count("cierre") == 1
    assert [c.name for c in spanish.guild.channels.values()].count("pedidos") == 1


async def test_money_channels_are_hidden_from_people_without_a_role(spanish: Stage) -> None:
    reply = await click(spanish, await walk_to_roles(spanish), "Crear los roles que faltan")
    await click(spanish, reply, "Crear los canales que faltan")
    stranger = spanish.emulator.add_person("stranger")
    spanish.guild.join(stranger)
    channels = await spanish.services.tenancy.channels(await spanish.as_owner())
    seen = {purpose for purpose, id_ in channels.items() if spanish.guild.channels[id_].permissions_of(stranger) & 1024}
    assert seen == set()
    booster = await spanish.join("ana", Role.BOOSTER)
    seen = {purpose for purpose, id_ in channels.items() if spanish.guild.channels[id_].permissions_of(booster) & 1024}
    assert seen == {Purpose.ORDERS}


async def test_without_the_permission_nothing_is_created_and_the_way_out_is_said(spanish: Stage) -> None:
    reply = await walk_to_roles(spanish)
    for role in spanish.guild.roles.values():
        role.permissions &= ~(1 << 28)
    before = set(spanish.guild.roles)
    reply = await click(spanish, reply, "Crear los roles que faltan")
    assert "No puedo crear roles aquí. No se ha cambiado nada." in reply.followups[0].text
    assert set(spanish.guild.roles) == before
    assert "Crear los roles que faltan" in labels(reply.message)

"""The gateway breaks in each of its ways: the process comes back by itself, and old buttons still work."""

from collections.abc import Callable

import pytest

from sandbox.discord import DiscordEmulator
from tests.e2e.company import Company, done, press
from tests.e2e.house import House
from tests.e2e.world import World, eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")


def cut(discord: DiscordEmulator) -> None:
    discord.gateway.cut()


def ask_to_reconnect(discord: DiscordEmulator) -> None:
    discord.gateway.ask_reconnect()


def invalidate_resumable(discord: DiscordEmulator) -> None:
    discord.gateway.invalidate(resumable=True)


def invalidate(discord: DiscordEmulator) -> None:
    discord.gateway.invalidate(resumable=False)


def cut_and_forget(discord: DiscordEmulator) -> None:
    discord.gateway.refuse_next_session(resumable=False)
    discord.gateway.cut()


@pytest.mark.parametrize(
    ("misfortune", "is_resumed"),
    [(cut, True), (ask_to_reconnect, True), (invalidate_resumable, True), (invalidate, False), (cut_and_forget, False)],
)
async def test_after_a_broken_connection_commands_and_old_buttons_work(
    world: World, company: Company, house: House, misfortune: Callable[[DiscordEmulator], None], is_resumed: bool
) -> None:
    gateway = world.emulator.gateway
    order = await company.order()
    card = await company.card(order.code)
    before, connections = sessions(world), set(gateway.hub.connections)

    misfortune(world.emulator)
    await eventually(lambda: gateway.connected_shards and not connections & gateway.hub.connections)
    assert len(sessions(world) - before) == (0 if is_resumed else 1), "resumed, or identified anew"

    shown = await done(await company.diego.slash(company.lobby, "order show", {"code": order.code}))
    assert f"#{order.code}" in shown.text
    await done(await press(company.ana, card, "order.claim"))
    await company.card(order.code, "Ana")
    assert await company.events(order.code) == ["create", "publish", "claim"]
    await company.sound()
    assert (await house.readyz())[0] == 200


async def test_a_button_pressed_while_the_connection_is_cut_is_replayed_and_counts_once(
    world: World, company: Company, house: House
) -> None:
    order = await company.order()
    card = await company.card(order.code)
    world.emulator.gateway.cut()
    reply = await press(company.ana, card, "order.claim")
    if reply.failed:  # it came back after the three seconds: too late to answer, and nothing was done
        await eventually(lambda: world.emulator.gateway.connected_shards)
        assert await company.events(order.code) == ["create", "publish"]
        reply = await press(company.ana, card, "order.claim")
    await done(reply)
    assert await company.events(order.code) == ["create", "publish", "claim"]
    await company.card(order.code, "Ana")
    await company.sound()


def sessions(world: World) -> set[str]:
    return {session.id for session in world.emulator.gateway.hub.sessions}

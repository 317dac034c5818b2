"""The bot may write in the forum no more: somebody hears it once, and all of it is shown when it may again."""

from datetime import timedelta

import pytest

from domain.conversations.dto import Outgoing
from domain.tenancy.dto import Purpose
from tests.integration.bot_inbox.desk import Desk, texts

TITLE = "Waiting for a person"
TOLD = "Discord does not let the bot write there any more"


async def _board(desk: Desk) -> None:
    await desk.conversations.refresh_board(await desk.stage.tenant_id(), "job")


async def _pass(desk: Desk, minutes: int) -> None:
    """The worker delivers what falls due."""
    for _ in range(minutes):
        desk.stage.clock.advance(timedelta(minutes=1))
        await desk.stage.deliver()


def _alerts(desk: Desk) -> list[str]:
    return [text for text in texts(desk.log) if TOLD in text]


@pytest.mark.parametrize("is_hidden", [False, True], ids=["50013", "50001"])
async def test_chats_and_board_are_told_once_and_shown_in_order_when_it_may_write_again(
    desk: Desk, is_hidden: bool
) -> None:
    conversation, thread = await desk.shown("hola")
    await desk.conversations.take_over(await desk.seller(), conversation.id)
    await _board(desk)
    await desk.stage.deliver()
    await desk.conversations.reply(await desk.seller(), conversation.id, Outgoing("Hola"))
    await desk.stage.deliver()
    before = texts(thread)
    [board] = [channel for channel in desk.stage.guild.channels.values() if channel.name == TITLE]
    bot = desk.stage.emulator.world.bot
    if is_hidden:
        desk.home.hide_from(bot)
    else:
        desk.home.silence(bot)  # an edit needs no right to write
        desk.stage.emulator.faults.fail("PATCH", "/channels/*/messages/*", 403, times=100, code=50013)
    asked_at = desk.stage.clock.now() + timedelta(minutes=1)
    desk.stage.clock.advance(timedelta(minutes=1))
    await desk.receive("¿cuánto?", "¿hay alguien?")
    await _board(desk)
    await desk.stage.deliver()
    await _pass(desk, 20)
    [alert] = _alerts(desk)
    assert f"Not shown in <#{desk.home.id}>: **chats with customers and the list of those that wait**." in alert
    assert "/setup" in alert
    assert texts(thread) == before
    desk.home.overwrites.clear()
    desk.stage.emulator.faults.clear()
    await desk.slash(desk.stage.olivia, desk.stage.lobby, "setup")
    await desk.stage.deliver()
    first, second = texts(thread)[len(before) :]
    assert ("¿cuánto?" in first, "¿hay alguien?" in second) == (True, True)
    assert f"<t:{int(asked_at.timestamp())}:R>" in board.messages[0].text
    assert _alerts(desk) == [alert]


async def test_without_anybody_opening_setup_it_is_shown_within_a_quarter_of_an_hour(desk: Desk) -> None:
    desk.home.hide_from(desk.stage.emulator.world.bot)
    conversation = await desk.receive("hola")
    await desk.stage.deliver()
    await _pass(desk, 20)
    [alert] = _alerts(desk)
    assert f"Not shown in <#{desk.home.id}>" in alert
    desk.home.overwrites.clear()
    await _pass(desk, 15)
    assert "hola" in texts(await desk.thread(conversation))[1]


async def test_a_forum_that_was_deleted_is_told_once_and_its_chats_go_to_the_log(desk: Desk) -> None:
    conversation, _ = await desk.shown("hola")
    await desk.conversations.take_over(await desk.seller(), conversation.id)
    await _board(desk)
    await desk.stage.deliver()
    for place in [place for place in desk.stage.guild.channels.values() if place.parent is desk.home]:
        desk.stage.guild.remove_channel(place)
    desk.stage.guild.remove_channel(desk.home)
    await desk.receive("¿cuánto?")
    await _board(desk)
    await _pass(desk, 2)
    assert len([text for text in texts(desk.log) if "There is no channel for **conversations**" in text]) == 1
    assert any(TITLE in text for text in texts(desk.log))
    assert any("¿cuánto?" in text for text in texts(desk.log))
    channels = await desk.stage.services.tenancy.channels(await desk.stage.as_owner())
    assert Purpose.CONVERSATIONS not in channels

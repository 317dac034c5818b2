"""One standing message says who waits for a person: posted once, edited afterwards, begun anew where it went."""

import asyncio
from datetime import timedelta

import pytest

from domain.conversations.dto import Outgoing
from domain.tenancy.dto import Purpose
from sandbox.discord import Channel
from sandbox.discord.state import ChannelKind
from tests.integration.bot_inbox.desk import Desk

TITLE = "Waiting for a person"


async def _drawn(desk: Desk) -> None:
    await desk.conversations.refresh_board(await desk.stage.tenant_id(), "job")
    await desk.stage.deliver()


def _boards(desk: Desk) -> list[Channel]:
    return [channel for channel in desk.stage.guild.channels.values() if channel.name == TITLE]


async def test_it_is_a_post_of_the_forum_that_is_edited_as_people_are_answered(desk: Desk) -> None:
    conversation, thread = await desk.shown("hola")
    await desk.conversations.take_over(await desk.seller(), conversation.id)
    asked_at = desk.stage.clock.now()
    await _drawn(desk)
    [board] = _boards(desk)
    [message] = board.messages
    line = f"**C-1** Marta · since <t:{int(asked_at.timestamp())}:R> · 🧑‍💼 Sole · <#{thread.id}>"
    assert line in message.text
    assert (message.mention_ids, message.mention_role_ids) == ([], [])
    await desk.conversations.reply(await desk.seller(), conversation.id, Outgoing("Hola"))
    await _drawn(desk)
    assert "Nobody waits for an answer." in message.text
    assert [one.id for one in board.messages] == [message.id]
    assert _boards(desk) == [board]


async def test_it_is_edited_though_its_post_was_archived(desk: Desk) -> None:
    conversation, _ = await desk.shown("hola")
    await desk.conversations.take_over(await desk.seller(), conversation.id)
    await _drawn(desk)
    [board] = _boards(desk)
    assert board.thread is not None
    board.thread.archived = True
    await desk.conversations.reply(await desk.seller(), conversation.id, Outgoing("Hola"))
    await _drawn(desk)
    assert "Nobody waits for an answer." in board.messages[0].text
    assert len(_boards(desk)) == 1


async def test_in_a_text_channel_it_is_a_message_and_after_it_was_deleted_there_is_a_new_one(text_desk: Desk) -> None:
    desk = text_desk
    conversation, _ = await desk.shown("hola")
    await desk.conversations.take_over(await desk.seller(), conversation.id)
    await _drawn(desk)
    [first] = [message for message in desk.home.messages if TITLE in message.text]
    desk.stage.emulator.world.posting.delete(first)
    await _drawn(desk)
    await _drawn(desk)
    [again] = [message for message in desk.home.messages if TITLE in message.text and not message.deleted]
    assert "**C-1** Marta" in again.text


async def test_without_a_channel_of_its_own_it_stands_in_the_log_without_names(desk: Desk) -> None:
    conversation, _ = await desk.shown("hola")
    await desk.conversations.take_over(await desk.seller(), conversation.id)
    owner, tenancy = await desk.stage.as_owner(), desk.stage.services.tenancy
    await tenancy.bind_channel(owner, Purpose.CONVERSATIONS, desk.log.id)
    async with desk.stage.db.tx(await desk.system()) as tx:
        await tx.run("DELETE FROM channel_bindings WHERE purpose = 'conversations'")
    await _drawn(desk)
    [message] = [message for message in desk.log.messages if TITLE in message.text]
    assert "**C-1** · since" in message.text
    assert "Marta" not in message.text


async def test_ten_are_shown_and_the_rest_counted(desk: Desk) -> None:
    for number in range(12):
        conversation = await desk.receive("hola", wa_id=f"346001112{number:02}", name=f"P{number}")
        await desk.conversations.take_over(await desk.seller(), conversation.id)
        desk.stage.clock.advance(timedelta(seconds=1))
    await _drawn(desk)
    [board] = _boards(desk)
    text = board.messages[0].text
    assert text.count("**C-") == 10
    assert "and 2 more" in text


async def test_where_it_stood_before_it_says_where_it_went_and_names_nobody(desk: Desk) -> None:
    conversation, _ = await desk.shown("hola")
    await desk.conversations.take_over(await desk.seller(), conversation.id)
    await _drawn(desk)
    [old] = _boards(desk)
    owner, tenancy = await desk.stage.as_owner(), desk.stage.services.tenancy
    for place in range(2):
        home = desk.stage.guild.add_channel(f"chats-{place}", kind=ChannelKind.FORUM)
        await tenancy.bind_channel(owner.for_step(str(place)), Purpose.CONVERSATIONS, home.id)
        await desk.conversations.move_board(owner.for_step(f"board {place}"), home.id)
        await _drawn(desk)
        assert f"This list stands in <#{home.id}> now." in old.messages[0].text
        assert "Marta" not in old.messages[0].text
        [new] = [board for board in _boards(desk) if "Marta" in board.messages[0].text]
        assert new.parent is home
        old = new


async def test_a_board_that_was_deleted_before_it_moved_leaves_nothing_behind(desk: Desk) -> None:
    conversation, _ = await desk.shown("hola")
    await desk.conversations.take_over(await desk.seller(), conversation.id)
    await _drawn(desk)
    [old] = _boards(desk)
    desk.stage.guild.remove_channel(old)
    home = desk.stage.guild.add_channel("chats", kind=ChannelKind.FORUM)
    owner = await desk.stage.as_owner()
    await desk.stage.services.tenancy.bind_channel(owner, Purpose.CONVERSATIONS, home.id)
    await desk.conversations.move_board(owner.for_step("board"), home.id)
    await _drawn(desk)
    assert [board.parent for board in _boards(desk)] == [home]
    assert (await desk.stage.services.tenancy.channels(owner))[Purpose.CONVERSATIONS] == home.id


@pytest.mark.parametrize("dies", [True, False], ids=["died", "lost"])
async def test_a_board_whose_post_was_not_heard_of_is_found_again_and_not_posted_twice(desk: Desk, dies: bool) -> None:
    conversation, _ = await desk.shown("hola")
    await desk.conversations.take_over(await desk.seller(), conversation.id)
    await desk.stage.deliver()
    hold = desk.stage.emulator.faults.hold("POST", f"/channels/{desk.home.id}/threads", is_served=True, times=1)
    desk.stage.sender._calls.timeout_s = 20 if dies else 0.3
    drawing = asyncio.create_task(_drawn(desk))
    await desk.stage.until(lambda: hold.caught_count == 1)
    if dies:
        drawing.cancel()
    await asyncio.gather(drawing, return_exceptions=True)
    hold.release()
    desk.stage.sender._calls.timeout_s = 20
    for _ in range(2):
        desk.stage.clock.advance(timedelta(seconds=60))
        await desk.stage.outbox.deliver_lane(
            await desk.stage.tenant_id(), f"card:{await desk.stage.tenant_id()}", "job"
        )
    [board] = _boards(desk)
    await desk.conversations.reply(await desk.seller(), conversation.id, Outgoing("Hola"))
    await _drawn(desk)
    assert "Nobody waits for an answer." in board.messages[0].text
    assert _boards(desk) == [board]

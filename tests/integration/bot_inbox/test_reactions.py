"""Staff react where they would look for it: in the message's menu, and with `/conversation react`."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from domain.contacts.dto import IdentifierKind, Identity
from domain.conversations.dto import Outgoing
from domain.conversations.inbound import ReceivedRevoke
from domain.conversations.service import AgentChange
from domain.kernel.errors import PermanentFailure
from domain.outbox.service import OutboxService
from sandbox.discord import Channel, Message
from sandbox.discord.driver.reply import Reply
from sandbox.discord.people import Person
from tests.fixtures.inbox import Provider
from tests.integration.bot_inbox.desk import MARTA, Desk, texts


async def _menu(desk: Desk, who: Person, thread: Channel, message: Message, name: str = "React") -> Reply:
    return await desk.stage.settled(await who.menu(thread, name, message))


async def _sent(desk: Desk) -> list[str]:
    """The reactions on their way to customers, or there."""
    system = await desk.system()
    sql = """SELECT content ->> 'reaction' AS emoji FROM messages WHERE tenant_id = $1 AND kind = 'reaction'
             ORDER BY position"""
    async with desk.stage.db.tx(system) as tx:
        return [row["emoji"] for row in await tx.rows(sql, system.tenant_id)]


async def test_from_the_menu_one_press_reacts_and_the_thread_shows_it(desk: Desk) -> None:
    conversation, thread = await desk.shown("gracias")
    card = await _menu(desk, desk.sole, thread, thread.messages[1])
    assert card.ephemeral
    assert "> gracias" in card.text
    done = await desk.click(desk.sole, card, "❤️")
    assert "❤️ is on its way to **Marta**. The assistant goes on answering here." in done.text
    assert await _sent(desk) == ["❤️"]
    await desk.stage.deliver()
    assert "❤️ by us" in thread.messages[1].text
    taken = await desk.click(desk.sole, done, "Take over")
    assert "You answer now." in taken.text
    assert (await desk.again(conversation)).state == "human"


async def test_any_emoji_can_be_typed_and_taken_back(desk: Desk) -> None:
    conversation, thread = await desk.shown("gracias")
    await desk.conversations.take_over(await desk.seller(), conversation.id)
    card = await _menu(desk, desk.sole, thread, thread.messages[1])
    form = await desk.click(desk.sole, card, "Another")
    done = await desk.submit(desk.sole, form, {"emoji": "🫶"})
    assert "🫶 is on its way to **Marta**." in done.text
    assert "assistant" not in done.text
    again = await _menu(desk, desk.sole, thread, thread.messages[1])
    done = await desk.click(desk.sole, again, "Take back 🫶")
    assert "The reaction is being taken back." in done.text
    assert await _sent(desk) == ["🫶", ""]
    await desk.stage.deliver()
    assert "by us" not in thread.messages[1].text


async def test_by_command_it_goes_to_the_last_message_and_without_an_emoji_it_is_taken_back(desk: Desk) -> None:
    _, thread = await desk.shown("hola", "gracias")
    done = await desk.slash(desk.sole, thread, "conversation react", {"emoji": "👍"})
    assert "👍 is on its way to **Marta**." in done.text
    await desk.stage.deliver()
    assert ["by us" in text for text in texts(thread)[1:3]] == [False, True]
    assert "taken back" in (await desk.slash(desk.sole, thread, "conversation react")).text
    assert "no reaction of ours" in (await desk.slash(desk.sole, thread, "conversation react")).text
    assert await _sent(desk) == ["👍", ""]


async def test_a_button_pressed_twice_reacts_once_and_what_stands_there_has_the_way_back_in_its_place(
    desk: Desk,
) -> None:
    _, thread = await desk.shown("gracias")
    card = await _menu(desk, desk.sole, thread, thread.messages[1])
    pressed = await asyncio.gather(*(desk.sole.click(card, "👍") for _ in range(2)))
    for reply in pressed:
        assert "👍 is on its way to **Marta**." in (await desk.stage.settled(reply)).text
    assert await _sent(desk) == ["👍"]
    again = await _menu(desk, desk.sole, thread, thread.messages[1])
    assert again.message is not None
    assert [one.label for one in again.message.buttons if one.label] == ["Take back 👍", "Another"]
    await desk.click(desk.sole, again, "Take back 👍")
    assert await _sent(desk) == ["👍", ""]


async def test_of_an_assistant_that_answers_nobody_nothing_is_said(desk: Desk) -> None:
    conversation, thread = await desk.shown("hola")
    until = desk.stage.clock.now() + timedelta(hours=2)
    await desk.conversations.snooze(await desk.seller(), conversation.id, until)
    assert "assistant" not in (await desk.slash(desk.sole, thread, "conversation react", {"emoji": "👍"})).text
    await desk.shown("sigo aquí")
    assert "goes on answering" in (await desk.slash(desk.sole, thread, "conversation react", {"emoji": "👍"})).text
    await desk.conversations.change_settings(await desk.stage.as_owner(), AgentChange(is_on=False))
    assert "assistant" not in (await desk.slash(desk.sole, thread, "conversation react", {"emoji": "❤️"})).text


async def test_where_nothing_can_be_reacted_to_the_command_says_what_could_be(desk: Desk) -> None:
    conversation, thread = await desk.shown("hola")
    sender = Identity({IdentifierKind.WA_ID: MARTA}, "Marta")
    await desk.shown(ReceivedRevoke(sender, "wamid.gone", "wamid.1", desk.stage.clock.now()))
    refused = await desk.slash(desk.sole, thread, "conversation react", {"emoji": "👍"})
    assert "Only a message of the customer’s that was not deleted" in refused.text
    await desk.conversations.close(await desk.seller(), conversation.id)
    refused = await desk.slash(desk.sole, thread, "conversation react", {"emoji": "👍"})
    assert "Conversation C-1 is closed." in refused.text


@pytest.mark.parametrize(
    ("emoji", "answer"),
    [("<:nova:123456789012345678>", "WhatsApp does not know this server’s own emoji. Nothing was sent."),
     ("muy bien", "This is not one emoji. Nothing was sent.")],
)  # fmt: skip
async def test_what_whatsapp_does_not_take_is_refused_in_words(desk: Desk, emoji: str, answer: str) -> None:
    _, thread = await desk.shown("hola")
    refused = await desk.slash(desk.sole, thread, "conversation react", {"emoji": emoji})
    assert answer in refused.text
    assert await _sent(desk) == []


async def test_the_menu_refuses_before_it_asks(desk: Desk) -> None:
    conversation, thread = await desk.shown("hola")
    await desk.conversations.reply(await desk.seller(), conversation.id, Outgoing("hi"))
    await desk.stage.deliver()
    own = next(message for message in thread.messages if "hi" in message.text)
    assert "Only a message of the customer’s" in (await _menu(desk, desk.sole, thread, own)).text
    assert "No message of a customer’s stands here." in (await _menu(desk, desk.sole, thread, thread.messages[0])).text
    said = await desk.sole.send(desk.stage.lobby, "hola")
    assert "No message of a customer’s stands here." in (await _menu(desk, desk.sole, desk.stage.lobby, said)).text
    assert "You cannot answer customers here" in (await _menu(desk, desk.ana, thread, thread.messages[1])).text
    desk.stage.clock.advance(timedelta(hours=25))
    assert "WhatsApp takes only a template now" in (await _menu(desk, desk.sole, thread, thread.messages[1])).text
    assert await _sent(desk) == []


async def test_a_card_that_grew_old_is_asked_again(desk: Desk) -> None:
    _, thread = await desk.shown("hola")
    card = await _menu(desk, desk.sole, thread, thread.messages[1])
    desk.stage.clock.advance(timedelta(minutes=10))
    await desk.shown("STOP")
    late = await desk.click(desk.sole, card, "👍")
    assert "asked for no more messages" in (late.text + "".join(m.text for m in late.interaction.followups))
    assert await _sent(desk) == []


async def test_what_whatsapp_refuses_is_told_in_the_thread_with_the_name_of_who_tried(desk: Desk) -> None:
    conversation, thread = await desk.shown("hola")
    await desk.slash(desk.sole, thread, "conversation react", {"emoji": "👍"})
    provider = Provider([PermanentFailure("meta", "131009")])
    outbox = OutboxService(desk.stage.db, desk.stage.clock, provider, listener=desk.conversations)
    await outbox.deliver_lane(await desk.stage.tenant_id(), f"whatsapp:{conversation.id}", "job")
    await desk.stage.deliver()
    assert "**Sole**’s reaction 👍 did not arrive and is taken off again." in thread.messages[-1].text
    assert "by us" not in thread.messages[1].text


async def test_the_menu_is_called_as_its_reader_speaks(desk: Desk) -> None:
    _, thread = await desk.shown("hola")
    desk.sole.locale = "es-ES"
    card: Any = await _menu(desk, desk.sole, thread, thread.messages[1], "Reaccionar")
    assert "Una reacción no cuenta como respuesta" in card.text

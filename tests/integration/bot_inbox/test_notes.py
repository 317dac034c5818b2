"""What is typed in a thread is a note; what is sent takes a button or a command; who may not, changes nothing."""

from datetime import timedelta

import pytest

from domain.conversations.dto import ConversationState
from domain.tenancy.dto import NewTenant
from sandbox.discord import Channel, Message
from tests.integration.bot_inbox.desk import Desk, reactions, texts


async def noted(desk: Desk, message: Message, mark: str = "📝") -> None:
    await desk.stage.emulator.wait_until(lambda: mark in reactions(message))


async def test_plain_text_is_a_note_that_everybody_sees_marked_and_nothing_is_sent(desk: Desk) -> None:
    _, thread = await desk.shown("hola")
    first = await desk.sole.send(thread, "he sounds serious")
    await noted(desk, first)
    await desk.stage.emulator.wait_until(lambda: any("This was not sent" in text for text in texts(thread)))
    second = await desk.sole.send(thread, "see", files=[("plan.pdf", b"x")])
    await noted(desk, second)
    assert await desk.notes() == ["he sounds serious", "see\n📎 plan.pdf"]
    assert await desk.out() == []
    assert sum("This was not sent" in text for text in texts(thread)) == 1


async def test_a_stranger_in_the_thread_is_refused_visibly(desk: Desk) -> None:
    _, thread = await desk.shown("hola")
    message = await desk.ana.send(thread, "let me in")
    await noted(desk, message, "🚫")
    assert await desk.notes() == []


async def test_other_threads_and_channels_are_left_in_peace(desk: Desk) -> None:
    await desk.shown("hola")
    world = desk.stage.emulator.world
    other = world.threads.standalone(desk.stage.lobby, desk.sole, {"name": "chat", "type": 11})
    messages = [await desk.sole.send(other, "hi"), await desk.ana.send(other, "hi"),
                await desk.sole.send(desk.stage.lobby, "hi")]  # fmt: skip
    _, thread = await desk.shown("más")
    await noted(desk, await desk.sole.send(thread, "real"))
    assert [reactions(message) for message in messages] == [[], [], []]
    assert await desk.notes() == ["real"]


async def test_a_message_delivered_twice_is_one_note(desk: Desk) -> None:
    _, thread = await desk.shown("hola")
    message = await desk.sole.send(thread, "once")
    await noted(desk, message)
    desk.stage.emulator.world.announcer.message_created(message)
    await noted(desk, await desk.sole.send(thread, "twice"))
    assert await desk.notes() == ["once", "twice"]


async def test_reply_sends_and_silences_the_assistant(desk: Desk) -> None:
    conversation, thread = await desk.shown("hola")
    opened = await desk.click(desk.sole, thread.messages[0], "Reply")
    reply = await desk.submit(desk.sole, opened, {"text": "Buenas, soy Sole."})
    assert reply.ephemeral
    assert "On its way to **Marta**." in reply.text
    await desk.stage.deliver()
    assert await desk.out() == ["Buenas, soy Sole."]
    assert any("Buenas, soy Sole." in text and "to the customer" in text for text in texts(thread))
    found = await desk.again(conversation)
    assert found.state is ConversationState.HUMAN
    assert found.human_until == desk.stage.clock.now() + timedelta(hours=24)
    assert "is silent and returns <t:" in texts(thread)[0]
    back = await desk.click(desk.sole, reply, "Give back")
    assert "The assistant answers again." in back.text
    assert (await desk.again(conversation)).state is ConversationState.BOT


async def test_the_command_sends_inside_the_thread_and_by_number_outside(desk: Desk) -> None:
    conversation, thread = await desk.shown("hola")
    await desk.slash(desk.sole, thread, "conversation reply", {"text": "uno"})
    suggestions = await desk.sole.autocomplete(desk.stage.lobby, "conversation reply", "conversation", "mar")
    assert [choice["value"] for choice in suggestions] == [conversation.number]
    await desk.slash(
        desk.sole, desk.stage.lobby, "conversation reply", {"text": "dos", "conversation": conversation.number}
    )
    assert await desk.out() == ["uno", "dos"]
    lost = await desk.slash(desk.sole, desk.stage.lobby, "conversation reply", {"text": "tres"})
    assert "This place is not a conversation’s thread." in lost.text
    assert await desk.out() == ["uno", "dos"]


async def test_a_canned_answer_is_looked_over_before_it_is_sent(desk: Desk) -> None:
    _, thread = await desk.shown("hola")
    none = await desk.click(desk.sole, thread.messages[0], "Canned answer")
    assert "There are none yet." in none.text
    opened = await desk.slash(desk.sole, thread, "canned save")
    saved = await desk.submit(desk.sole, opened, {"name": "Hours", "body": "We are open from 9 to 18."})
    assert "“hours” is saved." in saved.text
    chosen = await desk.choose(desk.sole, await desk.click(desk.sole, thread.messages[0], "Canned answer"), "hours")
    assert chosen.modal is not None
    assert chosen.modal.field("text").value == "We are open from 9 to 18."
    await desk.submit(desk.sole, chosen, {"text": "We are open from 9 to 18, always."})
    assert await desk.out() == ["We are open from 9 to 18, always."]
    deleted = await desk.slash(desk.sole, thread, "canned delete", {"name": "hours"})
    assert "“hours” is deleted." in deleted.text


CHANGES = ("Take over", "Assign", "Snooze", "Close", "Reply", "Canned answer", "New order", "Transcript")


@pytest.mark.parametrize("label", CHANGES)
async def test_a_booster_who_presses_a_button_changes_nothing(desk: Desk, label: str) -> None:
    conversation, thread = await desk.shown("hola")
    before = await desk.again(conversation)
    reply = await desk.click(desk.ana, thread.messages[0], label)
    shown = reply.text + "".join(message.text for message in reply.followups)
    assert "Code: permission.denied" in shown
    assert "assistant" not in shown.split("These roles can:")[1]
    assert await desk.again(conversation) == before
    assert await desk.out() == []


COMMANDS = ("takeover", "giveback", "assign", "close", "reopen", "show", "transcript", "block", "unblock", "list")


@pytest.mark.parametrize("command", COMMANDS)
async def test_a_booster_who_types_a_command_changes_nothing(desk: Desk, command: str) -> None:
    conversation, thread = await desk.shown("hola")
    before = await desk.again(conversation)
    reply = await desk.slash(desk.ana, thread, f"conversation {command}")
    assert "Code: permission.denied" in reply.text
    assert await desk.again(conversation) == before


async def test_the_thread_of_another_shop_is_nobodys_here(desk: Desk) -> None:
    conversation, thread = await desk.shown("hola")
    emulator, tenancy = desk.stage.emulator, desk.stage.services.tenancy
    otto = emulator.add_person("otto")
    elsewhere = emulator.add_guild("Other Shop", otto)
    place = elsewhere.add_channel("lobby")
    await tenancy.create(NewTenant("Other", elsewhere.id, otto.id, "Otto", "UTC", "USD", "en"), "found-2")
    await desk.stage.until(lambda: desk.stage.bot.get_guild(elsewhere.id) is not None)
    reply = await desk.slash(otto, place, "conversation takeover", {"conversation": conversation.number})
    assert "There is no such conversation in this shop." in reply.text
    forged = _with_button(thread.messages[0], place)
    pressed = await desk.stage.settled(await otto.click(forged, "Take over"))
    assert "There is no such conversation in this shop." in pressed.text
    assert (await desk.again(conversation)).state is ConversationState.BOT


def _with_button(card: Message, place: Channel) -> Message:
    """The same buttons in another shop's channel, as a tampered client could send them."""
    assert place.guild is not None
    posting = place.guild.world.posting
    copy = posting.blank(place, card.author)
    copy.flags, copy.components = card.flags, card.components
    return posting.publish(copy)

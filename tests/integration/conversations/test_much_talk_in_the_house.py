"""What the staff says among itself does not hide what a contact waits for."""

from tests.fixtures.inbox import Inbox


async def test_a_message_behind_many_notes_is_answered_when_the_conversation_is_given_back(inbox: Inbox) -> None:
    found = await inbox.receive("¿cuánto sale?")
    await inbox.conversations.take_over(inbox.shop.act("seller"), found.id)
    for number in range(45):
        await inbox.conversations.note(inbox.shop.act("seller"), found.id, f"note {number}")
    await inbox.conversations.give_back(inbox.shop.act("seller"), found.id)
    turn = await inbox.begin(await inbox.conversation(found.id))
    assert [message.body for message in turn.unanswered] == ["¿cuánto sale?"]

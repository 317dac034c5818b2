"""A message comes in, the agent answers, and the answer leaves."""

from domain.conversations.dto import Outgoing
from domain.conversations.turn_dto import TurnEnd
from domain.tenancy.dto import Purpose
from tests.fixtures.inbox import TRACE, Inbox


async def test_three_short_messages_are_answered_once(inbox: Inbox) -> None:
    found = await inbox.receive("hola", "cuánto cuesta", "de P4 a D4?")
    turn = await inbox.begin(found)
    assert [message.body for message in turn.unanswered] == ["hola", "cuánto cuesta", "de P4 a D4?"]
    assert turn.needs_greeting
    assert turn.contact.locale == "es"
    assert (
        await inbox.conversations.commit_reply(turn, [Outgoing("Hola."), Outgoing("45 USD")], TRACE) is TurnEnd.REPLIED
    )
    assert await inbox.conversations.begin_turn(inbox.tenant_id, found.id, "job:2") is None
    assert await inbox.said() == ["Hola.", "45 USD"]
    assert await inbox.deliver(found) == 2
    messages = await inbox.messages(found)
    assert [message.state for message in messages] == ["received", "received", "received", "sent", "sent"]
    assert [message.provider_id for message in messages[3:]] == ["wamid.out.1", "wamid.out.2"]
    after = await inbox.conversation(found.id)
    assert after.greeted_at is not None
    assert after.waiting_since is None


async def test_every_message_is_mirrored_in_its_thread_in_order(inbox: Inbox) -> None:
    await inbox.services.tenancy.bind_channel(inbox.shop.act("owner"), Purpose.CONVERSATIONS, 77)
    found = await inbox.receive("hola", "precio?")
    await inbox.answer(found)
    sql = "SELECT kind, subject_id FROM outbound_messages WHERE lane = $1 ORDER BY position"
    rows = await inbox.rows(sql, f"conversation:{found.id}")
    messages = await inbox.messages(found)
    mirrored = [row["subject_id"] for row in rows if row["kind"] == "conversation.message"]
    assert mirrored == [message.id for message in messages]


async def test_without_any_channel_nothing_is_written_for_a_thread(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    await inbox.answer(found)
    sql = "SELECT count(*) FROM outbound_messages WHERE lane = $1"
    assert await inbox.value(sql, f"conversation:{found.id}") == 0
    await inbox.services.tenancy.bind_channel(inbox.shop.act("owner"), Purpose.LOG, 78)
    await inbox.receive("sigo aquí")
    assert await inbox.value(sql, f"conversation:{found.id}") == 2


async def test_first_message_makes_a_lead_that_the_answer_moves_on(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    details = await inbox.conversations.details(inbox.system, found.number)
    assert (details.lead_number, details.lead_stage) == (1, "new")
    await inbox.answer(found)
    details = await inbox.conversations.details(inbox.system, found.number)
    assert details.lead_stage == "contacted"

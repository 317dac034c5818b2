"""What staff does with conversations, each once, by who may, and only where it fits."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from domain.conversations.dto import Author, ConversationState, Direction, Option, Outgoing
from domain.conversations.inbound import MessageKind
from domain.conversations.settings import AgentChange
from domain.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from tests.fixtures.inbox import Inbox


async def test_reply_takes_over_and_is_sent_once_per_command(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    seller = inbox.shop.act("seller")
    first, again = await asyncio.gather(
        inbox.conversations.reply(seller, found.id, Outgoing("Hola")),
        inbox.conversations.reply(seller, found.id, Outgoing("Hola")),
    )
    assert first.id == again.id
    after = await inbox.conversation(found.id)
    assert (after.state, after.owner_id) == (ConversationState.HUMAN, seller.member_id)
    assert after.human_until == inbox.clock.now() + timedelta(hours=24)
    assert await inbox.deliver(found) == 1
    assert len(await inbox.notices("taken_over")) == 1
    assert first.author is Author.MEMBER


async def test_reply_longer_than_one_message_of_whatsapp_is_refused_and_changes_nothing(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    with pytest.raises(InvalidInput, match="too_long") as refused:
        await inbox.conversations.reply(inbox.shop.act("seller"), found.id, Outgoing("a" * 3501))
    assert refused.value.params["limit"] == 3500
    assert (await inbox.conversation(found.id)).state is ConversationState.BOT
    assert await inbox.said() == []


async def test_every_action_again_with_its_command_changes_nothing(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    conversations, ana = inbox.conversations, inbox.shop.people["ana"].member_id
    actions: tuple[tuple[Any, tuple[object, ...]], ...] = (
        (conversations.take_over, ()), (conversations.give_back, ()), (conversations.assign, (ana,)),
        (conversations.snooze, (inbox.until(2),)), (conversations.close, ()), (conversations.reopen, ()),
    )  # fmt: skip
    for action, more in actions:
        actor, notices = inbox.shop.act("seller"), len(await inbox.notices())
        first = await action(actor, found.id, *more)
        assert await action(actor, found.id, *more) == first
        assert len(await inbox.notices()) == notices + 1
    assert [notice["what"] for notice in await inbox.notices()] == [
        "taken_over", "given_back", "assigned", "snoozed", "closed", "reopened"
    ]  # fmt: skip
    assert await inbox.value("SELECT count(*) FROM audit_log WHERE subject = 'conversation 1'") == 6


async def test_wrong_states_are_refused_and_change_nothing(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    conversations, act = inbox.conversations, inbox.shop.act
    with pytest.raises(Conflict, match="is_bot"):
        await conversations.give_back(act("seller"), found.id)
    with pytest.raises(Conflict, match="is_open"):
        await conversations.reopen(act("seller"), found.id)
    with pytest.raises(InvalidInput, match="snooze"):
        await conversations.snooze(act("seller"), found.id, inbox.clock.now())
    with pytest.raises(NotFound, match="unknown_member"):
        await conversations.assign(act("seller"), found.id, found.contact_id)
    closed = await conversations.close(act("seller"), found.id)
    for refused in (
        conversations.close(act("seller"), found.id),
        conversations.take_over(act("seller"), found.id),
        conversations.give_back(act("seller"), found.id),
        conversations.snooze(act("seller"), found.id, inbox.until(1)),
        conversations.reply(act("seller"), found.id, Outgoing("hola")),
    ):
        with pytest.raises(Conflict, match="is_closed"):
            await refused
    assert await inbox.conversation(found.id) == closed


@pytest.mark.parametrize("who", ["ana", "viewer"])
async def test_boosters_and_viewers_may_not(inbox: Inbox, who: str) -> None:
    found = await inbox.receive("hola")
    conversations, actor = inbox.conversations, inbox.shop.act(who)
    for refused in (
        conversations.details(actor, found.id),
        conversations.list(actor),
        conversations.transcript(actor, found.id),
        conversations.reply(actor, found.id, Outgoing("x")),
        conversations.take_over(actor, found.id),
        conversations.note(actor, found.id, "x"),
        conversations.save_canned(actor, "x", "y"),
        conversations.change_settings(actor, AgentChange(is_on=False)),
        conversations.trace(actor, found.id, 1),
    ):
        with pytest.raises(PermissionDenied):
            await refused


async def test_reply_outside_the_window_is_refused_visibly(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    inbox.clock.advance(timedelta(hours=24))
    with pytest.raises(Conflict, match="window_closed"):
        await inbox.conversations.reply(inbox.shop.act("seller"), found.id, Outgoing("hola"))
    assert (await inbox.conversation(found.id)).state is ConversationState.BOT


async def test_conversation_with_a_newer_one_stays_closed(inbox: Inbox) -> None:
    first = await inbox.receive("hola")
    await inbox.conversations.close(inbox.shop.act("seller"), first.id)
    inbox.clock.advance(timedelta(hours=100))
    await inbox.receive("hola")
    with pytest.raises(Conflict, match="has_live"):
        await inbox.conversations.reopen(inbox.shop.act("seller"), first.id)


async def test_reopening_and_a_message_at_once_leave_one_live_conversation(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    for _ in range(5):
        await inbox.conversations.close(inbox.shop.act("seller"), found.id)
        await inbox.store(inbox.message("soy yo"))
        await asyncio.gather(
            inbox.take(), inbox.conversations.reopen(inbox.shop.act("seller"), found.id), return_exceptions=True
        )
        assert await inbox.value("SELECT count(*) FROM conversations WHERE state <> 'closed'") == 1


async def test_silence_and_snooze_end_by_themselves_with_a_notice(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    await inbox.conversations.take_over(inbox.shop.act("seller"), found.id)
    await inbox.conversations.snooze(inbox.shop.act("seller"), found.id, inbox.until(3))
    assert await inbox.conversations.end_silences(inbox.tenant_id, "job:1") == 0
    inbox.clock.advance(timedelta(hours=3))
    assert await inbox.conversations.end_silences(inbox.tenant_id, "job:2") == 1
    assert (await inbox.conversation(found.id)).state is ConversationState.HUMAN
    inbox.clock.advance(timedelta(hours=21))
    await inbox.conversations.end_silences(inbox.tenant_id, "job:3")
    assert (await inbox.conversation(found.id)).state is ConversationState.BOT
    assert [notice["what"] for notice in await inbox.notices()][-2:] == ["snooze_over", "silence_over"]


async def test_what_nobody_answered_in_the_silence_is_answered_with_the_message_that_ends_it(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    await inbox.conversations.reply(inbox.shop.act("seller"), found.id, Outgoing("Soy Ana."))
    inbox.clock.advance(timedelta(hours=23))
    await inbox.receive("¿siguen ahí?")
    inbox.clock.advance(timedelta(hours=1, minutes=1))
    after = await inbox.receive("¿hola?")
    turn = await inbox.begin(after)
    assert [message.body for message in turn.unanswered] == ["¿siguen ahí?", "¿hola?"]


async def test_message_after_the_silence_is_answered_even_before_the_clock(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    await inbox.conversations.take_over(inbox.shop.act("seller"), found.id)
    jobs = inbox.wake_count
    inbox.clock.advance(timedelta(hours=24))
    after = await inbox.receive("hay alguien?")
    assert after.state is ConversationState.BOT
    assert inbox.wake_count == jobs + 1


async def test_note_is_kept_once_and_never_sent(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    for _ in range(2):
        note = await inbox.conversations.note(inbox.shop.act("seller"), found.id, "Careful with this one", 777)
    assert (note.direction, note.state) == (Direction.NOTE, "noted")
    assert len(await inbox.messages(found)) == 2
    assert await inbox.deliver(found) == 0


async def test_conversation_is_found_by_thread_name_and_number(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    async with inbox.db.tx(inbox.system) as tx:
        sql = "INSERT INTO posted_cards VALUES ($1, 'conversation.card', $2, 555, 556)"
        await tx.run(sql, inbox.tenant_id, found.id)
    seller = inbox.shop.act("seller")
    assert (await inbox.conversations.by_thread(seller, 555)).id == found.id
    with pytest.raises(NotFound, match="unknown_thread"):
        await inbox.conversations.by_thread(seller, 556)
    for text in ("", "C-1", "1", "#1", "le"):
        assert [one.conversation.number for one in await inbox.conversations.suggest(seller, text)] == [1], text
    assert await inbox.conversations.suggest(seller, "nobody\x00") == ()
    page = await inbox.conversations.list(seller)
    assert [(one.contact.name, one.lead_number) for one in page.rows] == [("Lea", 1)]
    assert (await inbox.conversations.list(seller, ConversationState.CLOSED, 99)).rows == ()


async def test_canned_answers_are_saved_changed_and_deleted(inbox: Inbox) -> None:
    seller = inbox.shop.act("seller")
    await inbox.conversations.save_canned(seller, "  Precios ", "Desde 20 USD")
    await inbox.conversations.save_canned(seller, "precios", "Desde 25 USD")
    assert [(one.name, one.body) for one in await inbox.conversations.canned(seller)] == [("precios", "Desde 25 USD")]
    await inbox.conversations.delete_canned(seller, "PRECIOS")
    with pytest.raises(NotFound, match="canned_unknown"):
        await inbox.conversations.delete_canned(seller, "precios")
    with pytest.raises(InvalidInput, match="canned_name"):
        await inbox.conversations.save_canned(seller, "@everyone", "x")


async def test_transcript_tells_everything_in_the_shops_zone(inbox: Inbox) -> None:
    question = inbox.message("de P4 a D4?")
    found = await inbox.receive(question)
    await inbox.conversations.note(inbox.shop.act("seller"), found.id, "Old client")
    await inbox.conversations.reply(
        inbox.shop.act("seller"), found.id, Outgoing("45 USD", reply_to=question.provider_id)
    )
    text = await inbox.conversations.transcript(inbox.shop.act("seller"), found.id)
    assert text.splitlines() == [
        "Conversation C-1 of Nova Boost with Lea (times in Europe/Madrid)",
        "",
        "[2026-11-20 18:00] Lea: de P4 a D4?",
        "[2026-11-20 18:00] NOTE by Seller, not sent: Old client",
        "[2026-11-20 18:00] Seller: 45 USD",
        "    answers: “de P4 a D4?”",
    ]


async def test_transcript_tells_what_was_sent_instead_of_words_and_what_could_be_chosen(inbox: Inbox) -> None:
    place = {"place": {"latitude": 40.4, "longitude": -3.7, "name": "Casa"}}
    answers = {"answers": {"division": "Oro", "flow_token": "t-1"}, "name": "flow"}
    found = await inbox.receive(
        inbox.message("", kind=MessageKind.LOCATION, content=place),
        inbox.message("Sent", kind=MessageKind.FLOW_ANSWER, content=answers),
    )
    asked = Outgoing("Which?", (Option("a", "This one"), Option("b", "The other")))
    await inbox.conversations.reply(inbox.shop.act("seller"), found.id, asked)
    text = await inbox.conversations.transcript(inbox.shop.act("seller"), found.id)
    assert text.splitlines()[2:] == [
        "[2026-11-20 18:00] Lea: (Place) Name: Casa, Latitude: 40.4, Longitude: -3.7",
        "[2026-11-20 18:00] Lea: Sent (Form) division: Oro",
        "[2026-11-20 18:00] Seller: Which? [This one] [The other]",
    ]


async def test_settings_are_checked_and_audited(inbox: Inbox) -> None:
    owner = inbox.shop.act("owner")
    changed = await inbox.conversations.change_settings(owner, AgentChange(persona="Warm", silence_hours=12))
    assert (changed.persona, changed.silence_hours, changed.is_on) == ("Warm", 12, True)
    assert await inbox.conversations.settings(owner) == changed
    for wrong in (AgentChange(silence_hours=0), AgentChange(privacy_url="javascript:x"), AgentChange(scope="x" * 2001)):
        with pytest.raises(InvalidInput):
            await inbox.conversations.change_settings(owner, wrong)
    assert await inbox.value("SELECT count(*) FROM audit_log WHERE action = 'agent.change'") == 1


async def test_shops_reaction_is_sent_and_shown_on_the_message(inbox: Inbox) -> None:
    message = inbox.message("gracias")
    found = await inbox.receive(message)
    outgoing = Outgoing(reaction="❤️", reply_to=message.provider_id)
    await inbox.conversations.reply(inbox.shop.act("seller"), found.id, outgoing)
    (shown,) = await inbox.messages(found)
    assert shown.reactions == {"shop": "❤️"}
    assert await inbox.deliver(found) == 1


async def test_what_nobody_answered_in_the_silence_is_answered_at_once_after_give_back(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    await inbox.conversations.reply(inbox.shop.act("seller"), found.id, Outgoing("dime"))
    await inbox.receive("cuánto cuesta de P4 a D4?", "y cuánto tarda?")
    await inbox.conversations.note(inbox.shop.act("seller"), found.id, "I have to go")
    jobs = inbox.wake_count
    await inbox.conversations.give_back(inbox.shop.act("seller"), found.id)
    assert inbox.wake_count == jobs + 1
    turn = await inbox.begin(found, after_s=0)
    assert [message.body for message in turn.unanswered] == ["cuánto cuesta de P4 a D4?", "y cuánto tarda?"]
    assert turn.is_return


async def test_what_was_closed_unanswered_is_answered_at_once_when_it_is_opened_again(inbox: Inbox) -> None:
    found = await inbox.receive("cuánto cuesta de P4 a D4?")
    await inbox.conversations.take_over(inbox.shop.act("seller"), found.id)
    await inbox.conversations.close(inbox.shop.act("seller"), found.id)
    jobs = inbox.wake_count
    await inbox.conversations.reopen(inbox.shop.act("seller"), found.id)
    assert inbox.wake_count == jobs + 1
    turn = await inbox.begin(found, after_s=0)
    assert [message.body for message in turn.unanswered] == ["cuánto cuesta de P4 a D4?"]


async def test_what_a_human_answered_stays_answered_and_old_questions_stay_unanswered(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    await inbox.conversations.reply(inbox.shop.act("seller"), found.id, Outgoing("dime"))
    jobs = inbox.wake_count
    await inbox.conversations.give_back(inbox.shop.act("seller"), found.id)
    assert inbox.wake_count == jobs
    assert (await inbox.conversation(found.id)).waiting_since is None
    await inbox.conversations.take_over(inbox.shop.act("seller"), found.id)
    await inbox.receive("sigues ahí?")
    inbox.clock.advance(timedelta(hours=23, minutes=59))
    await inbox.conversations.take_over(inbox.shop.act("seller"), found.id)
    inbox.clock.advance(timedelta(minutes=2))
    await inbox.conversations.give_back(inbox.shop.act("seller"), found.id)
    assert inbox.wake_count == jobs


async def test_silence_that_ends_by_itself_leaves_no_question_behind(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    await inbox.conversations.take_over(inbox.shop.act("seller"), found.id)
    inbox.clock.advance(timedelta(hours=20))
    await inbox.receive("precio?")
    inbox.clock.advance(timedelta(hours=4))
    await inbox.conversations.end_silences(inbox.tenant_id, "job:1")
    turn = await inbox.begin(found, after_s=0)
    assert [message.body for message in turn.unanswered] == ["hola", "precio?"]


async def test_first_human_words_after_the_assistant_say_whose_they_are(inbox: Inbox) -> None:
    found = await inbox.receive("Hola, ¿cuánto cuesta subir?")
    await inbox.answer(found, "45 USD")
    await inbox.conversations.reply(inbox.shop.act("seller"), found.id, Outgoing("Empezamos hoy"))
    await inbox.conversations.reply(inbox.shop.act("seller"), found.id, Outgoing("¿Te va bien?"))
    assert (await inbox.said())[1:] == ["Seller, de Nova Boost:\nEmpezamos hoy", "¿Te va bien?"]
    await inbox.conversations.give_back(inbox.shop.act("seller"), found.id)
    await inbox.receive("sí")
    await inbox.answer(found, "Bien")
    await inbox.conversations.reply(inbox.shop.act("seller"), found.id, Outgoing("Hola, soy seller"))
    assert (await inbox.said())[-1] == "Hola, soy seller"

"""Turns are begun once, answered once, and void when somebody was faster."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain.conversations.dto import Conversation, ConversationState, Outgoing
from domain.conversations.inbound import PhoneEcho
from domain.conversations.settings import AgentChange
from domain.conversations.turn_dto import TurnEnd, TurnStart
from tests.fixtures.inbox import TRACE, Inbox

ANSWER = [Outgoing("The answer.")]


async def test_turn_waits_until_the_contact_is_quiet(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    due = await inbox.conversations.begin_turn(inbox.tenant_id, found.id, "job:1")
    assert due == inbox.clock.now() + timedelta(seconds=1.5)
    assert inbox.wake_count == 1
    inbox.clock.advance(timedelta(seconds=1))
    await inbox.receive("otra cosa")
    inbox.clock.advance(timedelta(seconds=1))
    assert isinstance(await inbox.conversations.begin_turn(inbox.tenant_id, found.id, "job:1"), datetime)
    inbox.clock.advance(timedelta(seconds=0.5))
    assert isinstance(await inbox.conversations.begin_turn(inbox.tenant_id, found.id, "job:1"), TurnStart)


async def test_contact_who_never_pauses_is_answered_after_eight_seconds(inbox: Inbox) -> None:
    found = await inbox.receive("1")
    for _ in range(8):
        inbox.clock.advance(timedelta(seconds=1))
        await inbox.receive("and")
    assert isinstance(await inbox.conversations.begin_turn(inbox.tenant_id, found.id, "job:1"), TurnStart)


async def test_same_job_again_takes_over_from_itself(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    dead = await inbox.begin(found, "job:7")
    alive = await inbox.begin(found, "job:7", after_s=0)
    assert alive.turn_id != dead.turn_id
    assert await inbox.conversations.commit_reply(alive, ANSWER, TRACE) is TurnEnd.REPLIED
    assert await inbox.conversations.commit_reply(dead, ANSWER, TRACE) is TurnEnd.SUPERSEDED
    assert await inbox.said() == ["The answer."]


async def test_another_job_waits_for_the_turn_at_work_and_takes_over_a_dead_one(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    turn = await inbox.begin(found, "job:1")
    again = await inbox.conversations.begin_turn(inbox.tenant_id, found.id, "job:2")
    assert again == turn.started_at + timedelta(seconds=15)
    inbox.clock.advance(timedelta(seconds=10))
    await inbox.conversations.keep_turns(inbox.tenant_id, [found.id], "job:1")
    again = await inbox.conversations.begin_turn(inbox.tenant_id, found.id, "job:2")
    assert again == turn.started_at + timedelta(seconds=25), "it is still at work"
    taken = await inbox.begin(found, "job:2", after_s=15)
    assert await inbox.conversations.commit_reply(turn, ANSWER, TRACE) is TurnEnd.SUPERSEDED
    assert await inbox.conversations.commit_reply(taken, ANSWER, TRACE) is TurnEnd.REPLIED


async def test_newer_message_makes_the_answer_void_and_one_turn_answers_both(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    turn = await inbox.begin(found)
    await inbox.receive("de P4 a D4")
    assert await inbox.conversations.commit_reply(turn, ANSWER, TRACE) is TurnEnd.SUPERSEDED
    assert await inbox.said() == []
    second = await inbox.begin(found, "job:2")
    assert [message.body for message in second.unanswered] == ["hola", "de P4 a D4"]
    assert await inbox.conversations.commit_reply(second, ANSWER, TRACE) is TurnEnd.REPLIED


async def test_who_has_waited_long_gets_the_first_answer_and_then_the_next(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    turn = await inbox.begin(found)
    inbox.clock.advance(timedelta(seconds=9))
    await inbox.receive("y otra cosa")
    assert isinstance(await inbox.conversations.begin_turn(inbox.tenant_id, found.id, "job:2"), datetime)
    assert await inbox.conversations.commit_reply(turn, ANSWER, TRACE) is TurnEnd.REPLIED
    second = await inbox.begin(found, "job:2")
    assert [message.body for message in second.unanswered] == ["y otra cosa"]


async def test_a_human_reply_during_the_turn_silences_it(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    turn = await inbox.begin(found)
    await inbox.conversations.reply(inbox.shop.act("seller"), found.id, Outgoing("Soy Sole."))
    assert await inbox.conversations.commit_reply(turn, ANSWER, TRACE) is TurnEnd.SILENCED
    assert await inbox.conversations.hand_off(turn, "r", "s", "t", TRACE) is TurnEnd.SILENCED
    assert await inbox.said() == ["Soy Sole."]
    assert (await inbox.conversation(found.id)).state is ConversationState.HUMAN


async def test_human_and_agent_at_once_never_both_answer_after_the_takeover(inbox: Inbox) -> None:
    for number in range(8):
        found = await inbox.receive(inbox.message("hola", wa_id=f"3460011{number:04}"), lane=str(number))
        turn = await inbox.begin(found, f"job:{number}")
        end, _ = await asyncio.gather(
            inbox.conversations.commit_reply(turn, ANSWER, TRACE),
            inbox.conversations.reply(inbox.shop.act("seller"), found.id, Outgoing("Human.")),
        )
        # After the assistant's answer the colleague is introduced, on a line before their words.
        bodies = [message.body.split("\n")[-1] for message in await inbox.messages(found)]
        expected = ["hola", "The answer.", "Human."] if end is TurnEnd.REPLIED else ["hola", "Human."]
        assert bodies == expected


async def test_two_turns_at_once_answer_once(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    inbox.clock.advance(timedelta(seconds=2))

    async def work(key: str) -> TurnEnd | None:
        turn = await inbox.conversations.begin_turn(inbox.tenant_id, found.id, key)
        if not isinstance(turn, TurnStart):
            return None
        end: TurnEnd = await inbox.conversations.commit_reply(turn, ANSWER, TRACE)
        return end

    ends = await asyncio.gather(*(work(f"job:{number}") for number in range(6)))
    assert ends.count(TurnEnd.REPLIED) == 1
    assert await inbox.said() == ["The answer."]


async def test_ending_a_turn_again_returns_how_it_ended(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    turn = await inbox.answer(found)
    assert await inbox.conversations.commit_reply(turn, ANSWER, TRACE) is TurnEnd.REPLIED
    assert await inbox.said() == ["Hello."]
    assert await inbox.value("SELECT sum(token_count) FROM agent_usage WHERE scope LIKE 'shop:%'") == 120


@pytest.mark.parametrize("what", ["stop", "block", "snooze", "off", "window", "close", "echo"])
async def test_answer_is_not_said_when_it_is_not_wanted_any_more(inbox: Inbox, what: str) -> None:
    found = await inbox.receive("hola")
    turn = await inbox.begin(found)
    await _happens(inbox, found, what)
    assert await inbox.conversations.commit_reply(turn, ANSWER, TRACE) is TurnEnd.SILENCED
    assert "The answer." not in await inbox.said()
    assert await inbox.conversations.begin_turn(inbox.tenant_id, found.id, "job:9") is None


@pytest.mark.parametrize("what", ["stop", "block", "snooze", "off", "window", "close", "echo"])
async def test_turn_is_not_begun_when_it_is_not_the_agents(inbox: Inbox, what: str) -> None:
    found = await inbox.receive("hola")
    await _happens(inbox, found, what)
    inbox.clock.advance(timedelta(seconds=3))
    assert await inbox.conversations.begin_turn(inbox.tenant_id, found.id, "job:1") is None
    assert (await inbox.conversation(found.id)).waiting_since is None


async def _happens(inbox: Inbox, found: Conversation, what: str) -> None:
    act, conversations = inbox.shop.act("owner"), inbox.conversations
    match what:
        case "stop":
            await inbox.receive("STOP")
        case "block":
            await inbox.services.contacts.block(act, found.contact_id)
        case "snooze":
            await conversations.snooze(act, found.id, inbox.until(3))
        case "off":
            await conversations.change_settings(act, AgentChange(is_on=False))
        case "window":
            inbox.clock.advance(timedelta(hours=23, minutes=56))
        case "close":
            await conversations.close(act, found.id)
        case "echo":
            await inbox.receive(PhoneEcho(replace(inbox.message("yo"), provider_id="wamid.echo.1")))


@pytest.mark.parametrize("is_begun", [True, False], ids=["while it is answered", "before it is answered"])
async def test_staff_hears_of_a_message_that_the_assistant_was_switched_off_over(inbox: Inbox, is_begun: bool) -> None:
    found = await inbox.receive("hola")
    turn = await inbox.begin(found) if is_begun else None
    await inbox.conversations.change_settings(inbox.shop.act("owner"), AgentChange(is_on=False))
    if turn is not None:
        assert await inbox.conversations.commit_reply(turn, ANSWER, TRACE) is TurnEnd.SILENCED
    inbox.clock.advance(timedelta(seconds=3))
    assert await inbox.conversations.begin_turn(inbox.tenant_id, found.id, "job:9") is None
    assert await inbox.notices("left_unanswered") == [{"what": "left_unanswered"}]
    await inbox.receive("sigo aquí")
    assert len(await inbox.notices("left_unanswered")) == 1, "from here on staff knows that it answers nobody"


async def test_hand_off_says_its_text_silences_the_agent_and_calls_the_staff(inbox: Inbox) -> None:
    found = await inbox.receive("quiero una persona")
    turn = await inbox.begin(found)
    end = await inbox.conversations.hand_off(turn, "asked_for_person", "Wants a person.", "Un momento.", TRACE)
    assert end is TurnEnd.HANDED_OFF
    after = await inbox.conversation(found.id)
    assert (after.state, after.handoff_reason) == (ConversationState.HUMAN, "asked_for_person")
    assert after.human_until == inbox.clock.now() + timedelta(hours=24)
    assert await inbox.said() == ["Un momento."]
    assert await inbox.notices("handed_off") == [
        {"what": "handed_off", "reason": "asked_for_person", "summary": "Wants a person."}
    ]


async def test_trace_and_budget_are_kept_of_every_turn(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    turn = await inbox.answer(found)
    actor = inbox.shop.act("seller")
    record = await inbox.conversations.trace(actor, found.id, turn.turn_number)
    assert (record.state, record.trace.model, record.conversation_number) == ("replied", "scripted", 1)
    assert [one.number for one in await inbox.conversations.turns(actor, found.id)] == [1]
    limits = AgentChange(contact_day_token_limit=150)
    await inbox.conversations.change_settings(inbox.shop.act("owner"), limits)
    found = await inbox.receive("y hoy?")
    assert (await inbox.begin(found, "job:2")).brief.allowance.tokens == 30
    await inbox.conversations.change_settings(inbox.shop.act("owner"), AgentChange(tenant_day_cost_limit_micros=50))
    assert (await inbox.begin(found, "job:2")).brief.allowance.is_spent


async def test_abandoned_turn_says_nothing_and_what_came_since_is_answered(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    turn = await inbox.begin(found)
    await inbox.receive("sigo aquí")
    await inbox.conversations.abandon(turn, TurnEnd.FAILED, TRACE)
    second = await inbox.begin(found, "job:2")
    assert [message.body for message in second.unanswered] == ["sigo aquí"]

"""What happens while the model thinks decides what becomes of its answer."""

import asyncio

from domain.conversations.dto import Outgoing
from domain.conversations.inbound import ReceivedEdit, ReceivedMessage
from tests.fixtures.inbox import Inbox, open_inbox
from tests.fixtures.shop import found_shop
from tests.integration.agent.house import House, build_house, open_openai

ASKED = "hola, de E4 a D1 cuánto cuesta?"


async def test_a_human_who_answers_meanwhile_is_not_talked_over(house: House, inbox: Inbox) -> None:
    found = await inbox.receive(ASKED)
    seller = inbox.shop.act("seller")
    house.during_call(lambda: inbox.conversations.reply(seller, found.id, Outgoing("Te atiendo yo.")))
    await house.take(found)
    assert await inbox.said() == ["Te atiendo yo."]
    assert (await house.turn())["state"] == "silenced"


async def test_a_human_who_takes_over_meanwhile_silences_it(house: House, inbox: Inbox) -> None:
    found = await inbox.receive(ASKED)
    house.during_call(lambda: inbox.conversations.take_over(inbox.shop.act("seller"), found.id))
    await house.take(found)
    assert await inbox.said() == []
    assert (await house.turn())["state"] == "silenced"


async def test_stop_meanwhile_is_the_last_word(house: House, inbox: Inbox) -> None:
    found = await inbox.receive(ASKED)
    house.during_call(lambda: inbox.receive("STOP"))
    await house.take(found)
    said = await inbox.said()
    assert len(said) == 1  # the confirmation
    assert "185" not in said[0]
    assert (await house.turn())["state"] == "silenced"


async def test_a_block_meanwhile_silences_it(house: House, inbox: Inbox) -> None:
    found = await inbox.receive(ASKED)
    house.during_call(lambda: inbox.services.contacts.block(inbox.shop.act("dispatcher"), found.contact_id))
    await house.take(found)
    assert await inbox.said() == []


async def test_switching_it_off_meanwhile_silences_it(house: House, inbox: Inbox) -> None:
    found = await inbox.receive(ASKED)
    house.during_call(lambda: house.change(is_on=False))
    await house.take(found)
    assert await inbox.said() == []


async def test_newer_fragments_are_answered_together_and_once(house: House, inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    house.during_call(lambda: inbox.receive("de E4 a D1 cuánto cuesta?"))
    await house.take(found)
    assert await inbox.said() == []
    assert (await house.turn())["state"] == "superseded"
    await house.take(found)
    said = await inbox.said()
    assert len(said) == 2
    assert "185" in said[-1]


async def test_a_question_changed_meanwhile_is_answered_as_it_stands_then(house: House, inbox: Inbox) -> None:
    message = inbox.message(ASKED)
    found = await inbox.receive(message)
    house.during_call(lambda: inbox.receive(_edit(inbox, message, "hola, de P4 a D4 cuánto cuesta?")))
    await house.take(found)
    assert await inbox.said() == []
    await house.take(found)
    assert "P4 a D4" in (await inbox.said())[-1]


async def test_a_question_changed_afterwards_is_answered_again(house: House, inbox: Inbox) -> None:
    message = inbox.message(ASKED)
    await house.ask(message)
    house.openai.forget()
    said = await house.ask(_edit(inbox, message, "hola, de P4 a D4 cuánto cuesta?"))
    assert len(said) == 1
    assert "P4 a D4" in said[0]
    assert "client text changed after it was answered" in house.openai.sent_texts()[0]


def _edit(inbox: Inbox, message: ReceivedMessage, text: str) -> ReceivedEdit:
    return ReceivedEdit(message.sender, "wamid.edit", message.provider_id, text, inbox.clock.now())


async def test_a_turn_that_died_is_taken_again_and_answered_once(house: House, inbox: Inbox) -> None:
    found = await inbox.receive(ASKED)
    house.openai.faults.never()
    dying = asyncio.create_task(house.take(found, job_key="job"))
    await house.openai.wait_until(lambda: house.call_count == 1)
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    house.openai.faults.clear()
    await house.take(found, job_key="job")
    said = await inbox.said()
    assert len(said) == 2
    assert "185" in said[-1]
    states = [row["state"] for row in await inbox.rows("SELECT state FROM agent_turns ORDER BY number")]
    assert states == ["superseded", "replied"]


async def test_a_turn_that_always_dies_ends_with_a_person(house: House, inbox: Inbox) -> None:
    found = await inbox.receive(ASKED)
    for _ in range(3):
        house.openai.forget()
        house.openai.faults.never()
        dying = asyncio.create_task(house.take(found, job_key="job"))
        await house.openai.wait_until(lambda: house.call_count == 1)
        dying.cancel()
        await asyncio.gather(dying, return_exceptions=True)
    house.openai.faults.clear()
    await house.take(found, job_key="job")
    assert (await inbox.latest()).handoff_reason == "unavailable"
    assert len(await inbox.said()) == 1


async def test_two_workers_with_the_same_turn_answer_once(house: House, inbox: Inbox) -> None:
    found = await inbox.receive(ASKED)
    house.inbox.clock.advance(inbox.until(1) - inbox.clock.now())
    await asyncio.gather(*(house.turns.take_turn(inbox.tenant_id, found.id, f"job:{n}") for n in range(4)))
    assert len(await inbox.said()) == 2


async def test_one_person_writing_to_two_shops_gets_two_separate_answers(inbox: Inbox) -> None:
    from contextlib import AsyncExitStack

    from sandbox.openai import SalesModel

    other_shop = await found_shop(inbox.db, inbox.clock, guild_id=2002, name="Other Shop")
    other = await open_inbox(inbox.db, inbox.clock, other_shop, phone_number_id="2066")
    async with AsyncExitStack() as stack:
        openai, client = await open_openai(SalesModel(), stack)
        here, there = build_house(inbox, openai, client), build_house(other, openai, client)
        await here.change(persona="Here we whisper.")
        await asyncio.gather(here.ask(ASKED), there.ask("hola, de P4 a D4?"))
        sent = openai.sent_texts()
    for text in sent:
        assert ("Nova Boost" in text) != ("Other Shop" in text)
        assert ("whisper" in text) == ("Nova Boost" in text)
        assert ("P4 a D4" in text) == ("Other Shop" in text)
    assert "185" in (await inbox.said())[-1]
    assert "185" not in "".join(await other.said())

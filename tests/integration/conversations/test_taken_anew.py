"""Who once had a conversation does not have it for ever."""

from datetime import timedelta

from domain.conversations.inbound import PhoneEcho
from tests.fixtures.inbox import Inbox


async def test_given_back_and_then_answered_from_the_phone_it_is_taken_anew(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    await inbox.conversations.take_over(inbox.shop.act("seller"), found.id)
    await inbox.conversations.give_back(inbox.shop.act("seller"), found.id)
    await inbox.receive(PhoneEcho(inbox.message("soy Olivia")))
    assert (await inbox.conversations.take_over(inbox.shop.act("seller"), found.id)).is_new
    assert not (await inbox.conversations.take_over(inbox.shop.act("seller"), found.id)).is_new
    assert len(await inbox.notices("taken_over")) == 2


async def test_after_a_silence_that_ended_and_an_answer_from_the_phone_it_is_taken_anew(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    await inbox.conversations.take_over(inbox.shop.act("seller"), found.id)
    inbox.clock.advance(timedelta(hours=25))
    await inbox.conversations.end_silences(inbox.tenant_id, "clock:1")
    await inbox.receive(PhoneEcho(inbox.message("soy Olivia")))
    assert (await inbox.conversations.take_over(inbox.shop.act("seller"), found.id)).is_new
    inbox.clock.advance(timedelta(hours=23))
    assert not (await inbox.conversations.take_over(inbox.shop.act("seller"), found.id)).is_new
    inbox.clock.advance(timedelta(hours=23))
    assert not (await inbox.conversations.take_over(inbox.shop.act("seller"), found.id)).is_new, "it was prolonged"
    assert len(await inbox.notices("taken_over")) == 2

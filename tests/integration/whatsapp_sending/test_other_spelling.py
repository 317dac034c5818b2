"""A number nobody has, as WhatsApp says after it took the message, is tried once under its other spelling."""

from datetime import timedelta

import pytest

from domain.conversations.inbound import StatusUpdate
from domain.kernel.db import Row
from sandbox.whatsapp import Phone
from tests.integration.whatsapp_sending.loop import Loop

LATER = timedelta(minutes=2)
NOBODY = ({"code": 131026, "title": "Message undeliverable"},)


async def _person(loop: Loop, wa_id: str, known_as: str) -> Phone:
    """Somebody who wrote, and whose number we know in another spelling."""
    phone = loop.whatsapp.add_phone(wa_id, name="Bia")
    await phone.write(loop.number, "oi")
    await loop.run()
    found = await loop.conversation()
    async with loop.services.db.tx(loop.actor) as tx:
        await tx.run("UPDATE conversations SET reply_channel_id = $2 WHERE id = $1", found.id, known_as)
    return phone


async def _run(loop: Loop) -> None:
    for _ in range(3):
        await loop.run()
        loop.clock.advance(LATER)


async def _outbox(loop: Loop) -> list[Row]:
    async with loop.services.db.tx(loop.actor) as tx:
        sql = "SELECT id, state, provider_ref, subject_id FROM outbound_messages WHERE channel = 'whatsapp'"
        return list(await tx.rows(f"{sql} ORDER BY position"))


@pytest.mark.parametrize(
    ("wa_id", "known_as"),
    [("551187654321", "5511987654321"), ("5511987654321", "551187654321"), ("5215512345678", "525512345678"),
     ("541155556666", "5491155556666")],
)  # fmt: skip
@pytest.mark.parametrize("is_early", [False, True])
async def test_what_failed_later_arrives_under_the_other_spelling(
    loop: Loop, wa_id: str, known_as: str, is_early: bool
) -> None:
    phone = await _person(loop, wa_id, known_as)
    loop.whatsapp.statuses.are_before_answer = is_early
    loop.whatsapp.faults.fail_later(131026)
    await loop.say("olá")
    await _run(loop)
    assert [message.text for message in phone.inbox] == ["olá"]
    assert [state for _, state in await loop.said()] == ["read"]
    assert loop.whatsapp.counts["messages"] == 2
    assert "not_sent" not in await loop.notices()


async def test_when_nobody_is_there_either_it_fails_after_two_messages(loop: Loop) -> None:
    phone = await _person(loop, "551187654321", "5511987654321")
    loop.whatsapp.faults.fail_later(131026, times=None)
    await loop.say("olá")
    await _run(loop)
    assert [state for _, state in await loop.said()] == ["failed"]
    assert (loop.whatsapp.counts["messages"], phone.inbox) == (2, [])
    assert (await loop.notices()).count("not_sent") == 1


async def test_when_the_other_spelling_is_refused_at_once_the_first_is_not_tried_again(loop: Loop) -> None:
    await _person(loop, "551187654321", "5511987654321")
    loop.whatsapp.faults.fail_later(131026)
    loop.whatsapp.faults.fail("messages", 131026, to="551187654321")
    await loop.say("olá")
    await _run(loop)
    assert [state for _, state in await loop.said()] == ["failed"]
    assert loop.whatsapp.counts["messages"] == 2


@pytest.mark.parametrize("known_as", ["34600111222", "541155556666"])
async def test_a_number_with_one_spelling_fails_at_once(loop: Loop, known_as: str) -> None:
    await _person(loop, known_as, known_as)
    loop.whatsapp.faults.fail_later(131026)
    await loop.say("hola")
    await _run(loop)
    assert [state for _, state in await loop.said()] == ["failed"]
    assert loop.whatsapp.counts["messages"] == 1


async def test_the_same_failure_told_again_sends_nothing_more(loop: Loop) -> None:
    phone = await _person(loop, "551187654321", "5511987654321")
    loop.whatsapp.faults.fail_later(131026)
    await loop.say("olá")
    await loop.run()
    [first, _] = await _outbox(loop)
    news = StatusUpdate(first["provider_ref"], "failed", loop.clock.now(), str(first["id"]), errors=NOBODY)
    for _ in range(3):
        async with loop.services.db.tx(loop.actor) as tx:
            await loop.services.conversations.apply_status(tx, loop.account.id, news)
        await _run(loop)
    assert [message.text for message in phone.inbox] == ["olá"]
    assert len(await _outbox(loop)) == 2
    assert [state for _, state in await loop.said()] == ["read"]


async def test_what_was_sent_under_the_other_spelling_is_known_as_such(loop: Loop) -> None:
    await _person(loop, "551187654321", "5511987654321")
    loop.whatsapp.faults.fail_later(131026)
    await loop.say("olá")
    await loop.run()
    [_, second] = await _outbox(loop)
    found = await loop.deliverable(second["subject_id"])
    assert (found.recipient, found.is_other_spelling) == ("551187654321", True)


async def test_what_arrived_under_the_other_spelling_is_where_the_next_goes_at_once(loop: Loop) -> None:
    phone = await _person(loop, "551187654321", "5511987654321")
    loop.whatsapp.faults.fail_later(131026)
    await loop.say("olá")
    await _run(loop)
    await loop.say("tudo bem?")
    await _run(loop)
    assert [message.text for message in phone.inbox] == ["olá", "tudo bem?"]
    assert loop.whatsapp.counts["messages"] == 3, "the first spelling was tried once"
    [*_, last] = await _outbox(loop)
    found = await loop.deliverable(last["subject_id"])
    assert (found.recipient, found.is_other_spelling) == ("551187654321", False)

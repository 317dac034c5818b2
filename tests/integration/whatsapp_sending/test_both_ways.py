"""With the real conversations on both ends: what a phone sees, and what the thread is told."""

import asyncio
from datetime import timedelta

from domain.conversations import messages
from domain.conversations.dto import Option, Outgoing
from sandbox.whatsapp import Phone
from tests.integration.whatsapp_sending.loop import Loop

GRACE = timedelta(seconds=61)


def _shown(phone: Phone) -> list[str]:
    return [message.text for message in phone.inbox]


def _read(phone: Phone) -> set[bool]:
    """Whether the phone shows blue ticks under what it wrote."""
    return {message.is_read_by_business for message in phone.messages if message.is_from_phone}


async def test_what_is_said_arrives_in_order_and_is_read(loop: Loop, ana: Phone) -> None:
    await loop.say("uno", "**dos**", Outgoing(text="¿Sigo?", options=(Option("y", "Sí"), Option("n", "No"))))
    await loop.run()
    assert _shown(ana) == ["uno", "*dos*", "¿Sigo?"]
    assert await loop.said() == [("uno", "read"), ("**dos**", "read"), ("¿Sigo?", "read")]
    await ana.press(ana.inbox[-1], "Sí")
    await loop.run()
    assert (await loop.messages())[-1].body == "Sí"


async def test_what_a_person_of_the_shop_answers_is_marked_as_read_first_and_what_is_said_by_itself_is_not(
    loop: Loop, ana: Phone
) -> None:
    await loop.say("automatic")
    await loop.run()
    assert _read(ana) == {False}
    found = await loop.conversation()
    await loop.services.conversations.reply(loop.shop.act("seller"), found.id, Outgoing("hola"))
    await loop.run()
    assert _read(ana) == {True}
    assert _shown(ana)[-1].endswith("hola")


async def test_a_status_before_the_answer_is_not_undone_by_it(loop: Loop, ana: Phone) -> None:
    loop.whatsapp.statuses.are_before_answer = True
    await loop.say("hola")
    await loop.run()
    assert await loop.said() == [("hola", "read")]


async def test_an_answer_is_not_noted_while_a_status_of_it_is_being_kept(loop: Loop, ana: Phone) -> None:
    fault = loop.whatsapp.faults.hold("messages", is_served=True)
    await loop.say("hola")
    noting = asyncio.create_task(loop._deliver())
    await loop.whatsapp.wait_until(lambda: bool(ana.inbox), 20)
    async with loop.services.db.tx(loop.actor) as tx, asyncio.timeout(20):
        assert await messages.hold_provider_id(tx, loop.account.id, ana.inbox[0].id) is None
        fault.release()
        while not await tx.value("SELECT count(*) FROM pg_locks WHERE NOT granted"):
            assert not noting.done(), "it waited for nobody"
            await asyncio.sleep(0.01)
    assert await noting == 1
    await loop.run()
    assert await loop.said() == [("hola", "read")]


async def test_a_lost_answer_is_settled_by_the_status_and_nothing_arrives_twice(loop: Loop, ana: Phone) -> None:
    loop.whatsapp.faults.lose_answer()
    await loop.say("once", "next")
    await loop.run()
    loop.clock.advance(GRACE)
    await loop.run()
    assert _shown(ana) == ["once", "next"]
    assert await loop.said() == [("once", "read"), ("next", "read")]


async def test_a_request_that_never_arrived_is_sent_once_more(loop: Loop, ana: Phone) -> None:
    loop.whatsapp.faults.reset("messages")
    await loop.say("once", "next")
    await loop.run()
    assert await loop.said() == [("once", "unknown"), ("next", "queued")]
    loop.clock.advance(GRACE)
    await loop.run()
    assert _shown(ana) == ["once", "next"]
    assert await loop.said() == [("once", "read"), ("next", "read")]


async def test_what_stays_unknown_is_failed_and_the_thread_is_told(loop: Loop, ana: Phone) -> None:
    loop.whatsapp.faults.reset("messages", times=2)
    await loop.say("once", "next")
    for _ in range(3):
        await loop.run()
        loop.clock.advance(GRACE)
    await loop.run()
    assert await loop.said() == [("once", "failed"), ("next", "read")]
    assert "not_sent" in await loop.notices()


async def test_a_window_that_closed_while_it_waited_is_refused_at_sending(loop: Loop, ana: Phone) -> None:
    await loop.say("late")
    loop.clock.advance(timedelta(hours=23, minutes=56))
    await loop.run()
    assert await loop.said() == [("late", "failed")]
    assert _shown(ana) == []
    assert loop.whatsapp.counts["messages"] == 0
    assert "not_sent" in await loop.notices()


async def test_a_late_failure_is_told_in_the_thread(loop: Loop, ana: Phone) -> None:
    loop.whatsapp.faults.fail_later(131049)
    await loop.say("offer")
    await loop.run()
    assert await loop.said() == [("offer", "failed")]
    assert "not_sent" in await loop.notices()


async def test_what_the_provider_refuses_late_has_the_same_consequences_as_a_refusal_at_once(
    loop: Loop, ana: Phone
) -> None:
    async def alerts() -> list[str]:
        async with loop.services.db.tx(loop.actor) as tx:
            rows = await tx.rows("SELECT params FROM outbound_messages WHERE kind = 'channel.alert' ORDER BY position")
        return [row["params"]["detail"].partition(":")[0] for row in rows]

    for code in (131050, 131042, 131042, 132015):
        loop.whatsapp.faults.fail_later(code)
        await loop.say(f"offer {code}")
        await loop.run()
    assert [state for _, state in await loop.said()] == ["failed"] * 4
    assert await alerts() == ["131042", "132015"], "each reason once within the hour"
    async with loop.services.db.tx(loop.actor) as tx:
        assert await tx.value("SELECT kind FROM contact_consents") == "marketing_out"
    async with loop.services.db.queue_tx() as queue:
        sql = "SELECT count(*) FROM pgqueuer WHERE entrypoint = 'templates.sync'"
        assert await queue.value(sql) == 1


async def test_an_expired_token_keeps_everything_until_it_is_replaced(loop: Loop, ana: Phone) -> None:
    loop.number.expire_token()
    await loop.say("uno", "dos")
    await loop.run()
    loop.clock.advance(timedelta(minutes=30))
    await loop.run()
    assert await loop.said() == [("uno", "queued"), ("dos", "queued")]
    [account] = await loop.services.channels.accounts(loop.actor)
    assert account.state == "stopped"
    await loop.services.channels.replace_token(loop.actor, account.id, loop.number.renew_token())
    loop.clock.advance(timedelta(minutes=2))
    await loop.run()
    assert _shown(ana) == ["uno", "dos"]


async def test_the_canonical_number_becomes_one_of_the_contacts(loop: Loop) -> None:
    phone = loop.whatsapp.add_phone("551187654321", name="Bia")
    await phone.write(loop.number, "oi")
    await loop.run()
    found = await loop.conversation()
    async with loop.services.db.tx(loop.actor) as tx:
        await tx.run("UPDATE conversations SET reply_channel_id = '5511987654321' WHERE id = $1", found.id)
    await loop.say("olá")
    await loop.run()
    assert _shown(phone) == ["olá"]
    contact = await loop.services.contacts.get(loop.actor, found.contact_id)
    assert "551187654321" in [value for values in contact.identifiers.values() for value in values]


async def test_a_person_who_hides_the_number_is_answered_by_user_id(loop: Loop) -> None:
    phone = loop.whatsapp.add_phone("34600999888", name="Kim", username="kim", hides_number=True)
    await phone.write(loop.number, "hi")
    await loop.run()
    await loop.say("hello")
    await loop.run()
    assert _shown(phone) == ["hello"]
    assert await loop.said() == [("hello", "read")]


async def _fetch(loop: Loop) -> None:
    for message in await loop.messages():
        if message.media is not None:
            await loop.media.fetch(loop.shop.tenant.id, message.id, "job")


async def test_a_picture_comes_in_and_goes_out_again(loop: Loop, ana: Phone) -> None:
    picture = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + bytes(5000) + b"\xff\xd9"
    await ana.send_image(loop.number, picture, caption="mira")
    await loop.run()
    await _fetch(loop)
    await _fetch(loop)
    received = (await loop.messages())[-1]
    assert received.media is not None
    assert (received.body, received.media.state, received.media.mime) == ("mira", "stored", "image/jpeg")
    assert (loop.data_dir / str(received.media.path)).read_bytes() == picture
    await loop.say(Outgoing(text="aquí", media_path=str(received.media.path), media_mime="image/jpeg"))
    await loop.run()
    [sent] = ana.inbox
    assert sent.media is not None
    assert (sent.kind, sent.text, sent.media.data) == ("image", "aquí", picture)


async def test_a_refused_file_is_visible_and_the_conversation_goes_on(loop: Loop, ana: Phone) -> None:
    await ana.send_document(loop.number, b"MZ\x90\0" + bytes(500), "free_boost.exe", mime_type="application/pdf")
    await loop.run()
    await _fetch(loop)
    received = (await loop.messages())[-1]
    assert received.media is not None
    assert (received.media.state, received.media.error, received.media.path) == ("refused", "wrong_type", None)
    await loop.say("no puedo abrirlo")
    await loop.run()
    assert _shown(ana) == ["no puedo abrirlo"]

"""What comes in: once each, in the right conversation, whatever the order and the number of deliveries."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.contacts.dto import IdentifierKind, Identity
from domain.conversations.dto import Author, ConversationState, Direction, Outgoing
from domain.conversations.inbound import (
    HistoryMessage,
    MediaRef,
    MessageKind,
    PhoneEcho,
    PhoneEchoEdit,
    ReceivedEdit,
    ReceivedReaction,
    ReceivedRevoke,
)
from domain.kernel.db import Database
from sandbox.clock import ManualClock
from tests.fixtures.inbox import LEA, Inbox, open_inbox
from tests.fixtures.shop import found_shop

LEA_ID = Identity({IdentifierKind.WA_ID: LEA}, "Lea")


async def test_same_message_twice_is_one_message_and_one_turn(inbox: Inbox) -> None:
    message = inbox.message("hola")
    found = await inbox.receive(message)
    await inbox.receive(message)
    assert len(await inbox.messages(found)) == 1
    assert inbox.wake_count == 1


async def test_same_message_in_many_lanes_at_once_is_one_message(inbox: Inbox) -> None:
    message = inbox.message("hola")
    for number in range(8):
        await inbox.store(message, lane=f"lane-{number}")
    await asyncio.gather(*(inbox.take(f"lane-{number}") for number in range(8)))
    assert await inbox.value("SELECT count(*) FROM messages") == 1


async def test_eight_first_messages_at_once_make_one_conversation_and_one_lead(inbox: Inbox) -> None:
    for number in range(8):
        await inbox.store(inbox.message(f"{number}"), lane=f"lane-{number}")
    await asyncio.gather(*(inbox.take(f"lane-{number}") for number in range(8)))
    counts = (
        "SELECT (SELECT count(*) FROM conversations), (SELECT count(*) FROM leads), (SELECT count(*) FROM messages)"
    )
    assert tuple((await inbox.row(counts) or {}).values()) == (1, 1, 8)
    assert await inbox.value("SELECT max(number) FROM conversations") == 1


async def test_two_workers_share_a_lane(inbox: Inbox) -> None:
    await inbox.store(*(inbox.message(str(number)) for number in range(20)))
    taken = await asyncio.gather(*(inbox.take() for _ in range(4)))
    assert sum(taken) == 20
    rows = await inbox.rows("SELECT body FROM messages ORDER BY position")
    assert [row["body"] for row in rows] == [str(number) for number in range(20)]


async def test_closed_conversation_is_opened_again_within_three_days_and_a_new_one_afterwards(inbox: Inbox) -> None:
    first = await inbox.receive("hola")
    await inbox.conversations.close(inbox.shop.act("seller"), first.id)
    inbox.clock.advance(timedelta(hours=71))
    again = await inbox.receive("soy yo")
    assert (again.id, again.state, again.closed_at) == (first.id, ConversationState.BOT, None)
    assert await inbox.notices("reopened") == [{"what": "reopened", "member": "Lea"}]
    await inbox.answer(again)
    await inbox.conversations.close(inbox.shop.act("seller"), first.id)
    inbox.clock.advance(timedelta(hours=73))
    second = await inbox.receive("hola otra vez")
    assert second.number == 2
    assert second.greeted_at is not None  # the assistant introduces itself once


async def test_window_opens_by_the_providers_clock_and_not_by_late_or_future_stamps(inbox: Inbox) -> None:
    now = inbox.clock.now()
    found = await inbox.receive(inbox.message("tarde", sent_at=now - timedelta(hours=23)))
    assert found.last_inbound_at == now - timedelta(hours=23)
    found = await inbox.receive(inbox.message("futuro", sent_at=now + timedelta(hours=5)))
    assert found.last_inbound_at == now
    found = await inbox.receive(inbox.message("viejo", sent_at=now - timedelta(hours=2)))
    assert found.last_inbound_at == now


async def test_ad_answered_within_a_day_opens_three_days(inbox: Inbox) -> None:
    found = await inbox.receive(inbox.message("hola", referral={"source_type": "ad", "source_id": "1"}))
    assert found.free_entry_until is None
    await inbox.answer(found)
    await inbox.deliver(found)
    after = await inbox.conversation(found.id)
    assert after.last_inbound_at is not None
    assert after.free_entry_until == after.last_inbound_at + timedelta(hours=72)
    assert await inbox.value("SELECT source FROM leads") == "ad"


async def test_ad_answered_too_late_opens_nothing(inbox: Inbox) -> None:
    referral = {"source_type": "ad", "source_id": "1"}
    found = await inbox.receive(inbox.message("hola", referral=referral))
    inbox.clock.advance(timedelta(hours=25))
    await inbox.receive("hola?")
    await inbox.answer(found)
    await inbox.deliver(found)
    assert (await inbox.conversation(found.id)).free_entry_until is None


async def test_echo_from_the_phone_silences_the_agent_and_starts_no_turn(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    echo = PhoneEcho(replace(inbox.message("Ya te digo"), provider_id="wamid.echo"))
    after = await inbox.receive(echo)
    assert after.state is ConversationState.HUMAN
    assert after.human_until == inbox.clock.now() + timedelta(hours=24)
    last = (await inbox.messages(found))[-1]
    assert (last.direction, last.author, last.state) == (Direction.OUT, Author.PHONE, "sent")
    assert inbox.wake_count == 1
    assert len(await inbox.notices("phone_echo")) == 1
    await inbox.receive(PhoneEchoEdit(LEA_ID, "wamid.e2", "wamid.echo", "Ya te digo mañana", inbox.clock.now()))
    assert (await inbox.messages(found))[-1].body == "Ya te digo mañana"


async def test_a_number_that_is_in_the_phone_app_too_sends_no_more_than_whatsapp_lets_it(inbox: Inbox) -> None:
    async def rates() -> int:
        return int(await inbox.value("SELECT throughput_mps FROM channel_accounts"))

    await inbox.receive("hola")
    assert await rates() == 80
    await inbox.receive(PhoneEcho(inbox.message("Ya te digo")))
    assert await rates() == 20
    async with inbox.db.tx(inbox.system) as tx:
        await tx.run("UPDATE channel_accounts SET throughput_mps = 5")
    await inbox.receive(HistoryMessage(inbox.message("hace meses"), is_from_shop=True))
    assert await rates() == 5


async def test_history_opens_no_window_starts_no_turn_and_lies_before_what_was_said_since(inbox: Inbox) -> None:
    old = inbox.clock.now() - timedelta(days=60)
    asked = HistoryMessage(inbox.message("hace meses", sent_at=old), is_from_shop=False)
    told = HistoryMessage(inbox.message("sí", sent_at=old + timedelta(minutes=1)), is_from_shop=True)
    found = await inbox.receive("hola")
    window = found.last_inbound_at
    after = await inbox.receive(told, asked)
    assert (after.id, after.last_inbound_at) == (found.id, window)
    assert [message.body for message in await inbox.messages(found)] == ["hace meses", "sí", "hola"]
    assert inbox.wake_count == 1
    turn = await inbox.begin(found)
    assert [message.body for message in turn.unanswered] == ["hola"]


async def test_history_of_a_stranger_opens_no_conversation(inbox: Inbox) -> None:
    old = HistoryMessage(inbox.message("antes", sent_at=inbox.clock.now() - timedelta(days=60)), is_from_shop=False)
    found = await inbox.receive(old)
    assert found.state is ConversationState.CLOSED
    assert await inbox.value("SELECT count(*) FROM leads") == 0


async def test_group_message_is_kept_and_not_answered(inbox: Inbox) -> None:
    found = await inbox.receive(inbox.message("a todos", group_id="g-1"))
    assert found.last_inbound_at is None
    assert inbox.wake_count == 0
    assert await inbox.value("SELECT count(*) FROM leads") == 0


async def test_unsupported_first_contact_is_a_lead_with_a_turn(inbox: Inbox) -> None:
    content = {"errors": [{"code": 131060}]}
    await inbox.receive(inbox.message("", kind=MessageKind.UNSUPPORTED, content=content))
    assert inbox.wake_count == 1
    assert await inbox.value("SELECT count(*) FROM leads") == 1


async def test_reactions_edits_and_deletions_change_the_message_and_start_no_turn(inbox: Inbox) -> None:
    message = inbox.message("de P4 a D4")
    found = await inbox.receive(message)
    now, target = inbox.clock.now(), message.provider_id
    await inbox.receive(ReceivedReaction(LEA_ID, "wamid.r", target, "👍", now))
    await inbox.receive(ReceivedEdit(LEA_ID, "wamid.e", target, "de P4 a D2", now))
    (shown,) = await inbox.messages(found)
    assert (shown.body, shown.reactions, shown.edited_at) == ("de P4 a D2", {"contact": "👍"}, now)
    assert (await inbox.value("SELECT earlier FROM messages"))[0]["text"] == "de P4 a D4"
    await inbox.receive(ReceivedReaction(LEA_ID, "wamid.r2", target, "", now))
    await inbox.receive(ReceivedRevoke(LEA_ID, "wamid.d", target, now))
    (shown,) = await inbox.messages(found)
    assert (shown.reactions, shown.deleted_at) == ({}, now)
    assert inbox.wake_count == 1
    inbox.clock.advance(timedelta(seconds=2))
    assert await inbox.conversations.begin_turn(inbox.tenant_id, found.id, "job:1") is None  # nothing is left


async def test_news_that_comes_before_its_message_is_applied_when_it_comes(inbox: Inbox) -> None:
    message = inbox.message("de P4 a D4")
    now, target = inbox.clock.now(), message.provider_id
    await inbox.store(ReceivedReaction(LEA_ID, "wamid.r", target, "👍", now), lane="a")
    await inbox.store(ReceivedEdit(LEA_ID, "wamid.e", target, "de P4 a D2", now), lane="b")
    await inbox.take("a")
    await inbox.take("b")
    found = await inbox.receive(message)
    (shown,) = await inbox.messages(found)
    assert (shown.body, shown.reactions) == ("de P4 a D2", {"contact": "👍"})
    assert await inbox.value("SELECT count(*) FROM early_news") == 0


async def test_news_and_its_message_at_once_do_not_pass_each_other(inbox: Inbox) -> None:
    messages = [inbox.message(str(number)) for number in range(10)]
    for number, message in enumerate(messages):
        news = ReceivedReaction(LEA_ID, f"wamid.r{number}", message.provider_id, "👍", inbox.clock.now())
        await inbox.store(message, lane=f"m{number}")
        await inbox.store(news, lane=f"r{number}")
    await asyncio.gather(*(inbox.take(f"{lane}{number}") for number in range(10) for lane in "rm"))
    found = await inbox.latest()
    assert [message.reactions for message in await inbox.messages(found)] == [{"contact": "👍"}] * 10


async def test_file_is_noted_and_fetched(inbox: Inbox) -> None:
    file = MediaRef("media-1", "image/jpeg", "c2hh", "foto.jpg")
    found = await inbox.receive(inbox.message("mira", kind=MessageKind.IMAGE, media=file))
    (shown,) = await inbox.messages(found)
    assert shown.media is not None
    assert (shown.media.state, shown.media.provider_media_id) == ("waiting", "media-1")
    assert await inbox.jobs("media.fetch") == 1
    place = ("media/x.jpg", 1000, "image/jpeg", "foto.jpg")
    await inbox.conversations.media_stored(inbox.system, shown.id, *place)
    media = await inbox.conversations.media_of(inbox.system, shown.id)
    assert (media.state, media.path) == ("stored", "media/x.jpg")


async def test_one_person_writing_to_two_shops_is_two_contacts(inbox: Inbox, db: Database, clock: ManualClock) -> None:
    other = await open_inbox(db, clock, await found_shop(db, clock, guild_id=2002, name="Other"), phone_number_id="77")
    await inbox.receive("hola")
    await other.receive("hola")
    for one in (inbox, other):
        assert await one.value("SELECT count(*) FROM contacts") == 1
        assert await one.value("SELECT count(*) FROM messages") == 1


async def test_language_is_kept_from_what_a_person_writes(inbox: Inbox) -> None:
    await inbox.receive("Hola, ¿cuánto cuesta subir de platino a diamante?")
    assert await inbox.value("SELECT locale FROM contacts") == "es"
    await inbox.receive("ok")
    assert await inbox.value("SELECT locale FROM contacts") == "es"
    await inbox.receive("Hello, how much does it cost to go from platinum to diamond?")
    assert await inbox.value("SELECT locale FROM contacts") == "en"


@pytest.mark.parametrize("text", ["ok", "si", "1", "no", "👍", "D4", "thanks", "ok merci", "yes", "oui", "price?"])
async def test_a_few_letters_change_no_language_that_is_known(inbox: Inbox, text: str) -> None:
    await inbox.receive("Hola, ¿cuánto cuesta subir de platino a diamante?", text)
    assert await inbox.value("SELECT locale FROM contacts") == "es"


@pytest.mark.parametrize(("text", "locale"), [("ok", None), ("1", None), ("merci", "fr"), ("thanks", "en")])
async def test_of_somebody_new_even_one_word_tells_the_language(inbox: Inbox, text: str, locale: str | None) -> None:
    await inbox.receive(text)
    assert await inbox.value("SELECT locale FROM contacts") == locale


async def test_language_is_kept_from_captions_and_changed_texts_too(inbox: Inbox) -> None:
    media = MediaRef("m1", "image/jpeg")
    picture = inbox.message("bonjour, voici mon compte", kind=MessageKind.IMAGE, media=media)
    await inbox.receive(picture)
    assert await inbox.value("SELECT locale FROM contacts") == "fr"
    await inbox.receive(
        ReceivedEdit(LEA_ID, "wamid.e", picture.provider_id, "hello, this is my account", picture.sent_at)
    )
    assert await inbox.value("SELECT locale FROM contacts") == "en"


@pytest.mark.parametrize("answers", [True, False])
async def test_message_ends_a_snooze(inbox: Inbox, answers: bool) -> None:
    found = await inbox.receive("hola")
    await inbox.answer(found)
    if not answers:
        await inbox.conversations.reply(inbox.shop.act("seller"), found.id, Outgoing("Hola"))
    await inbox.conversations.snooze(inbox.shop.act("seller"), found.id, inbox.until(20))
    jobs = inbox.wake_count
    after = await inbox.receive("ya estoy")
    assert after.snoozed_until is None
    assert len(await inbox.notices("snooze_over")) == 1
    assert inbox.wake_count == jobs + answers

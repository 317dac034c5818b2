"""STOP and START, blocked people, and items nobody understands."""

import asyncio

import pytest

from domain.contacts.dto import IdentifierKind, Identity
from domain.conversations.dto import Outgoing
from domain.conversations.inbound import (
    AccountNews,
    ContactCard,
    IdentityChange,
    Ignored,
    MarketingChoice,
    MediaRef,
    MessageKind,
    PhoneEcho,
    ReceivedEdit,
    Unknown,
)
from domain.conversations.service import AgentChange
from domain.kernel.errors import Conflict
from tests.fixtures.inbox import LEA, Inbox

LEA_ID = Identity({IdentifierKind.WA_ID: LEA}, "Lea")


async def test_stop_is_confirmed_once_in_the_persons_language_and_nobody_answers(inbox: Inbox) -> None:
    found = await inbox.receive("Hola, ¿cuánto cuesta?", "no me escribas más", "BAJA")
    assert await inbox.said() == ["No recibirás más mensajes nuestros. Si cambias de opinión, escribe ALTA."]
    assert await inbox.notices("opted_out") == [{"what": "opted_out", "words": "no me escribas más"}]
    assert await inbox.deliver(found) == 1
    assert [message.state for message in await inbox.messages(found)].count("sent") == 1
    consents = await inbox.rows("SELECT words, kind FROM contact_consents")
    assert [dict(row) for row in consents] == [{"words": "no me escribas más", "kind": "opt_out"}]
    jobs = inbox.wake_count
    await inbox.receive("cuánto cuesta de P4 a D4")
    assert inbox.wake_count == jobs


@pytest.mark.parametrize(
    ("word", "begins"),
    [
        ("BAJA", "No recibirás más mensajes"), ("sair", "Você não vai receber"), ("ARRÊT", "Vous ne recevrez plus"),
        ("arret svp", "Vous ne recevrez plus"), ("STOP", "You will get no more"), ("PARAR", "You will get no more"),
    ],
)  # fmt: skip
async def test_a_bare_stop_of_somebody_new_is_confirmed_in_the_language_of_the_word(
    inbox: Inbox, word: str, begins: str
) -> None:
    await inbox.receive(word)
    (said,) = await inbox.said()
    assert said.startswith(begins)


async def test_a_stop_under_a_picture_is_a_stop(inbox: Inbox) -> None:
    media = MediaRef("m1", "image/jpeg")
    await inbox.receive(inbox.message("no me escriban más", kind=MessageKind.IMAGE, media=media))
    assert await inbox.value("SELECT opted_out_at IS NOT NULL FROM contacts")
    assert len(await inbox.said()) == 1
    assert inbox.wake_count == 0
    assert await inbox.jobs("media.fetch") == 1  # the team sees the picture nonetheless


async def test_a_message_changed_into_a_stop_is_a_stop_and_nobody_elses_is(inbox: Inbox) -> None:
    said = inbox.message("hola")
    await inbox.receive(said)
    stranger = Identity({IdentifierKind.WA_ID: "34600777888"}, "Sol")
    await inbox.receive(ReceivedEdit(stranger, "wamid.e1", said.provider_id, "STOP", inbox.clock.now()))
    assert await inbox.said() == []
    edit = ReceivedEdit(said.sender, "wamid.e2", said.provider_id, "no me escriban más", inbox.clock.now())
    await inbox.receive(edit)
    assert await inbox.value("SELECT count(*) FROM contacts WHERE opted_out_at IS NOT NULL") == 1
    assert len(await inbox.said()) == 1
    assert (await inbox.latest()).waiting_since is None


async def test_a_spoken_stop_counts_like_a_typed_one_and_start_brings_back(inbox: Inbox) -> None:
    voice = inbox.message("", kind=MessageKind.VOICE, media=MediaRef("m1", "audio/ogg"))
    found = await inbox.receive(voice)
    (heard,) = await inbox.messages(found)
    intake = inbox.services.intake
    assert not await intake.heard(inbox.system, heard.id, "hola, cuánto cuesta")
    both = await asyncio.gather(
        intake.heard(inbox.system, heard.id, "por favor no me escriban más", "es"),
        intake.heard(inbox.system, heard.id, "por favor no me escriban más", "es"),
    )
    assert all(both)
    assert await inbox.said() == ["No recibirás más mensajes nuestros. Si cambias de opinión, escribe ALTA."]
    assert (await inbox.latest()).waiting_since is None
    words = await inbox.value("SELECT words FROM contact_consents")
    assert words == "por favor no me escriban más"
    assert await intake.heard(inbox.system, heard.id, "quiero volver a recibir mensajes", "es")
    assert await inbox.value("SELECT opted_out_at FROM contacts") is None
    assert len(await inbox.said()) == 2


async def test_a_stop_in_a_recording_of_a_group_of_the_shop_or_of_a_blocked_person_is_nobodys(inbox: Inbox) -> None:
    ref = MediaRef("m1", "audio/ogg")
    group = inbox.message("", kind=MessageKind.VOICE, media=ref, group_id="g")
    found = await inbox.receive(group, PhoneEcho(inbox.message("", kind=MessageKind.VOICE, media=ref)), "hola")
    intake = inbox.services.intake
    for message in (await inbox.messages(found))[:2]:
        assert not await intake.heard(inbox.system, message.id, "STOP")
    await inbox.services.contacts.block(inbox.shop.act("owner"), found.contact_id)
    assert not await intake.heard(inbox.system, (await inbox.messages(found))[2].id, "STOP")
    assert await inbox.value("SELECT opted_out_at FROM contacts") is None


async def test_staff_answers_an_opted_out_person_only_who_wrote_again(inbox: Inbox) -> None:
    found = await inbox.receive("STOP")
    with pytest.raises(Conflict, match="opted_out"):
        await inbox.conversations.reply(inbox.shop.act("seller"), found.id, Outgoing("Wait"))
    inbox.clock.advance(inbox.until(1) - inbox.clock.now())
    await inbox.receive("una pregunta")
    await inbox.conversations.reply(inbox.shop.act("seller"), found.id, Outgoing("Dime"))
    await inbox.deliver(found)
    assert (await inbox.messages(found))[-1].state == "sent"


async def test_a_second_stop_stops_what_staff_may_say_too(inbox: Inbox) -> None:
    found = await inbox.receive("STOP")
    for text in ("una pregunta", "BAJA"):
        inbox.clock.advance(inbox.until(1) - inbox.clock.now())
        await inbox.receive(text)
    with pytest.raises(Conflict, match="opted_out"):
        await inbox.conversations.reply(inbox.shop.act("seller"), found.id, Outgoing("Dime"))
    assert len(await inbox.said()) == 1


async def test_start_brings_the_agent_back_with_one_confirmation(inbox: Inbox) -> None:
    await inbox.receive("STOP", "START")
    assert (await inbox.said())[-1] == "Welcome back. We will write to you again. To stop, write STOP."
    assert await inbox.value("SELECT opted_out_at FROM contacts") is None
    assert inbox.wake_count == 0
    await inbox.receive("hola")
    assert inbox.wake_count == 1


async def test_a_question_after_stop_calls_a_person_once_and_says_nothing_to_the_client(inbox: Inbox) -> None:
    await inbox.receive("STOP", "ok gracias", "👍")
    inbox.clock.advance(inbox.until(1) - inbox.clock.now())
    found = await inbox.receive("cuánto cuesta de P4 a D4?", "hola?")
    assert len(await inbox.said()) == 1, "the confirmation of STOP"
    told = "Wants no automatic messages (STOP), and wrote: “cuánto cuesta de P4 a D4?”"
    assert await inbox.notices("handed_off") == [{"what": "handed_off", "reason": "after_stop", "summary": told}]
    assert (found.state, found.handoff_reason) == ("human", "after_stop")
    assert found.human_until == inbox.until(24)
    assert inbox.wake_count == 0
    await inbox.conversations.reply(inbox.shop.act("seller"), found.id, Outgoing("45 USD"))
    await inbox.receive("gracias, y de D4 a D2?")
    assert len(await inbox.notices("handed_off")) == 1, "a person has it"
    inbox.clock.advance(inbox.until(25) - inbox.clock.now())
    await inbox.receive("sigues ahí?")
    assert len(await inbox.notices("handed_off")) == 2, "nobody has it any more"


async def test_many_questions_at_once_after_stop_call_one_person(inbox: Inbox) -> None:
    await inbox.receive("STOP")
    for number in range(6):
        await inbox.store(inbox.message(f"pregunta {number}"), lane=f"lane{number}")
    await asyncio.gather(*(inbox.take(f"lane{number}") for number in range(6)))
    assert len(await inbox.notices("handed_off")) == 1


async def test_what_is_sent_after_stop_instead_of_words_calls_a_person_too(inbox: Inbox) -> None:
    sticker = inbox.message("", kind=MessageKind.STICKER, media=MediaRef("m0", "image/webp"))
    await inbox.receive("STOP", sticker)
    assert await inbox.notices("handed_off") == []
    await inbox.receive(inbox.message("", kind=MessageKind.VOICE, media=MediaRef("m1", "audio/ogg")))
    (notice,) = await inbox.notices("handed_off")
    assert notice["summary"].endswith("wrote: “Voice note”")


@pytest.mark.parametrize("why", ["off", "group", "human"])
async def test_nobody_is_called_after_stop_where_nobody_would_be_or_somebody_is_there(inbox: Inbox, why: str) -> None:
    said, owner = inbox.message("hola"), inbox.shop.act("owner")
    found = await inbox.receive(said, "STOP")
    match why:
        case "off":
            await inbox.conversations.change_settings(owner, AgentChange(is_on=False))
            await inbox.receive("y el precio?")
        case "group":
            await inbox.receive(inbox.message("y el precio?", group_id="g"))
        case "human":
            await inbox.conversations.take_over(owner, found.id)
            await inbox.receive("y el precio?")
    assert await inbox.notices("handed_off") == []


async def test_start_after_such_a_question_brings_the_assistant_back(inbox: Inbox) -> None:
    found = await inbox.receive("STOP", "cuánto cuesta de P4 a D4?", "START")
    assert (found.state, found.handoff_reason, found.human_until) == ("bot", "", None)
    await inbox.receive("hola")
    assert inbox.wake_count == 1


async def test_start_takes_a_conversation_from_nobody_who_has_it(inbox: Inbox) -> None:
    found = await inbox.receive("STOP", "cuánto cuesta de P4 a D4?")
    await inbox.conversations.take_over(inbox.shop.act("seller"), found.id)
    assert (await inbox.receive("START")).state == "human"


async def test_start_of_somebody_who_never_stopped_is_a_message_like_any_other(inbox: Inbox) -> None:
    await inbox.receive("start")
    assert await inbox.said() == []
    assert inbox.wake_count == 1


async def test_blocked_person_leaves_a_note_once_a_day_and_nothing_else(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    await inbox.services.contacts.block(inbox.shop.act("owner"), found.contact_id)
    await inbox.receive("por qué", "eh", "STOP")
    assert len(await inbox.messages(found)) == 1
    assert len(await inbox.notices("blocked_attempt")) == 1
    assert await inbox.value("SELECT count(*) FROM contact_consents WHERE kind = 'blocked'") == 3
    inbox.clock.advance(inbox.until(24) - inbox.clock.now())
    await inbox.receive("hola?")
    assert len(await inbox.notices("blocked_attempt")) == 2


async def test_item_nobody_understands_is_kept_and_told_once_an_hour(inbox: Inbox) -> None:
    await inbox.store(Unknown("poll: no shape we know"), Unknown("poll: no shape we know"), Ignored("typing"))
    await inbox.take()
    states = await inbox.rows("SELECT state FROM inbound_events ORDER BY position")
    assert [row["state"] for row in states] == ["unknown", "unknown", "ignored"]
    alerts = "SELECT params FROM outbound_messages WHERE kind = 'channel.alert'"
    assert [row["params"]["what"] for row in await inbox.rows(alerts)] == ["unknown_item"]


@pytest.mark.logs_errors("an event is put aside")
async def test_event_that_fails_is_put_aside_and_the_next_goes_on(inbox: Inbox) -> None:
    broken = inbox.message("x", sender=Identity({}, "Nobody"))
    await inbox.store(broken, inbox.message("hola"))
    await inbox.take()
    states = await inbox.rows("SELECT state, attempt_count, error FROM inbound_events ORDER BY position")
    assert [tuple(row.values()) for row in states] == [("failed", 3, "contact.no_identifier"), ("done", 1, None)]
    alerts = "SELECT params FROM outbound_messages WHERE kind = 'channel.alert'"
    assert [row["params"]["what"] for row in await inbox.rows(alerts)] == ["failed_item"]
    assert await inbox.value("SELECT count(*) FROM messages") == 1


async def test_news_of_the_account_is_told_and_templates_are_read_again(inbox: Inbox) -> None:
    await inbox.store(AccountNews("message_template_status_update", "order_update: rejected", True, True))
    await inbox.take()
    assert await inbox.jobs("templates.sync") == 1
    assert await inbox.value("SELECT params ->> 'detail' FROM outbound_messages") == "order_update: rejected"


async def test_person_with_a_new_number_is_answered_there(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    after = Identity({IdentifierKind.WA_ID: "34600999888"}, "Lea")
    await inbox.receive(IdentityChange(LEA_ID, after, "wamid.s", inbox.clock.now()))
    again = await inbox.receive(inbox.message("soy yo", wa_id="34600999888"))
    assert again.id == found.id
    assert again.reply_channel_id == "34600999888"
    assert await inbox.value("SELECT count(*) FROM contacts") == 1


async def test_address_book_makes_no_contact_of_a_private_person(inbox: Inbox) -> None:
    mother = ContactCard(Identity({IdentifierKind.WA_ID: "34699000111"}, "Mamá"), is_removed=False)
    await inbox.store(mother)
    await inbox.take()
    assert await inbox.value("SELECT count(*) FROM contacts") == 0


async def test_marketing_choice_is_kept(inbox: Inbox) -> None:
    await inbox.store(MarketingChoice(LEA_ID, wants_marketing=False, at=inbox.clock.now()))
    await inbox.take()
    assert await inbox.value("SELECT kind FROM contact_consents") == "marketing_out"

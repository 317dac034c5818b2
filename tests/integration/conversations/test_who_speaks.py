"""A client reads the name of the person who answers now: once, in their language, inside the window."""

import asyncio
from datetime import timedelta

import pytest

from domain.conversations.dto import Outgoing
from domain.i18n.catalog import LOCALES
from domain.i18n.reader import Reader
from tests.fixtures.inbox import Inbox

NAMED = "Ahora te atiende Seller, de Nova Boost."
ASKED = {
    "en": "Hello, how much does it cost to climb?", "es": "Hola, ¿cuánto cuesta subir?",
    "fr": "Bonjour, combien ça coûte de monter ?", "pt-BR": "Olá, quanto custa para você subir?",
}  # fmt: skip


@pytest.mark.parametrize("locale", LOCALES)
async def test_who_takes_over_is_named_once_in_the_clients_language(inbox: Inbox, locale: str) -> None:
    found, seller = await inbox.receive(ASKED[locale]), inbox.shop.act("seller")
    await inbox.answer(found)
    await inbox.conversations.take_over(seller, found.id)
    await inbox.conversations.take_over(inbox.shop.act("seller"), found.id)  # prolonged
    await inbox.conversations.reply(inbox.shop.act("seller"), found.id, Outgoing("45 USD"))
    named = Reader(locale)("customer.taken_over", member="Seller", shop="Nova Boost")
    assert await inbox.said() == ["Hello.", named, "45 USD"]
    assert await inbox.deliver(found) == 3


async def test_taken_over_twice_at_once_it_is_said_once(inbox: Inbox) -> None:
    found = await inbox.receive(ASKED["es"])
    await inbox.answer(found)
    await asyncio.gather(*(inbox.conversations.take_over(inbox.shop.act("seller"), found.id) for _ in range(4)))
    assert (await inbox.said()).count(NAMED) == 1


async def test_another_member_says_their_name_too(inbox: Inbox) -> None:
    found = await inbox.receive(ASKED["es"])
    await inbox.answer(found)
    for who, text in (("seller", "Un momento"), ("seller", "Ya"), ("owner", "Sigo yo"), ("owner", "Listo")):
        await inbox.conversations.reply(inbox.shop.act(who), found.id, Outgoing(text))
    owner = inbox.shop.act("owner").label
    assert (await inbox.said())[1:] == [
        "Seller, de Nova Boost:\nUn momento", "Ya", f"{owner}, de Nova Boost:\nSigo yo", "Listo",
    ]  # fmt: skip


async def test_a_picture_without_words_names_nobody_so_the_words_after_it_do(inbox: Inbox) -> None:
    found = await inbox.receive(ASKED["es"])
    await inbox.answer(found)
    picture = Outgoing("", media_path="media/x.jpg", media_mime="image/jpeg", file_name="x.jpg")
    await inbox.conversations.reply(inbox.shop.act("seller"), found.id, picture)
    await inbox.conversations.reply(inbox.shop.act("seller"), found.id, Outgoing("Así queda"))
    assert (await inbox.said())[-1] == "Seller, de Nova Boost:\nAsí queda"


@pytest.mark.parametrize("why", ["nobody spoke", "window", "stop", "block"])
async def test_nothing_is_said_where_nothing_may_be_or_nobody_has_spoken(inbox: Inbox, why: str) -> None:
    found = await inbox.receive(ASKED["es"])
    if why != "nobody spoke":
        await inbox.answer(found)
    match why:
        case "window":
            inbox.clock.advance(timedelta(hours=25))
        case "stop":
            await inbox.receive("STOP")
        case "block":
            await inbox.services.contacts.block(inbox.shop.act("owner"), found.contact_id)
    await inbox.conversations.take_over(inbox.shop.act("seller"), found.id)
    assert NAMED not in await inbox.said()


async def test_the_announcement_answers_nothing(inbox: Inbox) -> None:
    found = await inbox.receive(ASKED["es"])
    await inbox.answer(found)
    await inbox.receive("y de P4 a D4?")
    await inbox.conversations.take_over(inbox.shop.act("seller"), found.id)
    await inbox.conversations.give_back(inbox.shop.act("seller"), found.id)
    turn = await inbox.begin(found, "job:2", after_s=0)
    assert [message.body for message in turn.unanswered] == ["y de P4 a D4?"]
    assert turn.is_return

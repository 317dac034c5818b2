"""Only who wrote a message may change or delete it."""

import pytest

from domain.contacts.dto import IdentifierKind, Identity
from domain.conversations.inbound import Inbound, PhoneEcho, PhoneEchoEdit, ReceivedEdit, ReceivedRevoke
from tests.fixtures.inbox import LEA, Inbox

LEA_ID = Identity({IdentifierKind.WA_ID: LEA}, "Lea")
EVE_ID = Identity({IdentifierKind.WA_ID: "34600999888"}, "Eve")
ANOTHER_OF_LEA = Identity({IdentifierKind.BSUID: "ES.1349"}, "Lea")


def _changes(inbox: Inbox, who: Identity, target: str) -> list[Inbound]:
    now = inbox.clock.now()
    return [ReceivedEdit(who, "wamid.e", target, "gratis", now), ReceivedRevoke(who, "wamid.d", target, now)]


@pytest.mark.parametrize("is_known", [True, False])
async def test_what_somebody_else_changes_stays_as_it_is(inbox: Inbox, is_known: bool) -> None:
    if is_known:
        await inbox.receive(inbox.message("soy Eve", wa_id="34600999888", sender=EVE_ID))
    message = inbox.message("de P4 a D4")
    found = await inbox.receive(message)
    await inbox.store(*_changes(inbox, EVE_ID, message.provider_id))
    assert await inbox.take() == 2
    (shown,) = await inbox.messages(found)
    assert (shown.body, shown.edited_at, shown.deleted_at) == ("de P4 a D4", None, None)


async def test_what_somebody_else_changed_before_the_message_came_is_forgotten(inbox: Inbox) -> None:
    message = inbox.message("de P4 a D4")
    await inbox.store(*_changes(inbox, EVE_ID, message.provider_id), lane="eve")
    await inbox.take("eve")
    (shown,) = await inbox.messages(await inbox.receive(message))
    assert (shown.body, shown.deleted_at) == ("de P4 a D4", None)
    assert await inbox.value("SELECT count(*) FROM early_news") == 0


async def test_a_person_who_became_one_contact_meanwhile_still_changes_their_own(inbox: Inbox) -> None:
    await inbox.receive(inbox.message("hola", sender=ANOTHER_OF_LEA))
    message = inbox.message("de P4 a D4", sender=ANOTHER_OF_LEA)
    await inbox.store(*_changes(inbox, LEA_ID, message.provider_id)[:1], lane="b")
    await inbox.take("b")
    both = Identity({**LEA_ID.identifiers, **ANOTHER_OF_LEA.identifiers}, "Lea")
    await inbox.receive(inbox.message("soy yo", sender=both))
    assert await inbox.value("SELECT count(*) FROM contact_merges") == 1
    found = await inbox.receive(message)
    assert (await inbox.messages(found))[-1].body == "gratis"


async def test_the_shops_phone_still_changes_what_it_said(inbox: Inbox) -> None:
    await inbox.receive("hola")
    said = inbox.message("45 USD")
    now = inbox.clock.now()
    found = await inbox.receive(PhoneEcho(said), PhoneEchoEdit(LEA_ID, "wamid.e", said.provider_id, "54 USD", now))
    assert (await inbox.messages(found))[-1].body == "54 USD"
    await inbox.receive(PhoneEchoEdit(LEA_ID, "wamid.d", said.provider_id, None, now))
    assert (await inbox.messages(found))[-1].deleted_at == now


async def test_a_contact_does_not_change_what_the_shop_said(inbox: Inbox) -> None:
    await inbox.receive("hola")
    said = inbox.message("45 USD")
    found = await inbox.receive(PhoneEcho(said))
    await inbox.store(*_changes(inbox, LEA_ID, said.provider_id))
    await inbox.take()
    shown = (await inbox.messages(found))[-1]
    assert (shown.body, shown.deleted_at) == ("45 USD", None)

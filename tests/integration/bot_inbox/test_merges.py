"""Two contacts that became one without anybody of the team: who sees it, and can part them again."""

from datetime import timedelta

from domain.contacts.dto import IdentifierKind, Identity
from domain.conversations.inbound import ReceivedEdit
from tests.integration.bot_inbox.desk import MARTA, Desk, texts


async def test_what_events_merged_is_seen_with_its_evidence_and_undone(desk: Desk) -> None:
    by_number, _ = await desk.shown("hola")
    await desk.shown(desk.message("hey", sender=Identity({IdentifierKind.BSUID: "ES.77"}, "Marta")))
    both = {IdentifierKind.WA_ID: MARTA, IdentifierKind.BSUID: "ES.77"}
    _, thread = await desk.shown(desk.message("soy yo", sender=Identity(both, "Marta")))
    olivia, number = desk.stage.olivia, by_number.number
    seen = await desk.slash(olivia, thread, "conversation merges", {"conversation": number})
    assert "WhatsApp named both as one person: ES.77, 34600111222" in seen.text
    undone = await desk.click(olivia, seen, "Undo 1")
    assert "They are two contacts again." in undone.text
    again = await desk.slash(olivia, thread, "conversation merges", {"conversation": number})
    assert "undone" in again.text
    assert again.message is not None
    assert again.message.buttons == []
    refused = await desk.slash(desk.sole, thread, "conversation merges", {"conversation": number})
    assert "Code: permission.denied" in refused.text


async def test_a_contact_that_was_never_merged_says_so(desk: Desk) -> None:
    _, thread = await desk.shown("hola")
    seen = await desk.slash(desk.stage.olivia, thread, "conversation merges")
    assert "was not merged with anybody" in seen.text


async def test_each_thread_hears_the_others_name_and_the_one_that_ended_where_it_goes_on(desk: Desk) -> None:
    marta, first = await desk.shown("hola")
    desk.stage.clock.advance(timedelta(seconds=1))
    luis, second = await desk.shown("hey", wa_id="34600333444", name="Luis")
    owner = await desk.stage.as_owner()
    await desk.stage.services.contacts.merge(owner, luis.contact_id, marta.contact_id, {})
    await desk.stage.deliver()
    assert texts(first)[-1] == "🔗 This is the same person as **Luis**. It goes on in **C-2**."
    assert texts(second)[-1].startswith("🔗 This is the same person as **Marta**; what belonged to both")


async def test_what_was_redrawn_under_the_others_name_says_its_own_again_when_the_merge_is_undone(desk: Desk) -> None:
    said, quiet = desk.message("hola"), desk.message("sigo aquí")
    marta, first = await desk.shown(said, quiet)
    desk.stage.clock.advance(timedelta(seconds=1))
    luis, _ = await desk.shown("hey", wa_id="34600333444", name="Luis")
    contacts, owner = desk.stage.services.contacts, await desk.stage.as_owner()
    merge = await contacts.merge(owner, luis.contact_id, marta.contact_id, {})
    edit = ReceivedEdit(said.sender, "wamid.e", said.provider_id, "hola a todos", desk.stage.clock.now())
    await desk.receive(edit)
    await desk.stage.deliver()
    assert texts(first)[1].startswith("-# C-2 · ")
    await contacts.undo_merge(await desk.stage.as_owner(), merge.id)
    queued = await _queued(desk)
    await desk.stage.deliver()
    assert "C-2" not in texts(first)[1]
    assert "hola a todos" in texts(first)[1]
    assert queued == ["conversation.card", "conversation.message"], "what nobody redrew stays as it is"


async def test_the_card_of_a_chat_that_went_over_whole_has_its_own_name_again_after_the_undo(desk: Desk) -> None:
    marta, thread = await desk.shown("hola")
    desk.stage.clock.advance(timedelta(seconds=1))
    other = Identity({IdentifierKind.BSUID: "ES.77"}, "Luis")
    luis, _ = await desk.shown(desk.message("hey", sender=other))
    await desk.conversations.close(await desk.seller(), luis.id)
    await desk.stage.deliver()
    contacts = desk.stage.services.contacts
    merge = await contacts.merge(await desk.stage.as_owner(), luis.contact_id, marta.contact_id, {})
    await desk.stage.deliver()
    assert "C-1 · Luis" in thread.messages[0].text
    await contacts.undo_merge(await desk.stage.as_owner(), merge.id)
    await desk.stage.deliver()
    assert "C-1 · Marta" in thread.messages[0].text


async def _queued(desk: Desk) -> list[str]:
    system = await desk.system()
    sql = "SELECT kind FROM outbound_messages WHERE state = 'queued' AND kind LIKE 'conversation.%' ORDER BY kind"
    async with desk.stage.db.tx(system) as tx:
        return [row["kind"] for row in await tx.rows(sql)]

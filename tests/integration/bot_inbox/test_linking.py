"""`/conversation link`: which Discord account is a customer's, seen on the card, and whose it is already."""

from domain.contacts.dto import IdentifierKind, Identity
from sandbox.discord.people import Person
from tests.integration.bot_inbox.desk import Desk


async def _client(desk: Desk, name: str = "marta_plays") -> Person:
    person = desk.stage.emulator.add_person(name)
    desk.stage.guild.join(person)
    return person


async def test_the_account_stands_on_the_card_and_the_lead_until_it_is_unlinked(desk: Desk) -> None:
    _, thread = await desk.shown("hola")
    client, olivia = await _client(desk), desk.stage.olivia
    done = await desk.slash(olivia, thread, "conversation link", {"account": client})
    assert f"**Marta** is 🎮 <@{client.id}> on Discord." in done.text
    await desk.stage.deliver()
    assert f"<@{client.id}>" in thread.messages[0].text
    assert thread.messages[0].mention_ids == []  # shown, not called
    assert f"<@{client.id}>" in (await desk.slash(desk.sole, thread, "lead show", {"lead": 1})).text
    assert f"<@{client.id}>" in (await desk.slash(desk.sole, thread, "conversation show")).text
    done = await desk.slash(olivia, thread, "conversation unlink")
    assert f"No longer linked with **Marta**: 🎮 <@{client.id}>." in done.text
    await desk.stage.deliver()
    assert f"<@{client.id}>" not in thread.messages[0].text
    again = await desk.slash(olivia, thread, "conversation unlink", {"account": client})
    assert f"**Marta** is not linked with 🎮 <@{client.id}>. Nothing was changed." in again.text
    again = await desk.slash(olivia, thread, "conversation unlink")
    assert "**Marta** has no linked Discord account. Nothing was changed." in again.text


async def test_an_account_of_another_contact_is_named_and_the_merge_is_offered(desk: Desk) -> None:
    luis = Identity({IdentifierKind.WA_ID: "34600333444"}, "Luis")
    _, first = await desk.shown(desk.message("hola", sender=luis))
    client, olivia = await _client(desk), desk.stage.olivia
    await desk.slash(olivia, first, "conversation link", {"account": client})
    _, thread = await desk.shown("hola")
    taken = await desk.slash(olivia, thread, "conversation link", {"account": client, "conversation": 2})
    assert f"🎮 <@{client.id}> is linked with **Luis** (C-1) already. Nothing was changed." in taken.text
    question = await desk.click(olivia, taken, "Merge with C-1")
    assert "Merge these two?" in question.text
    merged = await desk.click(olivia, question, "Merge")
    assert "Merged with **Luis**." in merged.text
    again = await desk.slash(olivia, thread, "conversation link", {"account": client, "conversation": 2})
    assert f"is 🎮 <@{client.id}> on Discord." in again.text


async def test_no_app_is_a_customer_and_not_everybody_links(desk: Desk) -> None:
    _, thread = await desk.shown("hola")
    client = await _client(desk)
    refused = await desk.slash(desk.sole, thread, "conversation link", {"account": client})
    assert "Code: permission.denied" in refused.text
    bot = next(member.user for member in desk.stage.guild.members.values() if member.user.bot)
    refused = await desk.slash(desk.stage.olivia, thread, "conversation link", {"account": bot})
    assert "That is an app, not a person. Nothing was changed." in refused.text
    await desk.stage.deliver()
    assert "🎮" not in thread.messages[0].text


async def test_the_card_shows_at_once_that_somebody_is_blocked(desk: Desk) -> None:
    conversation, thread = await desk.shown("hola")
    contacts, olivia = desk.stage.services.contacts, await desk.stage.as_owner()
    await contacts.block(olivia, conversation.contact_id)
    await desk.stage.deliver()
    assert "Blocked: nothing is answered." in thread.messages[0].text
    await contacts.unblock(olivia, conversation.contact_id)
    await desk.stage.deliver()
    assert "Blocked" not in thread.messages[0].text

"""A number that takes no messages, as staff meet it."""

from datetime import timedelta

from domain.contacts import identifier_rows
from domain.contacts.identifiers import keys_of_address
from domain.conversations.changes import notify, refresh_card
from sandbox.discord import Channel
from tests.integration.bot_inbox.desk import MARTA, Desk, texts


async def _marked(desk: Desk) -> Channel:
    """Marta wrote, and then WhatsApp said that her number takes nothing."""
    found, thread = await desk.shown("hola")
    services, now = desk.stage.services, desk.stage.clock.now()
    async with services.db.tx(await desk.system()) as tx:
        await identifier_rows.mark_unreachable(tx, found.contact_id, keys_of_address(MARTA), now, "meta: 131026")
        await refresh_card(tx, services.clock, found.id)
        news = {"code": 7, "transition": "claim", "reason": "unreachable"}
        await notify(tx, services.clock, found.id, "customer_not_told", **news)
    await desk.stage.deliver()
    return thread


async def test_the_card_says_so_until_they_write_and_the_notice_why_nobody_was_told(desk: Desk) -> None:
    thread = await _marked(desk)
    assert "this number takes no messages" in thread.messages[0].text
    assert "their number takes no messages" in texts(thread)[-1]
    await desk.shown("aquí estoy")
    assert "takes no messages" not in thread.messages[0].text


async def test_a_command_is_answered_with_it_first_and_sends_the_second_time(desk: Desk) -> None:
    thread = await _marked(desk)
    refused = await desk.slash(desk.sole, thread, "conversation reply", {"text": "¿me lees?"})
    assert "Code: conversation.unreachable" in refused.text
    assert await desk.out() == []
    await desk.slash(desk.sole, thread, "conversation reply", {"text": "¿me lees?"})
    assert await desk.out() == ["¿me lees?"]


async def test_the_form_says_it_and_sends_what_is_typed_all_the_same(desk: Desk) -> None:
    thread = await _marked(desk)
    opened = await desk.click(desk.sole, thread.messages[0], "Reply")
    assert opened.modal is not None
    assert "takes no messages" in opened.modal.field("text").description
    await desk.submit(desk.sole, opened, {"text": "¿me lees?"})
    assert await desk.out() == ["¿me lees?"]


async def test_it_stands_above_the_templates_too(desk: Desk) -> None:
    thread = await _marked(desk)
    desk.stage.clock.advance(timedelta(hours=25))
    offered = await desk.click(desk.sole, thread.messages[0], "Reply")
    assert "takes no messages" in offered.text


async def _reactions(desk: Desk) -> int:
    system = await desk.system()
    async with desk.stage.db.tx(system) as tx:
        return int(await tx.value("SELECT count(*) FROM messages WHERE kind = 'reaction'"))


async def test_a_reaction_by_command_is_answered_with_it_first_and_goes_out_the_second_time(desk: Desk) -> None:
    thread = await _marked(desk)
    refused = await desk.slash(desk.sole, thread, "conversation react", {"emoji": "👍"})
    assert "Code: conversation.unreachable" in refused.text
    assert await _reactions(desk) == 0
    done = await desk.slash(desk.sole, thread, "conversation react", {"emoji": "👍"})
    assert "👍 is on its way" in done.text
    assert await _reactions(desk) == 1


async def test_the_menus_card_says_it_and_a_press_reacts_all_the_same(desk: Desk) -> None:
    thread = await _marked(desk)
    card = await desk.stage.settled(await desk.sole.menu(thread, "React", thread.messages[1]))
    assert "takes no messages" in card.text
    assert "👍 is on its way" in (await desk.click(desk.sole, card, "👍")).text
    assert await _reactions(desk) == 1


async def test_a_card_from_before_it_was_known_is_refused_once(desk: Desk) -> None:
    _, thread = await desk.shown("hola")
    card = await desk.stage.settled(await desk.sole.menu(thread, "React", thread.messages[1]))
    assert "takes no messages" not in card.text
    await _marked(desk)
    refused = await desk.click(desk.sole, card, "👍")
    assert "Code: conversation.unreachable" in refused.followups[0].text
    assert await _reactions(desk) == 0

"""What staff sends may be longer than one message of WhatsApp: it arrives whole, in order, once."""

import asyncio

import pytest

from channels.whatsapp import limits
from channels.whatsapp.markdown import to_whatsapp
from domain.conversations.dto import ConversationState, Outgoing
from domain.kernel.errors import InvalidInput
from domain.tenancy.dto import Purpose
from sandbox.whatsapp import Phone
from tests.integration.whatsapp_sending.loop import Loop

LONG = "\n\n".join(f"**Part {number}** " + "word " * 60 for number in range(18)).strip()


async def _reply(loop: Loop, text: str) -> None:
    """The button is pressed three times, twice at once."""
    found, seller = await loop.conversation(), loop.shop.act("seller")
    reply = loop.services.conversations.reply
    await asyncio.gather(*(reply(seller, found.id, Outgoing(text)) for _ in range(2)))
    await reply(seller, found.id, Outgoing(text))
    await loop.run()


async def test_a_long_reply_arrives_whole_in_order_and_once_however_often_it_is_pressed(loop: Loop, ana: Phone) -> None:
    await _reply(loop, LONG)
    heard = [message.text for message in ana.inbox]
    assert len(heard) == 2
    assert all(len(text) <= limits.TEXT for text in heard)
    assert "\n\n".join(heard) == to_whatsapp(LONG)
    assert [state for _, state in await loop.said()] == ["read", "read"]


async def test_every_piece_stands_in_the_thread_in_order_and_the_take_over_once(loop: Loop, ana: Phone) -> None:
    await loop.services.tenancy.bind_channel(loop.shop.act("owner"), Purpose.CONVERSATIONS, 77)
    await _reply(loop, LONG)
    async with loop.services.db.tx(loop.actor) as tx:
        shown = await tx.rows(
            """SELECT m.body FROM outbound_messages o JOIN messages m ON m.id = o.subject_id
               WHERE o.kind = 'conversation.message' AND m.direction = 'out' ORDER BY o.position"""
        )
    assert [line.strip() for row in shown for line in row["body"].split("\n\n")] == [
        line.strip() for line in LONG.split("\n\n")
    ]
    assert (await loop.notices()).count("taken_over") == 1


async def test_marks_that_make_a_text_longer_are_counted(loop: Loop, ana: Phone) -> None:
    text = "\n".join(f"# {number}" for number in range(1000, 1560))
    assert len(to_whatsapp(text)) > limits.TEXT > len(text)
    await _reply(loop, text)
    said = "\n".join(message.text for message in ana.inbox)
    assert [state for _, state in await loop.said()] == ["read", "read"]
    assert all(f"*{number}*" in said for number in range(1000, 1560))


async def test_more_than_five_messages_are_refused_and_nothing_is_sent(loop: Loop, ana: Phone) -> None:
    found = await loop.conversation()
    for text, code in (
        ("\n".join(f"# {number}" for number in range(1000, 3900)), "conversation.too_many_pieces"),
        ("x" * 30_000, "text.too_long"),
    ):
        with pytest.raises(InvalidInput) as refused:
            await loop.services.conversations.reply(loop.shop.act("seller"), found.id, Outgoing(text))
        assert refused.value.code == code
    assert await loop.said() == []
    assert (await loop.conversation()).state is ConversationState.BOT

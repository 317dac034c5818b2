"""Over the messaging limit nothing leaves of the shop's own accord for a day; staff may try, answers go on."""

from datetime import timedelta

import pytest

from domain.channels.alerts import ChannelAlerts
from domain.conversations.dto import Author, Outgoing, TemplateCall
from domain.conversations.policy import failure_of
from tests.fixtures.inbox import Inbox

NEWS = Outgoing("listo", template=TemplateCall("order_update", "es"))


async def _refusal(inbox: Inbox, author: Author = Author.SYSTEM, outgoing: Outgoing = NEWS) -> str:
    """Why something said now would not leave."""
    found = await inbox.latest()
    async with inbox.db.tx(inbox.system) as tx:
        message_id = await inbox.conversations.say(tx, found.id, outgoing, author, "orders")
        refusal: str = (await inbox.conversations.deliverable(tx, message_id)).refusal
        return refusal


@pytest.mark.parametrize("code", [131064, 131042])
async def test_news_of_our_own_wait_for_a_day_after_that_refusal_and_no_other(inbox: Inbox, code: int) -> None:
    await inbox.receive("hola")
    inbox.clock.advance(timedelta(hours=30))
    assert await _refusal(inbox) == ""
    await ChannelAlerts(inbox.db, inbox.clock).alert(inbox.system, inbox.account_id, code, "limit")
    assert await _refusal(inbox) == ("limit_reached" if code == 131064 else "")
    assert await _refusal(inbox, Author.MEMBER) == "", "a person may try"
    inbox.clock.advance(timedelta(hours=25))
    assert await _refusal(inbox) == ""


async def test_who_writes_is_answered_all_the_same(inbox: Inbox) -> None:
    await inbox.receive("hola")
    await ChannelAlerts(inbox.db, inbox.clock).alert(inbox.system, inbox.account_id, 131064, "limit")
    assert await _refusal(inbox, outgoing=Outgoing("hola")) == ""
    assert await _refusal(inbox) == "", "inside the window it is an answer"


def test_its_reason_is_told_in_words() -> None:
    assert failure_of("meta: limit_reached") == failure_of("meta: 131064 Limit") == "held_back"

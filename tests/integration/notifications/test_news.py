"""Customers hear how their order goes: once, in their language, and only who may hear it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.channels.dto import Template
from domain.conversations.dto import Conversation
from domain.kernel.errors import PermanentFailure
from domain.orders.dto import NewOrder, Order
from tests.fixtures.inbox import Inbox


async def _order(inbox: Inbox, contact_id: UUID) -> Order:
    """An open order of a contact's."""
    new = NewOrder("Lea", "E4", "D1", contact_id=contact_id)
    draft = await inbox.services.orders.create(inbox.shop.act("seller"), new)
    return await inbox.services.orders.publish(inbox.shop.act("seller"), draft.code)


async def _tell(inbox: Inbox, order: Order, transition: str, key: str = "k1") -> None:
    await inbox.services.notifications.tell_customer(inbox.tenant_id, order.id, transition, key, "job:1")


async def _lea(inbox: Inbox) -> Conversation:
    return await inbox.receive("Hola, ¿cuánto cuesta subir de platino a diamante?")


async def test_customer_hears_of_the_claim_once_and_in_spanish(inbox: Inbox) -> None:
    found = await _lea(inbox)
    order = await _order(inbox, found.contact_id)
    await _tell(inbox, order, "claim")
    await _tell(inbox, order, "claim")
    assert await inbox.said() == [f"Pedido #{order.code}: un booster ya está con él."]
    assert await inbox.notices() == []  # the mirrored message is enough
    assert await inbox.deliver(found) == 1


async def test_posted_order_wins_the_lead_and_the_customer_hears_nothing_of_it(inbox: Inbox) -> None:
    found = await _lea(inbox)
    order = await _order(inbox, found.contact_id)
    await _tell(inbox, order, "publish")
    assert await inbox.said() == []
    assert await inbox.value("SELECT stage FROM leads") == "won"
    assert await inbox.notices("order_posted") == [{"what": "order_posted", "code": order.code}]


@pytest.mark.parametrize("transition", ["release", "extend", "reopen", "adjust", "revise", "create", "nonsense"])
async def test_customer_hears_nothing_of_the_houses_own_business(inbox: Inbox, transition: str) -> None:
    found = await _lea(inbox)
    await _tell(inbox, await _order(inbox, found.contact_id), transition)
    assert await inbox.said() == []
    assert await inbox.notices("customer_not_told") == []


async def _progress(inbox: Inbox, order: Order, division: str, key: str) -> None:
    """A booster says how far it is, and the job that tells the customer runs."""
    await inbox.services.orders.progress(inbox.shop.act("ana"), order.code, division, 6000)
    await _tell(inbox, order, "progress", key)


async def test_progress_is_told_once_for_each_division_between_start_and_target(inbox: Inbox) -> None:
    found = await _lea(inbox)
    order = await _order(inbox, found.contact_id)
    await inbox.services.orders.claim(inbox.shop.act("ana"), order.code)
    for number, division in enumerate(("E4", "D4", "D4", "D3", "D4", "D1")):
        await _progress(inbox, order, division, f"k{number}")
    assert await inbox.said() == [
        f"El pedido #{order.code} ya está en D4, camino de D1.",
        f"El pedido #{order.code} ya está en D3, camino de D1.",
    ]
    assert await inbox.notices() == []


@pytest.mark.parametrize("transition", ["pause", "resume", "complete", "cancel", "abandon", "ban"])
async def test_every_other_event_has_its_words(inbox: Inbox, transition: str) -> None:
    found = await _lea(inbox)
    order = await _order(inbox, found.contact_id)
    await _tell(inbox, order, transition)
    (text,) = await inbox.said()
    assert f"#{order.code}" in text


async def test_customer_who_stopped_is_not_told_and_the_thread_hears_of_that(inbox: Inbox) -> None:
    found = await _lea(inbox)
    order = await _order(inbox, found.contact_id)
    await inbox.receive("BAJA")
    said = await inbox.said()
    await _tell(inbox, order, "claim")
    assert await inbox.said() == said
    assert await inbox.notices("customer_not_told") == [
        {"what": "customer_not_told", "code": order.code, "transition": "claim", "reason": "opted_out"}
    ]


async def test_customer_whose_number_takes_no_messages_is_not_told_and_the_thread_hears_of_that(inbox: Inbox) -> None:
    found = await _lea(inbox)
    order = await _order(inbox, found.contact_id)
    await inbox.answer(found)
    inbox.provider.outcomes.append(PermanentFailure("meta", "131026"))
    await inbox.deliver(found)
    said = await inbox.said()
    await _tell(inbox, order, "claim")
    assert await inbox.said() == said
    assert [note["reason"] for note in await inbox.notices("customer_not_told")] == ["unreachable"]
    await _lea(inbox)
    await _tell(inbox, order, "pause", "k2")
    assert len(await inbox.said()) == len(said) + 1


@pytest.mark.parametrize("part", [{"type": "HEADER", "format": "IMAGE"}, {"type": "CAROUSEL"},
                                  {"type": "BUTTONS", "buttons": [{"type": "COPY_CODE"}]}])  # fmt: skip
async def test_a_template_that_wants_more_than_words_is_not_sent_by_itself(inbox: Inbox, part: dict[str, Any]) -> None:
    found = await _lea(inbox)
    order = await _order(inbox, found.contact_id)
    template = Template(inbox.account_id, "order_update", "es", "approved", "utility", "", ("order", "news"), [part])
    await inbox.services.channels.save_templates(inbox.system, inbox.account_id, [template])
    inbox.clock.advance(timedelta(hours=30))
    await _tell(inbox, order, "claim")
    assert await inbox.rows("SELECT content FROM messages WHERE direction = 'out'") == []
    assert len(await inbox.notices("customer_not_told")) == 1


@pytest.mark.parametrize("status", ["approved", "rejected"])
async def test_outside_the_window_an_approved_template_is_sent(inbox: Inbox, status: str) -> None:
    found = await _lea(inbox)
    order = await _order(inbox, found.contact_id)
    templates = [
        Template(inbox.account_id, "order_update", language, state, "utility", "", ("order", "news"), [])
        for language, state in (("es", status), ("pt_BR", "approved"), ("de", "approved"))
    ]
    await inbox.services.channels.save_templates(inbox.system, inbox.account_id, templates)
    inbox.clock.advance(timedelta(hours=30))
    await _tell(inbox, order, "claim")
    told = await inbox.rows("SELECT content FROM messages WHERE direction = 'out'")
    if status == "rejected":
        assert told == []
        assert len(await inbox.notices("customer_not_told")) == 1
        return
    template = told[0]["content"]["template"]
    assert (template["name"], template["language"], template["parameters"][0]) == (
        "order_update",
        "es",
        ["order", f"#{order.code}"],
    )
    assert await inbox.deliver(found) == 1

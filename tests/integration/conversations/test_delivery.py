"""Statuses never go back, failures are told, and nothing leaves that must not."""

import asyncio
from datetime import timedelta
from itertools import permutations
from uuid import UUID

import pytest

from domain.conversations.dto import Conversation, Deliverable, Message, Option, Outgoing, TemplateCall
from domain.conversations.inbound import StatusUpdate
from domain.conversations.policy import FAILURES, failure_of
from domain.i18n.catalog import LOCALES
from domain.i18n.reader import Reader
from domain.kernel.errors import PermanentFailure, UnknownOutcome
from tests.fixtures.inbox import Inbox


async def _sent(inbox: Inbox) -> tuple[Conversation, Message]:
    """A conversation with one answer that left."""
    found = await inbox.receive("hola")
    await inbox.answer(found)
    await inbox.deliver(found)
    return found, (await inbox.messages(found))[-1]


async def _apply(inbox: Inbox, update: StatusUpdate) -> None:
    async with inbox.db.tx(inbox.system) as tx:
        await inbox.conversations.apply_status(tx, inbox.account_id, update)


async def _outbound(inbox: Inbox) -> str:
    return str(await inbox.value("SELECT id FROM outbound_messages WHERE channel = 'whatsapp' ORDER BY position DESC"))


@pytest.mark.parametrize("order", list(permutations(["sent", "delivered", "read"])))
async def test_statuses_never_go_back_whatever_their_order(inbox: Inbox, order: tuple[str, ...]) -> None:
    found, message = await _sent(inbox)
    for status in order:
        await _apply(inbox, inbox.status(status, message.provider_id or ""))
    assert (await inbox.messages(found))[-1].state == "read"
    assert await inbox.value("SELECT state FROM outbound_messages WHERE channel = 'whatsapp'") == "read"


async def test_status_before_our_own_answer_is_kept_and_applied(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    await inbox.answer(found)
    await _apply(inbox, inbox.status("delivered", "wamid.out.1"))
    await _apply(inbox, inbox.status("sent", "wamid.out.1"))
    await inbox.deliver(found)
    assert (await inbox.messages(found))[-1].state == "delivered"
    assert await inbox.value("SELECT count(*) FROM early_news") == 0


async def test_status_with_our_own_id_settles_an_unknown_outcome(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    await inbox.answer(found)
    inbox.provider.outcomes.append(UnknownOutcome("meta", "timeout"))
    await inbox.deliver(found)
    assert (await inbox.messages(found))[-1].state == "unknown"
    outbound_id = await _outbound(inbox)
    await _apply(inbox, inbox.status("delivered", "wamid.x", outbound_id=outbound_id))
    message = (await inbox.messages(found))[-1]
    assert (message.state, message.provider_id) == ("delivered", "wamid.x")
    inbox.clock.advance(timedelta(minutes=2))
    assert await inbox.deliver(found) == 0
    assert inbox.provider.sent == []


async def test_status_and_our_own_answer_at_once_end_in_one_state(inbox: Inbox) -> None:
    for number in range(10):
        found = await inbox.receive(inbox.message("hola", wa_id=f"3460022{number:04}"), lane=str(number))
        await inbox.answer(found)
        inbox.provider.prefix = f"wamid.{number}."
        wamid = f"wamid.{number}.{len(inbox.provider.sent) + 1}"
        outbound_id = await _outbound(inbox) if number % 2 else ""
        await asyncio.gather(
            inbox.deliver(found), _apply(inbox, inbox.status("delivered", wamid, outbound_id=outbound_id))
        )
        message = (await inbox.messages(found))[-1]
        assert (message.state, message.provider_id) == ("delivered", wamid)


async def test_failure_stays_is_told_with_its_reason_and_shown_in_the_thread(inbox: Inbox) -> None:
    found, message = await _sent(inbox)
    errors = ({"code": 131047, "title": "Re-engagement message"},)
    await _apply(inbox, inbox.status("failed", message.provider_id or "", errors=errors))
    await _apply(inbox, inbox.status("delivered", message.provider_id or ""))
    after = (await inbox.messages(found))[-1]
    assert (after.state, after.error) == ("failed", "meta: 131047 Re-engagement message")
    (notice,) = await inbox.notices("not_sent")
    assert notice["reason"] == "window_closed"


async def test_what_was_delivered_does_not_fail_any_more(inbox: Inbox) -> None:
    found, message = await _sent(inbox)
    await _apply(inbox, inbox.status("delivered", message.provider_id or ""))
    await _apply(inbox, inbox.status("failed", message.provider_id or "", errors=({"code": 131000},)))
    assert (await inbox.messages(found))[-1].state == "delivered"


async def test_late_refusal_that_passes_is_sent_once_more(inbox: Inbox) -> None:
    found, message = await _sent(inbox)
    first = await _outbound(inbox)
    refused = inbox.status("failed", message.provider_id or "", errors=({"code": 131056},), outbound_id=first)
    await _apply(inbox, refused)
    await _apply(inbox, refused)
    assert (await inbox.messages(found))[-1].state == "queued"
    assert await inbox.deliver(found) == 0
    inbox.clock.advance(timedelta(seconds=16))
    assert await inbox.deliver(found) == 1
    again = (await inbox.messages(found))[-1]
    assert (again.state, again.provider_id) == ("sent", "wamid.out.2")
    second = await _outbound(inbox)
    await _apply(inbox, inbox.status("failed", "wamid.out.2", errors=({"code": 131056},), outbound_id=second))
    assert (await inbox.messages(found))[-1].state == "failed"
    assert (await inbox.notices("not_sent"))[0]["reason"] == "too_fast"


async def test_a_file_that_whatsapp_could_not_fetch_is_uploaded_once_more(inbox: Inbox) -> None:
    found, message = await _sent(inbox)
    first = await _outbound(inbox)
    await _apply(
        inbox, inbox.status("failed", message.provider_id or "", errors=({"code": 131053},), outbound_id=first)
    )
    inbox.clock.advance(timedelta(seconds=16))
    assert await inbox.deliver(found) == 1


async def test_status_of_a_strangers_message_is_quietly_kept_and_forgotten(inbox: Inbox) -> None:
    for outbound_id in ("", "not-ours", str(UUID(int=7))):
        await _apply(inbox, inbox.status("read", "wamid.stranger", outbound_id=outbound_id))
    inbox.clock.advance(timedelta(days=8))
    await inbox.conversations.forget_early_news(inbox.tenant_id, "job")
    assert await inbox.value("SELECT count(*) FROM early_news") == 0


async def test_permanent_failure_is_told(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    await inbox.answer(found)
    inbox.provider.outcomes.append(PermanentFailure("meta", "131026"))
    await inbox.deliver(found)
    assert (await inbox.messages(found))[-1].state == "failed"
    assert (await inbox.notices("not_sent"))[0]["reason"] == "unreachable"


async def _deliverable(inbox: Inbox, found: Conversation) -> Deliverable:
    message = (await inbox.messages(found))[-1]
    async with inbox.db.tx(inbox.system) as tx:
        result: Deliverable | None = await inbox.conversations.deliverable(tx, message.id)
    assert result is not None
    return result


async def test_message_is_read_at_the_moment_of_sending(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    options = (Option("a", "Quote"), Option("b", "Person", "A human"))
    outgoing = Outgoing("Choose", options, "Menu", reply_to="wamid.in.1")
    await inbox.conversations.reply(inbox.shop.act("seller"), found.id, outgoing)
    ready = await _deliverable(inbox, found)
    assert ready.outgoing == outgoing
    assert (ready.recipient, ready.recipient_kind, ready.refusal) == ("34600111222", "to", "")
    inbox.clock.advance(timedelta(hours=23, minutes=56))
    assert (await _deliverable(inbox, found)).refusal == "window_closed"
    await inbox.services.channels.stop(inbox.system, inbox.account_id, "token expired")
    await inbox.receive("sigues?")
    await inbox.conversations.reply(inbox.shop.act("seller"), found.id, Outgoing("Sí"))
    assert (await _deliverable(inbox, found)).refusal == "account_stopped"
    await inbox.services.contacts.block(inbox.shop.act("owner"), found.contact_id)
    assert (await _deliverable(inbox, found)).refusal == "blocked"


async def test_template_may_leave_outside_the_window_and_not_after_stop(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    inbox.clock.advance(timedelta(hours=30))
    template = TemplateCall("order_update", "es", (("1", "#7"), ("2", "hecho")))
    await inbox.conversations.reply(inbox.shop.act("seller"), found.id, Outgoing(template=template))
    ready = await _deliverable(inbox, found)
    assert (ready.refusal, ready.outgoing.template) == ("", template)
    async with inbox.db.tx(inbox.system) as tx:
        await inbox.services.contacts.opt_out(tx, found.contact_id, "STOP", "x")
    assert (await _deliverable(inbox, found)).refusal == "opted_out"


def test_every_error_group_has_its_word() -> None:
    assert failure_of("meta: 131047 Re-engagement") == "window_closed"
    assert failure_of("given up: meta: 131016") == "outage"
    assert failure_of("something new") == "other"
    assert failure_of("meta: unknown_twice") == "unclear"
    assert failure_of("meta: no_such_file") == "no_file"
    assert failure_of("meta: http_502") == "gateway"
    for locale in LOCALES:
        assert not [reason for reason in FAILURES if not Reader(locale).has(f"conversation.failure.{reason}")]

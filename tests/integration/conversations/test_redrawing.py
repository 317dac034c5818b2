"""What the cards show of the whole shop has changed: those of live conversations are drawn anew, bit by bit."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from domain.conversations.dto import Conversation
from domain.conversations.jobs import REFRESH_CARDS
from domain.conversations.redrawing import MOST_COUNT
from domain.conversations.settings import AgentChange
from domain.jobs.handlers import HANDLERS, Job, Workshop
from domain.kernel.errors import PermissionDenied
from domain.tenancy.dto import Purpose
from tests.fixtures.inbox import Inbox

_POSTED = "INSERT INTO posted_cards SELECT tenant_id, 'conversation.card', id, number, number FROM conversations"
_MORE_PEOPLE = """
INSERT INTO contacts (id, tenant_id, name, created_at)
SELECT gen_random_uuid(), tenant_id, 'P' || n, created_at FROM contacts, generate_series(2, 161) n WHERE id = $1
"""
_MORE_CHATS = """
INSERT INTO conversations (id, tenant_id, number, contact_id, account_id, state, last_activity_at, opened_at)
SELECT gen_random_uuid(), c.tenant_id, substr(p.name, 2)::int, p.id, account_id, 'bot', last_activity_at, opened_at
FROM conversations c JOIN contacts p ON p.id <> c.contact_id WHERE c.id = $1
"""
_WAITING = "SELECT count(*) FROM outbound_messages WHERE kind = 'conversation.card' AND state = 'queued'"


async def _chats(inbox: Inbox, count: int) -> list[Conversation]:
    """So many conversations whose cards stand in Discord as they are."""
    await inbox.services.tenancy.bind_channel(inbox.shop.act("owner"), Purpose.CONVERSATIONS, 1)
    found = []
    for number in range(count):
        wa_id = f"34600{number:06}"
        found.append(await inbox.receive(inbox.message("hola", wa_id=wa_id), lane=wa_id))
    await _drawn(inbox)
    await _run(inbox, _POSTED)
    return found


async def _run(inbox: Inbox, sql: str, *args: object) -> None:
    async with inbox.db.tx(inbox.system) as tx:
        await tx.run(sql, *args)


async def _drawn(inbox: Inbox) -> None:
    await _run(inbox, "UPDATE outbound_messages SET state = 'sent' WHERE state = 'queued'")


async def _turn(inbox: Inbox, *, is_on: bool) -> None:
    await inbox.conversations.change_settings(inbox.shop.act("owner"), AgentChange(is_on=is_on))


async def _work(inbox: Inbox) -> list[int]:
    """What the jobs drew, one after the other, until none is left."""
    drawn: list[int] = []
    while True:
        async with inbox.db.queue_tx() as tx:
            sql = "DELETE FROM pgqueuer WHERE entrypoint = $1 RETURNING convert_from(payload, 'UTF8')::jsonb AS payload"
            rows = await tx.rows(sql, REFRESH_CARDS)
        if not rows:
            return drawn
        for row in rows:
            job = Job(REFRESH_CARDS, "job:1", UUID(row["payload"]["tenant_id"]), row["payload"])
            count = await HANDLERS[REFRESH_CARDS](Workshop(inbox.services), job)
            assert isinstance(count, int)
            drawn.append(count)


async def test_switching_the_assistant_off_and_on_draws_the_live_cards_anew(inbox: Inbox) -> None:
    chats = await _chats(inbox, 3)
    await inbox.conversations.close(inbox.shop.act("seller"), chats[0].id)
    await _drawn(inbox)
    for is_on in (False, True):
        await _turn(inbox, is_on=is_on)
        assert await inbox.value(_WAITING) == 0, "whoever switches it does not wait for the cards"
        assert await _work(inbox) == [2]
        assert await inbox.value(_WAITING) == 2
        await _drawn(inbox)


async def test_the_same_again_or_another_setting_draws_nothing(inbox: Inbox) -> None:
    await _chats(inbox, 1)
    await inbox.conversations.change_settings(inbox.shop.act("owner"), AgentChange(persona="kind", silence_hours=3))
    await _turn(inbox, is_on=True)
    assert await _work(inbox) == []


async def test_it_folds_with_what_waits_and_with_another_job_at_the_same_time(inbox: Inbox) -> None:
    chats = await _chats(inbox, 4)
    await inbox.conversations.take_over(inbox.shop.act("seller"), chats[1].id)
    tasks = [inbox.conversations.redraw_cards(inbox.tenant_id, f"job:{number}") for number in range(6)]
    assert await asyncio.gather(*tasks) == [4] * 6
    assert await inbox.value(_WAITING) == 4


async def test_what_was_quiet_for_a_week_or_has_no_thread_stays_as_it_is(inbox: Inbox) -> None:
    chats = await _chats(inbox, 3)
    old = inbox.clock.now() - timedelta(days=8)
    await _run(inbox, "UPDATE conversations SET last_activity_at = $2 WHERE id = $1", chats[0].id, old)
    await _run(inbox, "DELETE FROM posted_cards WHERE subject_id = $1", chats[1].id)
    await _turn(inbox, is_on=False)
    assert await _work(inbox) == [1]


async def test_many_are_drawn_bit_by_bit_and_no_more_than_the_bound(inbox: Inbox) -> None:
    chats = await _chats(inbox, 1)
    await _run(inbox, _MORE_PEOPLE, chats[0].contact_id)
    await _run(inbox, _MORE_CHATS, chats[0].id)
    await _run(inbox, f"{_POSTED} ON CONFLICT DO NOTHING")
    await _turn(inbox, is_on=False)
    assert await _work(inbox) == [50, 50, 50, 11]
    assert await inbox.value(_WAITING) == 161
    await inbox.conversations.redraw_cards(inbox.tenant_id, "job:1", None, MOST_COUNT - 50)
    assert await inbox.jobs(REFRESH_CARDS) == 0


async def test_who_may_not_change_settings_has_nothing_drawn(inbox: Inbox) -> None:
    with pytest.raises(PermissionDenied):
        await inbox.conversations.refresh_cards(inbox.shop.act("seller"))

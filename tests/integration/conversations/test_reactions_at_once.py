"""What becomes of an earlier reaction while another one is put."""

import asyncio
from uuid import UUID

import asyncpg

from domain.conversations.dto import Conversation, Message
from domain.conversations.inbound import StatusUpdate
from tests.fixtures.inbox import Inbox

_WAITERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


async def _refused(inbox: Inbox, ref: str, outbound_id: UUID) -> None:
    errors = ({"code": 131009, "title": "Parameter value is not valid"},)
    await inbox.store(StatusUpdate(ref, "failed", inbox.clock.now(), errors=errors, outbound_id=str(outbound_id)),
                      lane="status", kind="status")  # fmt: skip
    await inbox.take("status")


async def _written(inbox: Inbox) -> tuple[Conversation, Message]:
    found = await inbox.receive("hola")
    return found, (await inbox.messages(found))[-1]


async def _until_wait(watcher: asyncpg.Connection, count: int) -> None:
    async with asyncio.timeout(10):
        while await watcher.fetchval(_WAITERS) < count:  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(0.01)


async def test_a_refusal_of_the_earlier_reaction_does_not_take_the_later_one_off(
    inbox: Inbox, owner_url: str
) -> None:  # fmt: skip
    found, message = await _written(inbox)
    await inbox.conversations.put_reaction(inbox.shop.act("seller"), message.id, "👍")
    assert await inbox.deliver(found) == 1
    sent = await inbox.row("SELECT id, provider_ref FROM outbound_messages WHERE kind = 'whatsapp.message'")
    assert sent is not None
    blocker, watcher = await asyncpg.connect(owner_url), await asyncpg.connect(owner_url)
    async with asyncio.TaskGroup() as both, blocker.transaction():
        await blocker.execute("SELECT FROM guildhall.messages WHERE id = $1 FOR UPDATE", message.id)
        both.create_task(inbox.conversations.put_reaction(inbox.shop.act("owner"), message.id, "🙏"))
        await _until_wait(watcher, 1)
        both.create_task(_refused(inbox, sent["provider_ref"], sent["id"]))
        await _until_wait(watcher, 2)
    await blocker.close()
    await watcher.close()
    assert (await inbox.messages(found))[-1].reactions == {"shop": "🙏"}

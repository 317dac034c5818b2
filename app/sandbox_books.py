"""What must hold after a day: balanced books, whole chains, everything delivered, nothing unknown asked of Discord."""

import asyncio
import contextlib
from typing import Any
from uuid import UUID

from app.composition import Composition
from domain.kernel.actor import Actor
from domain.kernel.ids import uuid7
from sandbox.checks import Checks
from sandbox.discord import DiscordEmulator

_STATES = "SELECT DISTINCT state FROM outbound_messages WHERE tenant_id = $1"
_ENDED = {"sent", "delivered", "read", "cancelled"}
_ARRIVED = {"in received", "out read", "out sent", "note noted"}  # from the shop's own phone: sent is all one hears
_OVER = {"replied", "handed_off", "silenced", "superseded"}
_ON_THEIR_WAY = {"queued", "sending", "unknown"}
_PATIENCE_S = 20
_INBOUND = "SELECT DISTINCT state FROM inbound_events WHERE tenant_id = $1"
_SAID = "SELECT DISTINCT direction || ' ' || state FROM messages WHERE tenant_id = $1"
_TURNS = "SELECT DISTINCT state FROM agent_turns WHERE tenant_id = $1"
_TWICE = """
SELECT count(*) FROM (SELECT 1 FROM agent_turns WHERE tenant_id = $1 AND state IN ('replied', 'handed_off')
                      GROUP BY conversation_id, upto_position HAVING count(*) > 1) AS twice
"""
_JOBS = "SELECT count(*) FROM pgqueuer WHERE status = 'failed'"


async def check_house(house: Composition, discord: DiscordEmulator, checks: Checks) -> None:
    """Check books and invariants of every shop in the house."""
    for tenant_id in await house.services.tenancy.tenant_ids():
        await _check_books(house, tenant_id, checks)
        await _check_deliveries(house, tenant_id, checks)
        await _check_conversations(house, tenant_id, checks)
    async with house.db.queue_tx() as tx:
        checks.equal("jobs: none is parked", await tx.value(_JOBS), 0)
    checks.equal("discord: was asked for nothing it does not know", list(discord.rest.unknown_routes), [])


async def _check_books(house: Composition, tenant_id: UUID, checks: Checks) -> None:
    services, actor = house.services, Actor.system(tenant_id, "sandbox", str(uuid7()))
    checks.equal("books: every balance equals its postings", await services.ledger.check(actor), [])
    closes = await services.closing.verify(tenant_id)
    checks.equal("books: every Z is whole and equals the journal", closes.breaks, ())
    audit = await services.audit.verify(tenant_id)
    checks.equal("audit: the chain is whole", audit.is_whole, True)


async def _check_deliveries(house: Composition, tenant_id: UUID, checks: Checks) -> None:
    """Wait until nothing is on its way, then look at how everything ended."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE_S):
            while await _states(house, tenant_id) & _ON_THEIR_WAY:  # noqa: ASYNC110 - rows, not events
                await asyncio.sleep(0.1)
    ended = await _states(house, tenant_id)
    checks.equal("outbox: everything was sent or had become needless", ended - _ENDED, set())


async def _check_conversations(house: Composition, tenant_id: UUID, checks: Checks) -> None:
    """Everything that came in was understood, everything that was said was read, nothing was answered twice."""
    checks.equal("inbound: every item was taken", await _found(house, tenant_id, _INBOUND), {"done"})
    checks.equal("messages: all of them arrived", await _found(house, tenant_id, _SAID) - _ARRIVED, set())
    checks.equal("turns: each is over", await _found(house, tenant_id, _TURNS) - _OVER, set())
    checks.equal("turns: no message was answered twice", await _found(house, tenant_id, _TWICE), {0})


async def _states(house: Composition, tenant_id: UUID) -> set[str]:
    return await _found(house, tenant_id, _STATES)


async def _found(house: Composition, tenant_id: UUID, sql: str) -> set[Any]:
    """The first column of a query about one shop."""
    actor = Actor.system(tenant_id, "sandbox", str(uuid7()))
    async with house.db.tx(actor) as tx:
        return {next(iter(row.values())) for row in await tx.rows(sql, tenant_id)}

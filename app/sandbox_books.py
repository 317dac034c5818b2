"""What must hold after a day: balanced books, whole chains, everything delivered, nothing unknown asked of Discord."""

import asyncio
import contextlib
from uuid import UUID

from app.composition import Composition
from domain.kernel.actor import Actor
from domain.kernel.ids import uuid7
from sandbox.checks import Checks
from sandbox.discord import DiscordEmulator

_STATES = "SELECT DISTINCT state FROM outbound_messages WHERE tenant_id = $1"
_ON_THEIR_WAY = {"queued", "sending", "unknown"}
_PATIENCE_S = 20
_JOBS = "SELECT count(*) FROM pgqueuer WHERE status = 'failed'"


async def check_house(house: Composition, discord: DiscordEmulator, checks: Checks) -> None:
    """Check books and invariants of every shop in the house."""
    for tenant_id in await house.services.tenancy.tenant_ids():
        await _check_books(house, tenant_id, checks)
        await _check_deliveries(house, tenant_id, checks)
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
    checks.equal("outbox: everything was sent or had become needless", ended - {"sent", "cancelled"}, set())


async def _states(house: Composition, tenant_id: UUID) -> set[str]:
    actor = Actor.system(tenant_id, "sandbox", str(uuid7()))
    async with house.db.tx(actor) as tx:
        return {row["state"] for row in await tx.rows(_STATES, tenant_id)}

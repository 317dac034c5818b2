"""The first messages of a new shop: one in each of its channels."""

from domain.kernel.actor import Actor
from domain.kernel.clock import Clock
from domain.kernel.db import Database
from domain.outbox.kinds import Kind
from domain.outbox.post import post_notice
from domain.tenancy.dto import Purpose
from domain.tenancy.policy import Permission, require
from domain.tenancy.queries import answer_steps


async def post_setup_test(db: Database, clock: Clock, actor: Actor) -> int:
    """Put a test message into every channel that is bound; the number of channels. Ends the set-up.

    Raises:
        PermissionDenied: The actor may not change settings.
    """
    require(actor, Permission.SETTINGS_CHANGE)
    async with db.tx(actor) as tx:
        rows = await tx.rows("SELECT purpose FROM channel_bindings WHERE tenant_id = $1 ORDER BY purpose", tx.tenant_id)
        for row in rows:
            purpose = Purpose(row["purpose"])
            await post_notice(tx, clock, purpose, Kind.SETUP_TEST, {"purpose": purpose.value})
        await answer_steps(tx, ["test"])
    return len(rows)

"""What a booster sees of their own work."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from domain.kernel.actor import Actor
from domain.orders.changes import OrderUseCases
from domain.tenancy.policy import Permission, require
from domain.tenancy.queries import tenant as read_tenant

# By the business day too, which has an index: a month's orders are read, not a booster's whole past. Two days to spare:
# the cutoff puts the first night of a month on the day before, and the shop may have moved its zone since.
_FINISHED = """
SELECT count(*) FROM orders
WHERE tenant_id = $1 AND booster_id = $2 AND state = 'completed' AND finished_at >= $3 AND closed_on >= $4::date - 2
"""


class Own(OrderUseCases):
    """Counts for `/me`."""

    async def finished_this_month(self, actor: Actor) -> int:
        """Orders the actor completed in the present calendar month of the tenant's zone; reopened ones do not count."""
        require(actor, Permission.ORDER_LIST)
        async with self._db.tx(actor) as tx:
            tenant = await read_tenant(tx)
            zone = ZoneInfo(tenant.zone)
            first = self._clock.now().astimezone(zone).date().replace(day=1)
            since = datetime.combine(first, time(), zone).astimezone(UTC)
            found: int = await tx.value(_FINISHED, tx.tenant_id, actor.member_id, since, first)
            return found

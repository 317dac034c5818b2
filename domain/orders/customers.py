"""The orders of one person who writes to us."""

from uuid import UUID

from domain.kernel.actor import Actor
from domain.orders.changes import OrderUseCases
from domain.orders.dto import Order, Transition
from domain.orders.policy import TRANSITIONS
from domain.orders.queries import ORDER_COLUMNS, ORDER_TABLES, live_of_contact, order_of
from domain.tenancy.policy import Permission, allows, require

_LIMIT = 5
_OF_CONTACT = f"""
SELECT {ORDER_COLUMNS} FROM {ORDER_TABLES}
WHERE o.tenant_id = $1 AND o.contact_id = $2 AND o.state <> 'draft' ORDER BY o.code DESC LIMIT {_LIMIT}
"""  # noqa: S608 - our own words


class Customers(OrderUseCases):
    """What a customer may hear of."""

    async def of_contact(self, actor: Actor, contact_id: UUID) -> tuple[Order, ...]:
        """The contact's latest published orders, newest first, at most five. For the assistant and for staff."""
        if not allows(actor, Permission.AGENT_ANSWER):
            require(actor, Permission.CONVERSATION_SEE)
        async with self._db.tx(actor) as tx:
            return tuple(order_of(row) for row in await tx.rows(_OF_CONTACT, tx.tenant_id, contact_id))

    async def live_beside(self, actor: Actor, order: Order) -> tuple[Order, ...]:
        """Other orders of the person an order is for, posted and not ended, newest first, at most five."""
        require(actor, TRANSITIONS[Transition.CREATE].permission)
        if order.contact_id is None:
            return ()
        async with self._db.tx(actor) as tx:
            return await live_of_contact(tx, order.contact_id, order.id)

"""The standing cards of orders as a whole."""

from domain.kernel.actor import Actor
from domain.orders.changes import OrderUseCases
from domain.outbox.kinds import Kind
from domain.outbox.post import forget_cards_elsewhere, post_card
from domain.tenancy.dto import Purpose
from domain.tenancy.policy import Permission, require

_SHOWN = "SELECT id FROM orders WHERE tenant_id = $1 AND state IN ('open', 'claimed', 'paused') ORDER BY code"


class Cards(OrderUseCases):
    """Cards follow the orders channel."""

    async def move_cards(self, actor: Actor, channel_id: int) -> int:
        """Post the card of every open, claimed or paused order that is not in this channel yet; how many are live.

        Cards that are there already are drawn again in place. Old cards elsewhere stay, and their buttons work.
        """
        require(actor, Permission.SETTINGS_CHANGE)
        async with self._db.tx(actor) as tx:
            await forget_cards_elsewhere(tx, Kind.ORDER_CARD, channel_id)
            rows = await tx.rows(_SHOWN, tx.tenant_id)
            for row in rows:
                await post_card(tx, self._clock, Kind.ORDER_CARD, row["id"], Purpose.ORDERS)
        return len(rows)

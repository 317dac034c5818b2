"""The cards of live conversations drawn anew, when what they show of the whole shop has changed."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from domain.conversations.board import KEPT_FOR
from domain.conversations.changes import ConversationUseCases, board_changes, cards_change, refresh_card
from domain.conversations.jobs import REFRESH_CARDS
from domain.kernel.actor import Actor
from domain.kernel.db import Row, Tx
from domain.kernel.queue import enqueue
from domain.outbox.kinds import Kind
from domain.tenancy.policy import Permission, require

MOST_COUNT = 500
AT_ONCE_COUNT = 50
PAUSE = timedelta(seconds=5)  # so that messages need not wait behind the cards
_LIVE = f"""
SELECT c.id, c.last_activity_at FROM conversations c
WHERE c.tenant_id = $1 AND c.state IN ('bot', 'human') AND c.last_activity_at > $2
    AND ($3::timestamptz IS NULL OR (c.last_activity_at, c.id) < ($3, $4::uuid))
    AND EXISTS (SELECT 1 FROM posted_cards t
                WHERE t.tenant_id = $1 AND t.kind = '{Kind.CONVERSATION_CARD}' AND t.subject_id = c.id)
ORDER BY c.last_activity_at DESC, c.id DESC LIMIT {AT_ONCE_COUNT}
"""  # noqa: S608 - our own words


class Redrawing(ConversationUseCases):
    """Draw the cards of many conversations."""

    async def refresh_cards(self, actor: Actor) -> None:
        """Have the board and the cards of live conversations drawn anew in the background, the latest active first.

        Those of the last days, and at most 500: the others are drawn when something happens in them.
        """
        require(actor, Permission.SETTINGS_CHANGE)
        async with self._db.tx(actor) as tx:
            await cards_change(tx)
            await board_changes(tx)

    async def redraw_cards(
        self, tenant_id: UUID, job_key: str, after: tuple[datetime, UUID] | None = None, done_count: int = 0
    ) -> int:
        """Draw the next fifty, and leave the rest to a job in some seconds; how many were drawn.

        A redraw that waits already is not written again. What happens in a conversation meanwhile draws its card, too.

        Args:
            tenant_id: The shop.
            job_key: The job's.
            after: Activity and id of the last one that was drawn.
            done_count: How many were drawn before.
        """
        actor = Actor.system(tenant_id, "cards", job_key)
        async with self._db.tx(actor) as tx:
            rows = await tx.rows(_LIVE, tenant_id, self._clock.now() - KEPT_FOR, *(after or (None, None)))
            if len(rows) == AT_ONCE_COUNT and done_count + len(rows) < MOST_COUNT:
                await _go_on(tx, rows[-1], done_count + len(rows))
        for row in rows:  # one by one: who holds several cards waits for whoever holds them in another order
            async with self._db.tx(actor) as tx:
                await refresh_card(tx, self._clock, row["id"])
        return len(rows)


async def _go_on(tx: Tx, last: Row, done_count: int) -> None:
    at: datetime = last["last_activity_at"]
    payload: dict[str, Any] = {"at": at.isoformat(), "id": str(last["id"]), "done_count": done_count}
    await enqueue(tx, REFRESH_CARDS, payload, delay=PAUSE)

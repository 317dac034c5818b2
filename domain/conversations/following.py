"""The card and the name of a thread show who the person is and how far their lead is: they follow both."""

from uuid import UUID

from domain.conversations.changes import board_changes, refresh_card
from domain.kernel.clock import Clock
from domain.kernel.db import Tx

# What has no thread yet is drawn with the lead as it is then.
_SHOWN = """
SELECT c.id, c.state FROM conversations c
JOIN posted_cards p ON p.tenant_id = c.tenant_id AND p.kind = 'conversation.card' AND p.subject_id = c.id
WHERE c.tenant_id = $1 AND c.contact_id = $2 ORDER BY c.state = 'closed', c.last_activity_at DESC LIMIT 5
"""


class LeadFollower:
    """See `domain.leads.ports.LeadListener` and `domain.contacts.ports.ContactListener`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def lead_changes(self, tx: Tx, contact_id: UUID) -> None:
        """Draw the cards of the contact's live conversations anew; without one, that of the latest."""
        rows = await tx.rows(_SHOWN, tx.tenant_id, contact_id)
        live = [row["id"] for row in rows if row["state"] != "closed"]
        for conversation_id in sorted(live or [row["id"] for row in rows[:1]]):
            await refresh_card(tx, self._clock, conversation_id)

    async def contact_changes(self, tx: Tx, contact_id: UUID) -> None:
        """The same cards show the contact; who is blocked waits for nobody."""
        await self.lead_changes(tx, contact_id)
        await board_changes(tx)

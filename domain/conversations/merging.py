"""Conversations of two contacts that turn out to be one person."""

from typing import Any
from uuid import UUID

from domain.conversations import queries
from domain.conversations.changes import mirror, notify, refresh_card
from domain.conversations.waiting import wake_turn
from domain.kernel.clock import Clock
from domain.kernel.db import Row, Tx
from domain.outbox.kinds import Kind

_REDRAWN = 100  # Discord takes about one edit a second in a thread: what is older is not read there any more
_OF = """
SELECT id, account_id, state FROM conversations WHERE tenant_id = $1 AND contact_id = $2
ORDER BY number FOR NO KEY UPDATE
"""
_GIVE = "UPDATE conversations SET contact_id = $3 WHERE tenant_id = $1 AND id = ANY($2)"
_MOVE_MESSAGES = """
WITH moved AS (
    UPDATE messages SET conversation_id = $3 WHERE tenant_id = $1 AND conversation_id = $2 RETURNING id
) SELECT coalesce(array_agg(id), '{}') FROM moved
"""
# What was drawn while it stood in the other conversation names that one; in the order of the thread. The outbox is
# asked by the message in Discord, of which it has an index.
_DRAWN_AWAY = f"""
SELECT id FROM (
    SELECT m.id, m.position FROM messages m
    JOIN posted_cards t ON t.tenant_id = $1 AND t.kind = '{Kind.CONVERSATION_MESSAGE}' AND t.subject_id = m.id
    WHERE m.tenant_id = $1 AND m.id = ANY($2) AND EXISTS (
        SELECT 1 FROM outbound_messages o
        WHERE o.provider_message_id = t.message_id AND o.tenant_id = $1 AND o.subject_id = m.id
            AND o.conversation_id = $3)
    ORDER BY m.position DESC LIMIT {_REDRAWN}
) latest ORDER BY position
"""  # noqa: S608 - our own words
_MOVE_BACK = "UPDATE messages SET conversation_id = $3 WHERE tenant_id = $1 AND id = ANY($2)"
# What is newer of the two: the window, the address, who waits. Answered is all before the first that waits in either:
# a position alone cannot be compared, because one of the two may never have had an answer.
_JOIN = """
UPDATE conversations k SET
    last_inbound_provider_id = CASE WHEN m.last_inbound_at > k.last_inbound_at OR k.last_inbound_at IS NULL
        THEN m.last_inbound_provider_id ELSE k.last_inbound_provider_id END,
    reply_channel_id = CASE WHEN m.last_inbound_at > k.last_inbound_at OR k.reply_channel_id IS NULL
        THEN coalesce(m.reply_channel_id, k.reply_channel_id) ELSE k.reply_channel_id END,
    last_inbound_at = greatest(k.last_inbound_at, m.last_inbound_at),
    last_outbound_at = greatest(k.last_outbound_at, m.last_outbound_at),
    last_human_at = greatest(k.last_human_at, m.last_human_at),
    last_activity_at = greatest(k.last_activity_at, m.last_activity_at),
    free_entry_until = greatest(k.free_entry_until, m.free_entry_until),
    greeted_at = least(k.greeted_at, m.greeted_at),
    answered_position = coalesce(
        (SELECT min(w.position) - 1 FROM messages w JOIN conversations c ON c.id = w.conversation_id
         WHERE c.id IN ($2, $3) AND c.waiting_since IS NOT NULL AND w.direction = 'in'
             AND w.position > c.answered_position AND NOT w.is_history AND w.deleted_at IS NULL),
        greatest(k.answered_position, m.answered_position)),
    waiting_since = least(k.waiting_since, m.waiting_since),
    turn_due_at = greatest(k.turn_due_at, m.turn_due_at),
    turn_id = NULL,
    state = CASE WHEN 'human' IN (k.state, m.state) THEN 'human' ELSE k.state END,
    human_until = CASE WHEN 'human' IN (k.state, m.state) THEN greatest(k.human_until, m.human_until) END
FROM conversations m WHERE k.tenant_id = $1 AND k.id = $2 AND m.tenant_id = $1 AND m.id = $3
"""
_END = """
UPDATE conversations SET state = 'closed', closed_at = $3, human_until = NULL, snoozed_until = NULL,
    waiting_since = NULL, turn_due_at = NULL, turn_id = NULL
WHERE tenant_id = $1 AND id = $2
"""


class ConversationMover:
    """Gives one contact's conversations to another. Of two live ones on one number, one goes on with all messages."""

    name = "conversations"

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def move(self, tx: Tx, kept_id: UUID, merged_id: UUID) -> dict[str, Any]:
        """See `Mover`."""
        kept = {row["account_id"]: row["id"] for row in await _of(tx, kept_id) if row["state"] != "closed"}
        rows = await _of(tx, merged_id)
        live = [row for row in rows if row["state"] != "closed"]
        joined = [
            await self._join(tx, kept[row["account_id"]], row) for row in live if row["account_id"] in kept
        ]  # fmt: skip
        ids = [row["id"] for row in rows]
        await tx.run(_GIVE, tx.tenant_id, ids, kept_id)
        if rows:
            await self._tell(tx, kept, live, (await queries.contact(tx, merged_id)).name,
                             (await queries.contact(tx, kept_id)).name)  # fmt: skip
        for conversation_id in (*kept.values(), *(row["id"] for row in live)):
            await refresh_card(tx, self._clock, conversation_id)
        return {"given": [str(found) for found in ids], "joined": joined}

    async def move_back(self, tx: Tx, kept_id: UUID, merged_id: UUID, moved: dict[str, Any]) -> None:
        """See `Mover`. A conversation that was closed for the merge stays closed, with its messages back in it."""
        for join in moved["joined"]:
            messages = [UUID(found) for found in join["messages"]]
            await tx.run(_MOVE_BACK, tx.tenant_id, messages, UUID(join["ended"]))
            await self._draw_back(tx, UUID(join["into"]), UUID(join["ended"]), messages)
        given = [UUID(found) for found in moved["given"]]
        await tx.run(_GIVE, tx.tenant_id, given, merged_id)
        for row in await _of(tx, merged_id):
            if row["id"] in given and row["state"] != "closed":  # their cards named the other contact
                await refresh_card(tx, self._clock, row["id"])

    async def _draw_back(self, tx: Tx, away_id: UUID, home_id: UUID, message_ids: list[UUID]) -> None:
        """The card of a conversation that has its messages back, and those that were drawn as another's meanwhile."""
        for row in await tx.rows(_DRAWN_AWAY, tx.tenant_id, message_ids, away_id):
            await mirror(tx, self._clock, home_id, row["id"])
        await refresh_card(tx, self._clock, home_id)

    async def _tell(self, tx: Tx, kept: dict[UUID, UUID], live: list[Row], merged_name: str, kept_name: str) -> None:
        """Each thread hears the other's name, and one that ended where it goes on."""
        for conversation_id in kept.values():
            await notify(tx, self._clock, conversation_id, "merged", name=merged_name)
        for row in live:
            goes_on = kept.get(row["account_id"])
            if goes_on is None:
                await notify(tx, self._clock, row["id"], "merged", name=kept_name)
            else:
                number = (await queries.read(tx, goes_on)).number
                await notify(tx, self._clock, row["id"], "merged_into", name=kept_name, number=number)

    async def _join(self, tx: Tx, live_id: UUID, row: Row) -> dict[str, Any]:
        await tx.run(_JOIN, tx.tenant_id, live_id, row["id"])
        await tx.run(_END, tx.tenant_id, row["id"], self._clock.now())
        if (await queries.read(tx, live_id)).waiting_since is not None:
            wake_turn(tx, live_id, self._clock.now())
        messages = await tx.value(_MOVE_MESSAGES, tx.tenant_id, row["id"], live_id)
        return {"into": str(live_id), "ended": str(row["id"]), "messages": [str(found) for found in messages]}


async def _of(tx: Tx, contact_id: UUID) -> list[Row]:
    return list(await tx.rows(_OF, tx.tenant_id, contact_id))

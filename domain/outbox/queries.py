"""SQL of the outbox's delivery."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from domain.kernel.db import Row, Tx
from domain.outbox.dto import Outbound, Receipt
from domain.outbox.forbidden import REFUSED
from domain.outbox.kinds import STANDING, Kind
from domain.tenancy.dto import Purpose

_CONVERSATIONS = Purpose.CONVERSATIONS.value

# The head of a lane, if nobody holds it: who waits with other rows in hand may be waited for. A message under way is
# left alone until its attempt is older than the lease. The attempt is recorded before the call is made. The state is
# asked for by what it is not, so that the row is fetched by its id: the index of waiting rows holds the whole shop's.
_TAKE = """
WITH head AS (
    SELECT id, state AS state_before, attempted_at AS attempted_before FROM outbound_messages
    WHERE state NOT IN ('sent', 'delivered', 'read', 'failed', 'cancelled') AND id = (
        SELECT id FROM outbound_messages
        WHERE tenant_id = $1 AND lane = $2 AND state IN ('queued', 'sending', 'unknown') ORDER BY position LIMIT 1)
    FOR UPDATE SKIP LOCKED
)
UPDATE outbound_messages m
SET state = 'sending', attempt_count = attempt_count + 1, attempted_at = $3,
    unknown_since = CASE WHEN head.state_before = 'queued' THEN NULL
                         ELSE coalesce(m.unknown_since, head.attempted_before) END
FROM head
WHERE m.id = head.id AND m.due_at <= $3 AND (head.state_before <> 'sending' OR head.attempted_before < $4)
RETURNING m.*,
    (SELECT channel_id FROM channel_bindings b WHERE b.tenant_id = $1 AND b.purpose = coalesce(m.purpose,
        CASE WHEN m.conversation_id IS NOT NULL THEN 'conversations' END)) AS bound_channel_id,
    EXISTS (SELECT 1 FROM channel_fallbacks f WHERE f.tenant_id = $1 AND f.purpose = coalesce(m.purpose,
        CASE WHEN m.conversation_id IS NOT NULL THEN 'conversations' END)) AS is_told,
    (SELECT channel_id FROM channel_bindings b WHERE b.tenant_id = $1 AND b.purpose = 'log') AS log_channel_id,
    (SELECT channel_id FROM posted_cards c WHERE c.tenant_id = $1 AND c.kind = 'conversation.card'
         AND c.subject_id = m.conversation_id) AS thread_id,
    (SELECT ARRAY[channel_id, message_id] FROM posted_cards c
     WHERE c.tenant_id = $1 AND c.kind = m.kind AND c.subject_id = m.subject_id) AS card,
    (SELECT discord_user_id FROM members s WHERE s.tenant_id = $1 AND s.id = m.recipient_member_id) AS user_id,
    (SELECT locale FROM members s WHERE s.tenant_id = $1 AND s.id = m.recipient_member_id) AS user_locale
"""
# From lane to lane through the index, so that a lane with thousands of messages costs what one with one costs.
_DUE_LANES = """
WITH RECURSIVE lanes AS (
    (SELECT tenant_id, lane FROM outbound_messages WHERE state IN ('queued', 'sending', 'unknown')
     ORDER BY tenant_id, lane LIMIT 1)
    UNION ALL
    SELECT n.tenant_id, n.lane FROM lanes l CROSS JOIN LATERAL (
        SELECT m.tenant_id, m.lane FROM outbound_messages m
        WHERE m.state IN ('queued', 'sending', 'unknown') AND (m.tenant_id, m.lane) > (l.tenant_id, l.lane)
        ORDER BY m.tenant_id, m.lane LIMIT 1) n
)
SELECT l.tenant_id, l.lane FROM lanes l CROSS JOIN LATERAL (
    SELECT m.state, m.due_at, m.attempted_at FROM outbound_messages m
    WHERE m.tenant_id = l.tenant_id AND m.lane = l.lane AND m.state IN ('queued', 'sending', 'unknown')
    ORDER BY m.position LIMIT 1) head
WHERE head.due_at <= $1 AND (head.state <> 'sending' OR head.attempted_at < $2)
ORDER BY head.due_at
"""
_NOTE_FALLBACK = """
INSERT INTO channel_fallbacks (tenant_id, purpose)
SELECT $1, $2 WHERE NOT EXISTS (SELECT 1 FROM channel_bindings WHERE tenant_id = $1 AND purpose = $2)
ON CONFLICT DO NOTHING
"""
# The provider's id is held from here on: its news about the message must not pass by (`messages.held_as`).
_FINISH = """
UPDATE outbound_messages m
SET state = $3, finished_at = $4, error = $5, provider_channel_id = $6, provider_message_id = $7,
    provider_ref = coalesce(provider_ref, $8)
WHERE id = $1 AND tenant_id = $2 AND state = 'sending'
RETURNING pg_advisory_xact_lock(hashtextextended($9, 4)), EXISTS (
    SELECT 1 FROM outbound_messages n WHERE n.tenant_id = m.tenant_id AND n.lane = m.lane AND n.id <> m.id
        AND n.state IN ('queued', 'sending', 'unknown')) AS has_more
"""
_CANCEL_LANE = """
UPDATE outbound_messages SET state = 'cancelled', finished_at = $4, error = $5
WHERE tenant_id = $1 AND lane = $3 AND state IN ('queued', 'sending', 'unknown') AND (state = 'queued' OR id = $2)
"""
# A card refresh that must wait gives way to a newer one that waits already: both would draw the same.
_PUT_BACK = """
UPDATE outbound_messages m SET due_at = $4, error = $5, state = CASE
    WHEN $3 = 'queued' AND coalesces AND EXISTS (
        SELECT 1 FROM outbound_messages n WHERE n.tenant_id = $2 AND n.kind = m.kind
            AND n.subject_id = m.subject_id AND n.state = 'queued' AND n.coalesces)
    THEN 'cancelled' ELSE $3 END
WHERE id = $1 AND tenant_id = $2 AND state = 'sending'
"""
_REMEMBER_CARD = """
INSERT INTO posted_cards (tenant_id, kind, subject_id, channel_id, message_id) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (tenant_id, kind, subject_id) DO UPDATE SET channel_id = $4, message_id = $5
"""


async def take_head(tx: Tx, lane: str, now: datetime, lease_ended_at: datetime) -> Outbound | None:
    """Take the lane's first message for sending; its `attempted_at` is set when an earlier try may have arrived.

    None when the lane is empty, held by somebody else, or not due yet. Two at once: one gets it.
    """
    row = await tx.row(_TAKE, tx.tenant_id, lane, now, lease_ended_at)
    return None if row is None else _outbound(row)


async def due_lanes(tx: Tx, now: datetime, lease_ended_at: datetime) -> list[tuple[UUID, str]]:
    """Tenant and lane of every lane whose first message may be taken now, the longest due first."""
    return [(row["tenant_id"], row["lane"]) for row in await tx.rows(_DUE_LANES, now, lease_ended_at)]


def _outbound(row: Row) -> Outbound:
    purpose, card = row["purpose"] or (_CONVERSATIONS if row["conversation_id"] else None), row["card"]
    return Outbound(
        id=row["id"],
        tenant_id=row["tenant_id"],
        channel=row["channel"],
        kind=Kind(row["kind"]),
        subject_id=row["subject_id"],
        params=row["params"],
        channel_id=(row["bound_channel_id"] or row["log_channel_id"]) if purpose else None,
        recipient_discord_id=row["user_id"],
        recipient_member_id=row["recipient_member_id"],
        recipient_locale=row["user_locale"],
        card=(card[0], card[1]) if card else None,
        nonce=row["nonce"],
        purpose=purpose if row["channel"] == "discord" else None,
        attempt_count=row["attempt_count"],
        attempted_at=row["unknown_since"],
        conversation_id=row["conversation_id"],
        thread_id=row["thread_id"],
        resent_count=row["resent_count"],
        lane=row["lane"],
        is_bound=row["bound_channel_id"] is not None,
        is_told=row["is_told"],
        was_forbidden=row["error"] == REFUSED,
    )


async def note_resending(tx: Tx, message: Outbound, now: datetime) -> Outbound | None:
    """Record, before the call, that a message is sent again: from here on this attempt is the one that may be lost.

    None when somebody learned meanwhile what became of the earlier one.
    """
    sql = """UPDATE outbound_messages SET resent_count = resent_count + 1, unknown_since = $3, attempted_at = $3
             WHERE id = $1 AND tenant_id = $2 AND state = 'sending'"""
    if not await tx.run(sql, message.id, tx.tenant_id, now):
        return None
    return replace(message, resent_count=message.resent_count + 1, attempted_at=now)


async def renew(tx: Tx, message: Outbound, now: datetime) -> None:
    """The attempt is still at work; one that somebody else has begun since is not ours to speak for."""
    sql = """UPDATE outbound_messages SET attempted_at = $3
             WHERE id = $1 AND tenant_id = $2 AND state = 'sending' AND attempt_count = $4"""
    await tx.run(sql, message.id, tx.tenant_id, now, message.attempt_count)


async def is_unbound_and_untold(tx: Tx, purpose: str) -> bool:
    """Whether nothing is bound for the purpose and nobody was told; telling is noted, so True comes once."""
    return await tx.run(_NOTE_FALLBACK, tx.tenant_id, purpose) == 1


async def finish(tx: Tx, message: Outbound, state: str, now: datetime, error: str | None,
                 receipt: Receipt | None = None) -> bool | None:  # fmt: skip
    """End a message that is being sent: whether more waits in its lane; None when somebody else ended it meanwhile."""
    where = (receipt.channel_id, receipt.message_id, receipt.ref, receipt.held_as) if receipt else (None,) * 4
    row = await tx.row(_FINISH, message.id, tx.tenant_id, state, now, error, *where)
    return None if row is None else row["has_more"]


async def cancel_lane(tx: Tx, message: Outbound, now: datetime, why: str) -> int:
    """End a message that was taken, and everything queued behind it, unsent; how many they were."""
    return await tx.run(_CANCEL_LANE, tx.tenant_id, message.id, message.lane, now, why)


async def put_back(tx: Tx, message_id: UUID, state: str, due_at: datetime, error: str) -> None:
    """Return a message to its lane, to be tried at `due_at`."""
    await tx.run(_PUT_BACK, message_id, tx.tenant_id, state, due_at, error[:300])


async def remember_cards(tx: Tx, message: Outbound, receipt: Receipt) -> None:
    """Note where a standing card lives, and the conversation's thread that was made on the way."""
    if receipt.thread is not None:
        kind = Kind.CONVERSATION_CARD.value
        await tx.run(_REMEMBER_CARD, tx.tenant_id, kind, message.conversation_id, *receipt.thread)
    if message.kind in STANDING and message.subject_id:
        where = (receipt.channel_id, receipt.message_id)
        await tx.run(_REMEMBER_CARD, tx.tenant_id, message.kind.value, message.subject_id, *where)


async def forget_thread(tx: Tx, message: Outbound) -> None:
    """The conversation's thread is gone, with everything that stood in it; the next message makes a new one."""
    sql = "DELETE FROM posted_cards WHERE tenant_id = $1 AND channel_id = $2"
    await tx.run(sql, tx.tenant_id, message.thread_id)


async def forget_card(tx: Tx, message: Outbound) -> None:
    """The card is gone at the provider; the next refresh posts a new one."""
    sql = "DELETE FROM posted_cards WHERE tenant_id = $1 AND kind = $2 AND subject_id = $3"
    await tx.run(sql, tx.tenant_id, message.kind.value, message.subject_id)


async def unbind_channel(tx: Tx, message: Outbound) -> None:
    """Forget the channel a message was meant for."""
    sql = "DELETE FROM channel_bindings WHERE tenant_id = $1 AND channel_id = $2"
    await tx.run(sql, tx.tenant_id, message.channel_id)


async def is_older_than(tx: Tx, message_id: UUID, instant: datetime) -> bool:
    """Whether a message was put into the outbox before the instant."""
    sql = "SELECT created_at < $3 FROM outbound_messages WHERE id = $1 AND tenant_id = $2"
    return bool(await tx.value(sql, message_id, tx.tenant_id, instant))

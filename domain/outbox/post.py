"""Put a message into the outbox: it leaves if, and only if, the transaction commits."""

from collections.abc import Sequence
from uuid import UUID

from domain.kernel.clock import Clock
from domain.kernel.db import Tx
from domain.kernel.ids import uuid7
from domain.outbox.kinds import Kind
from domain.tenancy.dto import Purpose

# A refresh that waits already is held until the transaction ends: taken before, it would draw what was.
_INSERT = """
INSERT INTO outbound_messages (id, tenant_id, channel, lane, kind, subject_id, purpose, recipient_member_id,
                               conversation_id, params, coalesces, due_at, nonce, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $12)
ON CONFLICT (tenant_id, kind, subject_id) WHERE state = 'queued' AND coalesces
    DO UPDATE SET due_at = least(outbound_messages.due_at, excluded.due_at)
RETURNING lane
"""
_INSERT_FOR_CONVERSATION = f"""
INSERT INTO outbound_messages (id, tenant_id, channel, lane, kind, subject_id, conversation_id, params, coalesces,
                               due_at, nonce, created_at)
SELECT id, $1, CASE WHEN is_card THEN 'discord' ELSE 'whatsapp' END,
    CASE WHEN is_card THEN 'conversation:' ELSE 'whatsapp:' END || $2::uuid, kind, subject_id, $2, '{{}}', is_card, $3,
    right(replace(id::text, '-', ''), 25), $3
FROM unnest($4::uuid[], $5::text[], $6::uuid[]) WITH ORDINALITY AS given (id, kind, subject_id, place),
    LATERAL (SELECT kind <> '{Kind.WHATSAPP_MESSAGE}' AS is_card) AS what
WHERE NOT is_card OR (
    SELECT EXISTS (SELECT 1 FROM channel_bindings WHERE tenant_id = $1 AND purpose IN ('conversations', 'log')))
ORDER BY place
ON CONFLICT (tenant_id, kind, subject_id) WHERE state = 'queued' AND coalesces
    DO UPDATE SET due_at = least(outbound_messages.due_at, excluded.due_at)
RETURNING lane
"""  # noqa: S608 - our own words

_LEAVE = """
WITH old AS (
    DELETE FROM posted_cards WHERE tenant_id = $1 AND kind = $2 AND channel_id <> $3
    RETURNING subject_id, channel_id, message_id
)
INSERT INTO posted_cards (tenant_id, kind, subject_id, channel_id, message_id)
SELECT $1, $4, subject_id, channel_id, message_id FROM old
ON CONFLICT (tenant_id, kind, subject_id)
    DO UPDATE SET channel_id = excluded.channel_id, message_id = excluded.message_id
RETURNING subject_id
"""


async def post_card(tx: Tx, clock: Clock, kind: Kind, subject_id: UUID, purpose: Purpose) -> None:
    """Refresh a standing card: posted the first time, edited afterwards.

    It is drawn when it is sent, from the state of that moment, so waiting refreshes fold into one.
    """
    await _insert(tx, clock, f"card:{subject_id}", kind, {}, subject_id, purpose=purpose, coalesces=True)


async def forget_cards_elsewhere(tx: Tx, kind: Kind, channel_id: int) -> None:
    """Forget where cards of a kind live, other than in this channel: their next refresh posts them anew."""
    sql = "DELETE FROM posted_cards WHERE tenant_id = $1 AND kind = $2 AND channel_id <> $3"
    await tx.run(sql, tx.tenant_id, kind.value, channel_id)


async def leave_cards_elsewhere(
    tx: Tx, clock: Clock, kind: Kind, left: Kind, channel_id: int, purpose: Purpose
) -> None:  # fmt: skip
    """The same, and what stands elsewhere is drawn once more, as `left`: it says that it is kept no longer."""
    for row in await tx.rows(_LEAVE, tx.tenant_id, kind.value, channel_id, left.value):
        await post_card(tx, clock, left, row["subject_id"], purpose)


async def post_notice(
    tx: Tx,
    clock: Clock,
    purpose: Purpose,
    kind: Kind,
    params: dict[str, object],
    subject_id: UUID | None = None,
) -> None:
    """Post one new message in the channel for `purpose`; notices of one channel leave in order.

    Args:
        tx: The business transaction.
        clock: For the instant.
        purpose: Which channel; without a binding it goes to the log channel.
        kind: What it is.
        params: Ids, words and minor units, JSON; put into words when it is sent.
        subject_id: What it is about, where the renderer looks it up.
    """
    await _insert(tx, clock, f"channel:{purpose}", kind, params, subject_id, purpose=purpose)


async def post_direct(
    tx: Tx,
    clock: Clock,
    member_id: UUID,
    kind: Kind,
    params: dict[str, object],
    subject_id: UUID | None = None,
) -> None:
    """Send one direct message to a member; messages to one person leave in order."""
    await _insert(tx, clock, f"member:{member_id}", kind, params, subject_id, member_id=member_id)


async def post_in_thread(tx: Tx, clock: Clock, conversation_id: UUID, kind: Kind, params: dict[str, object]) -> None:
    """Post one new message in a conversation's Discord thread; a thread's messages leave in order."""
    lane = f"conversation:{conversation_id}"
    await _insert(tx, clock, lane, kind, params, None, conversation_id=conversation_id)


async def post_thread_card(tx: Tx, clock: Clock, conversation_id: UUID, kind: Kind, subject_id: UUID) -> None:
    """Refresh a standing message of a conversation's thread: posted the first time, edited afterwards.

    The first message for a conversation makes its thread.
    """
    await _insert_for_conversation(tx, clock, conversation_id, [(kind, subject_id)])


async def post_thread_cards(
    tx: Tx, clock: Clock, conversation_id: UUID, cards: Sequence[tuple[Kind, UUID]]
) -> None:  # fmt: skip
    """The same for several of one thread, each a kind and a subject, in one statement and in their order."""
    await _insert_for_conversation(tx, clock, conversation_id, cards)


async def post_said(tx: Tx, clock: Clock, conversation_id: UUID, message_ids: Sequence[UUID]) -> None:
    """Send a conversation's messages to its contact in their order, show them in its thread, and refresh its card."""
    sent = [(Kind.WHATSAPP_MESSAGE, message_id) for message_id in message_ids]
    shown = [(Kind.CONVERSATION_MESSAGE, message_id) for message_id in message_ids]
    card = (Kind.CONVERSATION_CARD, conversation_id)
    await _insert_for_conversation(tx, clock, conversation_id, (*sent, *shown, card))


async def _insert_for_conversation(
    tx: Tx, clock: Clock, conversation_id: UUID, given: Sequence[tuple[Kind, UUID]]
) -> None:  # fmt: skip
    columns = [uuid7() for _ in given], [kind.value for kind, _ in given], [subject_id for _, subject_id in given]
    rows = await tx.rows(_INSERT_FOR_CONVERSATION, tx.tenant_id, conversation_id, clock.now(), *columns)
    tx.lanes.update(row["lane"] for row in rows)


async def post_whatsapp(tx: Tx, clock: Clock, conversation_id: UUID, message_id: UUID) -> UUID:
    """Send a conversation's message to its contact, in order within the conversation; the outbox row's id."""
    lane = f"whatsapp:{conversation_id}"
    return await _insert(tx, clock, lane, Kind.WHATSAPP_MESSAGE, {}, message_id, conversation_id=conversation_id)


async def _insert(
    tx: Tx, clock: Clock, lane: str, kind: Kind, params: dict[str, object], subject_id: UUID | None,
    *, purpose: Purpose | None = None, member_id: UUID | None = None, conversation_id: UUID | None = None,
    coalesces: bool = False,
) -> UUID:  # fmt: skip
    row_id = uuid7()
    nonce = row_id.hex[-25:]  # Discord keeps 25 characters
    channel = "whatsapp" if kind is Kind.WHATSAPP_MESSAGE else "discord"
    to = (purpose.value if purpose else None, member_id, conversation_id)
    args = (row_id, tx.tenant_id, channel, lane, kind.value, subject_id, *to, params, coalesces, clock.now(), nonce)
    tx.lanes.add(await tx.value(_INSERT, *args))
    return row_id

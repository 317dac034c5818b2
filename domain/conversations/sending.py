"""What becomes of a message on its way out: may it leave now, and did it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from domain.contacts import queries as contacts
from domain.conversations import messages, queries
from domain.conversations.changes import ConversationUseCases, mirror, notify
from domain.conversations.dto import FREE_ENTRY, WINDOW, Author, Deliverable
from domain.conversations.messages import REACTION, message_of
from domain.conversations.outgoing import outgoing_of
from domain.conversations.policy import (
    FAILED,
    LIMITED_FOR,
    MESSAGING_LIMIT,
    RANKS,
    advances,
    failure_of,
    refusal,
    says_nobody_there,
)
from domain.conversations.reach import OTHER_SPELLING, note_unreachable
from domain.conversations.reacting import take_off, tell_refused
from domain.conversations.speaking import CONFIRMATION
from domain.kernel.db import Row, Tx
from domain.kernel.errors import NotFound
from domain.outbox.dto import Outbound, Receipt
from domain.outbox.post import post_whatsapp

_DELIVERABLE = f"""
SELECT {messages.COLUMNS}, a.state AS account_state, EXISTS (
        SELECT 1 FROM clock_slots s WHERE s.tenant_id = $1 AND s.slot_at > $3
            AND s.job = 'alert:' || m.account_id || ':{MESSAGING_LIMIT}') AS is_limited,
    {", ".join(f"v.{name} AS conversation_{name}" for name in queries.OWN)}, NULL AS conversation_owner_name,
    {", ".join(f"c.{name} AS contact_{name}" for name in contacts.COLUMNS)}, {contacts.IDENTIFIERS} AS identifiers
FROM {messages.TABLES} JOIN channel_accounts a ON a.tenant_id = m.tenant_id AND a.id = m.account_id
    JOIN conversations v ON v.tenant_id = m.tenant_id AND v.id = m.conversation_id
    JOIN contacts c ON c.tenant_id = v.tenant_id AND c.id = v.contact_id
WHERE m.tenant_id = $1 AND m.id = $2
"""  # noqa: S608 - our own words
SET_STATE = """
UPDATE messages SET state = $3, error = coalesce($4, error), provider_id = coalesce(provider_id, $5)
WHERE tenant_id = $1 AND id = $2
"""
# An ad answered within a day opens three days (provider's rule, counted from the contact's message). The conversation's
# row before the message's, as merging takes them: in another order the two would deadlock.
_LEFT = """
WITH entry AS (
    UPDATE conversations c SET free_entry_until = referred_at + $5, referred_at = NULL FROM messages m
    WHERE m.tenant_id = $1 AND m.id = $2 AND c.tenant_id = $1 AND c.id = m.conversation_id
        AND referred_at IS NOT NULL AND referred_at >= $6
    RETURNING c.id
), sent AS (
    UPDATE messages SET state = CASE WHEN state = ANY($3) THEN 'sent' ELSE state END,
        provider_id = coalesce(provider_id, $4)
    WHERE tenant_id = $1 AND id = $2 AND (SELECT count(*) FROM entry) >= 0
    RETURNING account_id
)
SELECT EXISTS (SELECT 1 FROM early_news e WHERE e.account_id = sent.account_id AND e.provider_id = $4) AS has_news
FROM sent
"""
_BEFORE_SENT = [state for state in RANKS if advances(state, "sent")]
_PUT_BACK = """
UPDATE messages SET state = 'queued', provider_id = NULL, content = content || $3::jsonb
WHERE tenant_id = $1 AND id = $2
"""


class Sending(ConversationUseCases):
    """Between the outbox and the provider."""

    async def deliverable(self, tx: Tx, message_id: UUID) -> Deliverable | None:
        """See `DeliveryListener`: a message as it may leave at this moment, or why it must not; None: there is none.

        `refusal` is also `cancelled`, for a message that went out or failed already, and `no_address`.
        """
        row = await tx.row(_DELIVERABLE, tx.tenant_id, message_id, self._clock.now() - LIMITED_FOR)
        if row is None:
            return None
        conversation = queries.conversation_of(_part(row, "conversation_"))
        contact = contacts.contact_of({**_part(row, "contact_"), "identifiers": row["identifiers"]})
        outgoing, respelled = outgoing_of(row), row["content"].get(OTHER_SPELLING, "")
        address = respelled or conversation.reply_channel_id or contact.phone.lstrip("+")
        why = refusal(
            conversation, contact, Author(row["author"]), self._clock.now(),
            is_template=outgoing.template is not None, is_confirmation=bool(row["content"].get(CONFIRMATION)),
        )  # fmt: skip
        is_unasked = outgoing.template is not None and not conversation.is_window_open(self._clock.now())
        if not why and row["is_limited"] and is_unasked and row["author"] != Author.MEMBER:
            why = "limit_reached"
        if not why and row["account_state"] != "active":
            why = "account_stopped"
        if row["state"] not in ("queued", "unknown"):
            why = "cancelled"
        return Deliverable(
            message=message_of(row), outgoing=outgoing, account_id=row["account_id"], recipient=address,
            recipient_kind="to" if address[:1].isdigit() else "recipient",
            last_inbound_provider_id=conversation.last_inbound_provider_id,
            refusal=why or ("" if address else "no_address"), is_other_spelling=bool(respelled),
        )  # fmt: skip

    async def delivery_changed(
        self, tx: Tx, message: Outbound, state: str, error: str | None, receipt: Receipt | None
    ) -> None:
        """See `DeliveryListener`: the outbox says what became of a message."""
        assert message.subject_id is not None, "a message on WhatsApp has a row"
        ref = receipt.ref if receipt is not None else None
        if state == "sent":
            await self._left(tx, message.subject_id, ref)
            return
        row = await read_message(tx, message.subject_id)
        if state == FAILED:
            await self._failed(tx, row, error or "")
        elif row["state"] in ("queued", "unknown"):  # cancelled, or its outcome is unknown
            await tx.run(SET_STATE, tx.tenant_id, row["id"], state, error, ref)
            if state == "cancelled" and row["kind"] == REACTION:
                await take_off(tx, self._clock, row)

    async def _left(self, tx: Tx, message_id: UUID, ref: str | None) -> bool:
        """The provider took it; whether it had said something of it before."""
        begun = self._clock.now() - WINDOW
        before = await tx.row(_LEFT, tx.tenant_id, message_id, _BEFORE_SENT, ref, FREE_ENTRY, begun)
        if before is None:
            raise NotFound("conversation.unknown_message")
        return bool(ref and before["has_news"])

    async def _failed(self, tx: Tx, row: Row, error: str) -> None:
        if not advances(row["state"], FAILED):
            return
        await tx.run(SET_STATE, tx.tenant_id, row["id"], FAILED, error[:300], None)
        await self._tell_failed(tx, row, error)
        if says_nobody_there(error):
            await note_unreachable(tx, self._clock, row, error)

    async def _tell_failed(self, tx: Tx, row: Row, error: str) -> None:
        reason = failure_of(error)
        if row["kind"] == REACTION:
            await tell_refused(tx, self._clock, row, reason, error[:200])
            return
        await mirror(tx, self._clock, row["conversation_id"], row["id"])
        await notify(tx, self._clock, row["conversation_id"], "not_sent", reason=reason, error=error[:200])

    async def _send_again(self, tx: Tx, row: Row, marks: Mapping[str, object], delay: timedelta = timedelta()) -> None:
        """Refused late: once more. The marks stay with the message, so that it is once."""
        await tx.run(_PUT_BACK, tx.tenant_id, row["id"], dict(marks))
        outbound_id = await post_whatsapp(tx, self._clock, row["conversation_id"], row["id"])
        sql = "UPDATE outbound_messages SET due_at = $3 WHERE tenant_id = $1 AND id = $2"
        await tx.run(sql, tx.tenant_id, outbound_id, self._clock.now() + delay)


async def read_message(tx: Tx, message_id: UUID) -> Row:
    """A message's row.

    Raises:
        NotFound: `conversation.unknown_message`.
    """
    row = await messages.read(tx, message_id)
    if row is None:
        raise NotFound("conversation.unknown_message")
    return row


def _part(row: Row, prefix: str) -> dict[str, Any]:
    return {name.removeprefix(prefix): value for name, value in row.items() if name.startswith(prefix)}

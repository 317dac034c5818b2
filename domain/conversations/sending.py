"""What becomes of a message on its way out: may it leave now, did it, and what the provider says later."""

from datetime import datetime, timedelta
from uuid import UUID

from domain.conversations import early, messages, queries
from domain.conversations.changes import ConversationUseCases, mirror, notify
from domain.conversations.dto import FREE_ENTRY, WINDOW, Author, Deliverable
from domain.conversations.inbound import StatusUpdate
from domain.conversations.messages import REACTION, message_of
from domain.conversations.outgoing import outgoing_of
from domain.conversations.policy import FAILED, RANKS, SENT_AGAIN_ONCE, advances, failure_of, refusal
from domain.conversations.speaking import CONFIRMATION
from domain.kernel.actor import Actor
from domain.kernel.db import Row, Tx
from domain.kernel.errors import NotFound
from domain.outbox.dto import Outbound, Receipt
from domain.outbox.post import post_whatsapp
from domain.tenancy.policy import Permission, require

_AGAIN_AFTER = timedelta(seconds=15)
_ACCOUNT_STATE = "SELECT state FROM channel_accounts WHERE tenant_id = $1 AND id = $2"
_OUTBOUND = "SELECT id, subject_id, state, lane FROM outbound_messages WHERE tenant_id = $1 AND id = $2 FOR UPDATE"
_MOVE_OUTBOUND = """
UPDATE outbound_messages SET state = $3, finished_at = coalesce(finished_at, $4), error = coalesce($5, error),
    provider_ref = coalesce(provider_ref, $6)
WHERE tenant_id = $1 AND id = $2
"""
_OUTBOUND_OF = """
SELECT id, subject_id, state, lane FROM outbound_messages
WHERE tenant_id = $1 AND provider_ref = $2 FOR UPDATE
"""
_SET = """
UPDATE messages SET state = $3, error = coalesce($4, error), provider_id = coalesce(provider_id, $5)
WHERE tenant_id = $1 AND id = $2
"""
_PUT_BACK = """
UPDATE messages SET state = 'queued', provider_id = NULL, content = content || '{"was_sent_again": true}'
WHERE tenant_id = $1 AND id = $2
"""


class Sending(ConversationUseCases):
    """Between the outbox and the provider."""

    async def deliverable(self, actor: Actor, message_id: UUID) -> Deliverable:
        """A message as it may leave at this moment, or why it must not.

        `refusal` is also `cancelled`, for a message that went out or failed already, and `no_address`.

        Raises:
            NotFound: `conversation.unknown_message`.
        """
        require(actor, Permission.CONVERSATION_REPLY)
        async with self._db.tx(actor) as tx:
            row = await _read(tx, message_id)
            conversation = await queries.read(tx, row["conversation_id"])
            contact = await queries.contact(tx, conversation.contact_id)
            account_state = await tx.value(_ACCOUNT_STATE, tx.tenant_id, row["account_id"])
        outgoing, address = outgoing_of(row), conversation.reply_channel_id or contact.phone.lstrip("+")
        why = refusal(
            conversation, contact, Author(row["author"]), self._clock.now(),
            is_template=outgoing.template is not None, is_confirmation=bool(row["content"].get(CONFIRMATION)),
        )  # fmt: skip
        if not why and account_state != "active":
            why = "account_stopped"
        if row["state"] not in ("queued", "unknown"):
            why = "cancelled"
        return Deliverable(
            message=message_of(row), outgoing=outgoing, account_id=row["account_id"], recipient=address,
            recipient_kind="to" if address[:1].isdigit() else "recipient",
            last_inbound_provider_id=conversation.last_inbound_provider_id,
            refusal=why or ("" if address else "no_address"),
        )  # fmt: skip

    async def delivery_changed(
        self, tx: Tx, message: Outbound, state: str, error: str | None, receipt: Receipt | None
    ) -> None:
        """See `DeliveryListener`: the outbox says what became of a message."""
        assert message.subject_id is not None, "a message on WhatsApp has a row"
        ref = receipt.ref if receipt is not None else None
        row = await _read(tx, message.subject_id)
        if ref:
            await messages.hold_provider_id(tx, row["account_id"], ref)
        if state == "sent":
            await self._left(tx, row, ref)
        elif state == FAILED:
            await self._failed(tx, row, error or "")
        elif row["state"] in ("queued", "unknown"):  # cancelled, or its outcome is unknown
            await tx.run(_SET, tx.tenant_id, row["id"], state, error, ref)

    async def apply_status(self, tx: Tx, account_id: UUID, update: StatusUpdate) -> None:
        """Note what the provider says of a message, in any order, any number of times; before our own answer, too.

        One whose message is not known (yet) is kept for a while and then forgotten.
        """
        # The outbox's row before the provider's id, as the outbox itself does: in another order they would deadlock.
        outbound = await _outbound_of(tx, update)
        await messages.hold_provider_id(tx, account_id, update.provider_id)
        if outbound is None:
            outbound = await tx.row(f"{_OUTBOUND_OF} SKIP LOCKED", tx.tenant_id, update.provider_id)
        row = await _message_of_status(tx, account_id, update, outbound)
        error = _error_of(update)
        if row is None:
            news = early.status_news(update.status, error)
            await early.keep(tx, account_id, update.provider_id, "status", news, update.at)
            return
        if outbound is not None:
            if outbound["state"] == FAILED:
                return  # sent again since, or given up
            await self._move_outbound(tx, outbound, update, error)
        if not advances(row["state"], update.status):
            if row["provider_id"] is None:
                await tx.run(_SET, tx.tenant_id, row["id"], row["state"], None, update.provider_id)
            return
        await self._status(tx, row, update, error)

    async def _status(self, tx: Tx, row: Row, update: StatusUpdate, error: str | None) -> None:
        if update.status == FAILED:
            codes = {str(item.get("code")) for item in update.errors}
            if codes & SENT_AGAIN_ONCE and not row["content"].get("was_sent_again"):
                await self._send_again(tx, row)
                return
            await tx.run(_SET, tx.tenant_id, row["id"], row["state"], None, update.provider_id)
            await self._failed(tx, row, error or "")
            return
        if RANKS[row["state"]] == 0:
            await self._left(tx, row, update.provider_id)
        await tx.run(_SET, tx.tenant_id, row["id"], update.status, None, update.provider_id)

    async def _left(self, tx: Tx, row: Row, ref: str | None) -> None:
        """The provider took it: what it said of it before is applied now."""
        state = "sent" if advances(row["state"], "sent") else row["state"]
        await tx.run(_SET, tx.tenant_id, row["id"], state, None, ref)
        await self._open_free_entry(tx, row["conversation_id"], self._clock.now())
        if ref:
            await early.apply(tx, row["account_id"], ref)
            after = await _read(tx, row["id"])
            if after["state"] == FAILED and row["state"] != FAILED:
                await self._tell_failed(tx, after, after["error"] or "")

    async def _open_free_entry(self, tx: Tx, conversation_id: UUID, answered_at: datetime) -> None:
        """An ad answered within a day opens three days (provider's rule, counted from the contact's message)."""
        sql = """UPDATE conversations SET free_entry_until = referred_at + $3, referred_at = NULL
                 WHERE tenant_id = $1 AND id = $2 AND referred_at IS NOT NULL AND referred_at >= $4"""
        await tx.run(sql, tx.tenant_id, conversation_id, FREE_ENTRY, answered_at - WINDOW)

    async def _failed(self, tx: Tx, row: Row, error: str) -> None:
        if not advances(row["state"], FAILED):
            return
        await tx.run(_SET, tx.tenant_id, row["id"], FAILED, error[:300], None)
        await self._tell_failed(tx, row, error)

    async def _tell_failed(self, tx: Tx, row: Row, error: str) -> None:
        if row["kind"] != REACTION:
            await mirror(tx, self._clock, row["conversation_id"], row["id"])
        reason = failure_of(error)
        await notify(tx, self._clock, row["conversation_id"], "not_sent", reason=reason, error=error[:200])

    async def _send_again(self, tx: Tx, row: Row) -> None:
        """Refused late by something that passes: once more, after a moment."""
        await tx.run(_PUT_BACK, tx.tenant_id, row["id"])
        outbound_id = await post_whatsapp(tx, self._clock, row["conversation_id"], row["id"])
        sql = "UPDATE outbound_messages SET due_at = $3 WHERE tenant_id = $1 AND id = $2"
        await tx.run(sql, tx.tenant_id, outbound_id, self._clock.now() + _AGAIN_AFTER)

    async def _move_outbound(self, tx: Tx, outbound: Row, update: StatusUpdate, error: str | None) -> None:
        state = outbound["state"] if outbound["state"] != "sending" else "unknown"
        if not advances(state, update.status):
            return
        now = self._clock.now()
        wanted = "read" if update.status == "played" else update.status
        await tx.run(_MOVE_OUTBOUND, tx.tenant_id, outbound["id"], wanted, now, error, update.provider_id)
        if outbound["state"] in ("sending", "unknown"):  # what stands behind it need not wait for the grace any more
            tx.lanes.add(outbound["lane"])


async def _read(tx: Tx, message_id: UUID) -> Row:
    row = await messages.read(tx, message_id)
    if row is None:
        raise NotFound("conversation.unknown_message")
    return row


async def _outbound_of(tx: Tx, update: StatusUpdate) -> Row | None:
    if update.outbound_id:
        try:
            return await tx.row(_OUTBOUND, tx.tenant_id, UUID(update.outbound_id))
        except ValueError:  # not an id of ours: whoever sends through the same number handed it over
            return None
    return await tx.row(_OUTBOUND_OF, tx.tenant_id, update.provider_id)


async def _message_of_status(tx: Tx, account_id: UUID, update: StatusUpdate, outbound: Row | None) -> Row | None:
    if outbound is not None and outbound["subject_id"] is not None:
        row = await messages.read(tx, outbound["subject_id"])
        return row if row is not None and row["account_id"] == account_id else None
    return await messages.by_provider_id(tx, account_id, update.provider_id)


def _error_of(update: StatusUpdate) -> str | None:
    if not update.errors:
        return None
    first = update.errors[0]
    return f"meta: {first.get('code', '')} {first.get('title') or first.get('message') or ''}".strip()[:300]

"""What becomes of a message on its way out: may it leave now, did it, and what the provider says later."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from domain.contacts import queries as contacts
from domain.contacts.numbers import digits_of, variants
from domain.conversations import early, messages, queries
from domain.conversations.changes import ConversationUseCases, mirror, notify
from domain.conversations.dto import FREE_ENTRY, WINDOW, Author, Deliverable
from domain.conversations.inbound import StatusUpdate
from domain.conversations.messages import REACTION, message_of
from domain.conversations.outgoing import outgoing_of
from domain.conversations.policy import (
    FAILED,
    NOBODY_THERE,
    RANKS,
    SENT_AGAIN_ONCE,
    advances,
    failure_of,
    furthest,
    refusal,
)
from domain.conversations.speaking import CONFIRMATION
from domain.kernel.actor import Actor
from domain.kernel.db import Row, Tx
from domain.kernel.errors import NotFound
from domain.outbox.dto import Outbound, Receipt
from domain.outbox.post import post_whatsapp
from domain.tenancy.policy import Permission, require

_AGAIN_AFTER = timedelta(seconds=15)
_WAS_SENT_AGAIN, _OTHER_SPELLING = "was_sent_again", "other_spelling"  # in a message's content
_DELIVERABLE = f"""
SELECT {messages.COLUMNS}, a.state AS account_state,
    {", ".join(f"v.{name} AS conversation_{name}" for name in queries.OWN)}, NULL AS conversation_owner_name,
    {", ".join(f"c.{name} AS contact_{name}" for name in contacts.COLUMNS)}, {contacts.IDENTIFIERS} AS identifiers
FROM {messages.TABLES} JOIN channel_accounts a ON a.tenant_id = m.tenant_id AND a.id = m.account_id
    JOIN conversations v ON v.tenant_id = m.tenant_id AND v.id = m.conversation_id
    JOIN contacts c ON c.tenant_id = v.tenant_id AND c.id = v.contact_id
WHERE m.tenant_id = $1 AND m.id = $2
"""  # noqa: S608 - our own words
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
# A message of which both rows know already how it is called at the provider: nothing early can be about it.
_BOTH = """
SELECT o.id, o.state, m.id AS message_id, m.state AS message_state
FROM outbound_messages o JOIN messages m ON m.tenant_id = o.tenant_id AND m.id = o.subject_id
WHERE o.tenant_id = $1 AND o.id = $2 AND o.provider_ref = $3 AND m.account_id = $4 AND m.provider_id = $3
    AND o.state IN ('sent', 'delivered', 'read') FOR NO KEY UPDATE OF o, m
"""
_MOVE_BOTH = """
WITH moved AS (UPDATE outbound_messages SET state = $4 WHERE tenant_id = $1 AND id = $2 AND state <> $4)
UPDATE messages SET state = $5 WHERE tenant_id = $1 AND id = $3 AND state <> $5
"""
# An ad answered within a day opens three days (provider's rule, counted from the contact's message).
_LEFT = """
WITH sent AS (
    UPDATE messages SET state = CASE WHEN state = ANY($3) THEN 'sent' ELSE state END,
        provider_id = coalesce(provider_id, $4)
    WHERE tenant_id = $1 AND id = $2 RETURNING account_id, conversation_id, state
), entry AS (
    UPDATE conversations c SET free_entry_until = referred_at + $5, referred_at = NULL FROM sent
    WHERE c.tenant_id = $1 AND c.id = sent.conversation_id AND referred_at IS NOT NULL AND referred_at >= $6
)
SELECT state,
    EXISTS (SELECT 1 FROM early_news e WHERE e.account_id = sent.account_id AND e.provider_id = $4) AS has_news
FROM sent
"""
_BEFORE_SENT = [state for state in RANKS if advances(state, "sent")]
_PUT_BACK = """
UPDATE messages SET state = 'queued', provider_id = NULL, content = content || $3::jsonb
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
            row = await tx.row(_DELIVERABLE, tx.tenant_id, message_id)
        if row is None:
            raise NotFound("conversation.unknown_message")
        conversation = queries.conversation_of(_part(row, "conversation_"))
        contact = contacts.contact_of({**_part(row, "contact_"), "identifiers": row["identifiers"]})
        outgoing, respelled = outgoing_of(row), row["content"].get(_OTHER_SPELLING, "")
        address = respelled or conversation.reply_channel_id or contact.phone.lstrip("+")
        why = refusal(
            conversation, contact, Author(row["author"]), self._clock.now(),
            is_template=outgoing.template is not None, is_confirmation=bool(row["content"].get(CONFIRMATION)),
        )  # fmt: skip
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
        if ref:
            await messages.hold_ref(tx, message.subject_id, ref)
        if state == "sent":
            await self._left(tx, message.subject_id, ref)
            return
        row = await _read(tx, message.subject_id)
        if state == FAILED:
            await self._failed(tx, row, error or "")
        elif row["state"] in ("queued", "unknown"):  # cancelled, or its outcome is unknown
            await tx.run(_SET, tx.tenant_id, row["id"], state, error, ref)

    async def apply_statuses(self, tx: Tx, account_id: UUID, updates: Sequence[StatusUpdate]) -> None:
        """The same for several, oldest first; of one message only what says the most is written."""
        for update in furthest(updates):
            await self.apply_status(tx, account_id, update)

    async def apply_status(self, tx: Tx, account_id: UUID, update: StatusUpdate) -> None:
        """Note what the provider says of a message, in any order, any number of times; before our own answer, too.

        One whose message is not known (yet) is kept for a while and then forgotten.
        """
        if await self._moved_both(tx, account_id, update):
            return
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
            if codes & SENT_AGAIN_ONCE and not row["content"].get(_WAS_SENT_AGAIN):
                await self._send_again(tx, row, {_WAS_SENT_AGAIN: True}, _AGAIN_AFTER)
                return
            other = await _other_spelling(tx, row) if NOBODY_THERE in codes else ""
            if other:
                await self._send_again(tx, row, {_OTHER_SPELLING: other})
                return
            await tx.run(_SET, tx.tenant_id, row["id"], row["state"], None, update.provider_id)
            await self._failed(tx, row, error or "")
            return
        if RANKS[row["state"]] == 0:
            await self._left(tx, row["id"], update.provider_id)
        await tx.run(_SET, tx.tenant_id, row["id"], update.status, None, update.provider_id)

    async def _moved_both(self, tx: Tx, account_id: UUID, update: StatusUpdate) -> bool:
        """Note a status of a message that is known to have left: nearly all of them; whether it was one."""
        if update.status not in RANKS:
            return False
        outbound_id = _uuid(update.outbound_id)
        row = await tx.row(_BOTH, tx.tenant_id, outbound_id, update.provider_id, account_id) if outbound_id else None
        if row is None or row["message_state"] not in RANKS:
            return False
        outbound = "read" if update.status == "played" else update.status
        after = (
            outbound if advances(row["state"], outbound) else row["state"],
            update.status if advances(row["message_state"], update.status) else row["message_state"],
        )
        if after != (row["state"], row["message_state"]):
            await tx.run(_MOVE_BOTH, tx.tenant_id, row["id"], row["message_id"], *after)
        return True

    async def _left(self, tx: Tx, message_id: UUID, ref: str | None) -> None:
        """The provider took it: what it said of it before is applied now."""
        begun = self._clock.now() - WINDOW
        before = await tx.row(_LEFT, tx.tenant_id, message_id, _BEFORE_SENT, ref, FREE_ENTRY, begun)
        if before is None:
            raise NotFound("conversation.unknown_message")
        if ref and before["has_news"]:
            await early.apply(tx, (await _read(tx, message_id))["account_id"], ref)
            after = await _read(tx, message_id)
            if after["state"] == FAILED and before["state"] != FAILED:
                await self._tell_failed(tx, after, after["error"] or "")

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

    async def _send_again(self, tx: Tx, row: Row, marks: Mapping[str, object], delay: timedelta = timedelta()) -> None:
        """Refused late: once more. The marks stay with the message, so that it is once."""
        await tx.run(_PUT_BACK, tx.tenant_id, row["id"], dict(marks))
        outbound_id = await post_whatsapp(tx, self._clock, row["conversation_id"], row["id"])
        sql = "UPDATE outbound_messages SET due_at = $3 WHERE tenant_id = $1 AND id = $2"
        await tx.run(sql, tx.tenant_id, outbound_id, self._clock.now() + delay)

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
        outbound_id = _uuid(update.outbound_id)
        return await tx.row(_OUTBOUND, tx.tenant_id, outbound_id) if outbound_id else None
    return await tx.row(_OUTBOUND_OF, tx.tenant_id, update.provider_id)


async def _other_spelling(tx: Tx, row: Row) -> str:
    """The number's other spelling, under which the person may have WhatsApp; empty: there is none, or it was tried."""
    if row["content"].get(_OTHER_SPELLING):
        return ""
    conversation = await queries.read(tx, row["conversation_id"])
    address = conversation.reply_channel_id or (await queries.contact(tx, conversation.contact_id)).phone.lstrip("+")
    return next(iter(variants(digits_of(address))), "") if address[:1].isdigit() else ""


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:  # not an id of ours: whoever sends through the same number handed it over
        return None


def _part(row: Row, prefix: str) -> dict[str, Any]:
    return {name.removeprefix(prefix): value for name, value in row.items() if name.startswith(prefix)}


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

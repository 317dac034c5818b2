"""What the provider says of messages later: in any order, any number of times, before our own answer, too."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from domain.contacts.numbers import digits_of, variants
from domain.conversations import early, messages, queries
from domain.conversations.inbound import StatusUpdate
from domain.conversations.policy import FAILED, NOBODY_THERE, RANKS, SENT_AGAIN_ONCE, advances, furthest
from domain.conversations.reach import ARRIVED, OTHER_SPELLING, note_reached
from domain.conversations.sending import SET_STATE, Sending, read_message
from domain.kernel.db import Row, Tx

_AGAIN_AFTER = timedelta(seconds=15)
_WAS_SENT_AGAIN = "was_sent_again"  # in a message's content
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
# A message of which both rows know already how it is called at the provider: nothing early can be about it.
_BOTH = """
SELECT o.id, o.state, m.id AS message_id, m.state AS message_state, m.conversation_id, m.content,
    EXISTS (SELECT 1 FROM conversations c JOIN contact_identifiers i ON i.tenant_id = $1 AND i.contact_id = c.contact_id
            WHERE c.tenant_id = $1 AND c.id = m.conversation_id AND i.unreachable_at IS NOT NULL) AS is_marked
FROM outbound_messages o JOIN messages m ON m.tenant_id = o.tenant_id AND m.id = o.subject_id
WHERE o.tenant_id = $1 AND o.id = $2 AND o.provider_ref = $3 AND m.account_id = $4 AND m.provider_id = $3
    AND o.state IN ('sent', 'delivered', 'read') FOR NO KEY UPDATE OF o, m
"""
_MOVE_BOTH = """
WITH moved AS (UPDATE outbound_messages SET state = $4 WHERE tenant_id = $1 AND id = $2 AND state <> $4)
UPDATE messages SET state = $5 WHERE tenant_id = $1 AND id = $3 AND state <> $5
"""
_ANSWER_THERE = """
UPDATE conversations SET reply_channel_id = $3
WHERE tenant_id = $1 AND id = $2 AND (reply_channel_id IS NULL OR reply_channel_id = ANY($4))
"""


class Statuses(Sending):
    """After a message was handed over."""

    async def apply_statuses(self, tx: Tx, account_id: UUID, updates: Sequence[StatusUpdate]) -> None:
        """Apply several, oldest first; of one message only what says the most is written."""
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
            news = early.status_news(update.status, error, update.errors)
            await early.keep(tx, account_id, update.provider_id, "status", news, update.at)
            return
        if outbound is not None:
            if outbound["state"] == FAILED:
                return  # sent again since, or given up
            await self._move_outbound(tx, outbound, update, error)
        if not advances(row["state"], update.status):
            if row["provider_id"] is None:
                await tx.run(SET_STATE, tx.tenant_id, row["id"], row["state"], None, update.provider_id)
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
                await self._send_again(tx, row, {OTHER_SPELLING: other})
                return
            await tx.run(SET_STATE, tx.tenant_id, row["id"], row["state"], None, update.provider_id)
            await self._failed(tx, row, error or "")
            return
        if RANKS[row["state"]] == 0 and await self._left(tx, row["id"], update.provider_id):
            row = await read_message(tx, row["id"])  # what was said before may say more
            if not advances(row["state"], update.status):
                return
        await tx.run(SET_STATE, tx.tenant_id, row["id"], update.status, None, update.provider_id)
        if update.status in ARRIVED:
            await note_reached(tx, self._clock, row, update.at)
        await _answer_there(tx, row, update)

    async def _left(self, tx: Tx, message_id: UUID, ref: str | None) -> bool:
        """What was said of it before is applied now, to its row in the outbox, too."""
        has_news = await super()._left(tx, message_id, ref)
        if has_news:
            account_id, ref = (await read_message(tx, message_id))["account_id"], ref or ""
            kept = await early.take_status(tx, account_id, ref)
            await early.apply(tx, account_id, ref)
            if kept is not None:
                await self.apply_status(tx, account_id, kept)
        return has_news

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
        if row["is_marked"] and update.status in ARRIVED:
            await note_reached(tx, self._clock, row, update.at)
        await _answer_there(tx, row, update)
        return True

    async def _move_outbound(self, tx: Tx, outbound: Row, update: StatusUpdate, error: str | None) -> None:
        state = outbound["state"] if outbound["state"] != "sending" else "unknown"
        if not advances(state, update.status):
            return
        now = self._clock.now()
        wanted = "read" if update.status == "played" else update.status
        await tx.run(_MOVE_OUTBOUND, tx.tenant_id, outbound["id"], wanted, now, error, update.provider_id)
        if outbound["state"] in ("sending", "unknown"):  # what stands behind it need not wait for the grace any more
            tx.lanes.add(outbound["lane"])


async def _outbound_of(tx: Tx, update: StatusUpdate) -> Row | None:
    if update.outbound_id:
        outbound_id = _uuid(update.outbound_id)
        return await tx.row(_OUTBOUND, tx.tenant_id, outbound_id) if outbound_id else None
    return await tx.row(_OUTBOUND_OF, tx.tenant_id, update.provider_id)


async def _other_spelling(tx: Tx, row: Row) -> str:
    """The number's other spelling, under which the person may have WhatsApp; empty: there is none, or it was tried."""
    if row["content"].get(OTHER_SPELLING):
        return ""
    conversation = await queries.read(tx, row["conversation_id"])
    address = conversation.reply_channel_id or (await queries.contact(tx, conversation.contact_id)).phone.lstrip("+")
    return next(iter(variants(digits_of(address))), "") if address[:1].isdigit() else ""


async def _answer_there(tx: Tx, row: Row, update: StatusUpdate) -> None:
    """It arrived under the number's other spelling: that is where the next ones go, too."""
    found = row["content"].get(OTHER_SPELLING)
    if found and update.status in ARRIVED:
        await tx.run(_ANSWER_THERE, tx.tenant_id, row["conversation_id"], found, list(variants(found)))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:  # not an id of ours: whoever sends through the same number handed it over
        return None


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

"""What becomes of messages afterwards: reactions, edits, deletions; before the message itself, too."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.contacts.dto import Contact, Identity
from domain.conversations import early, messages, queries
from domain.conversations.changes import ConversationUseCases, mirror, notify
from domain.conversations.dto import Direction
from domain.conversations.inbound import PhoneEchoEdit, ReceivedEdit, ReceivedReaction, ReceivedRevoke
from domain.conversations.receiving import reply_address
from domain.kernel.actor import Actor
from domain.kernel.db import Tx


class Changing(ConversationUseCases):
    """News about messages; no turn follows. Twice changes nothing more."""

    async def react(self, tx: Tx, account_id: UUID, news: ReceivedReaction) -> None:
        """A contact reacted to a message of either side, or took it back."""
        kept = {"who": "contact", "emoji": news.emoji}
        await self._apply(tx, account_id, news.target_id, "reaction", kept, news.sent_at)

    async def edit(self, tx: Tx, contact: Contact, account_id: UUID, news: ReceivedEdit) -> None:
        """A contact changed a message of theirs; the earlier text is kept. Anybody else's stays as it is."""
        kept = {"text": news.text, "direction": Direction.IN.value, "contact_id": str(contact.id)}
        await self._apply(tx, account_id, news.target_id, "edit", kept, news.sent_at)

    async def revoke(self, tx: Tx, contact: Contact, account_id: UUID, news: ReceivedRevoke) -> None:
        """A contact deleted a message of theirs: staff still sees what it said, the agent does not."""
        kept = {"direction": Direction.IN.value, "contact_id": str(contact.id)}
        await self._apply(tx, account_id, news.target_id, "revoke", kept, news.sent_at)

    async def echo_changed(self, tx: Tx, account_id: UUID, news: PhoneEchoEdit) -> None:
        """The shop's phone changed or deleted a message it sent."""
        kind = "revoke" if news.text is None else "edit"
        kept = {"text": news.text, "direction": Direction.OUT.value}
        await self._apply(tx, account_id, news.target_id, kind, kept, news.sent_at)

    async def readdress(self, tx: Tx, contact_id: UUID, account_id: UUID, after: Identity) -> None:
        """The contact's number or user id is another one: answers go there from now on."""
        address, row = reply_address(after), await queries.lock_live(tx, contact_id, account_id)
        if address and row is not None:
            await queries.change(tx, row["id"], {"reply_channel_id": address})

    async def note_blocked(self, tx: Tx, contact_id: UUID, account_id: UUID) -> None:
        """A blocked person wrote: their thread hears of it, once a day, and not what they wrote."""
        row = await queries.lock_latest(tx, contact_id, account_id)
        if row is None:
            return
        now = self._clock.now()
        if await queries.insert_event(tx, row["id"], "blocked_attempt", {}, now, f"blocked:{now.date()}"):
            await notify(tx, self._clock, row["id"], "blocked_attempt")

    async def forget_early_news(self, tenant_id: UUID, job_key: str) -> None:
        """Drop news whose message never came."""
        async with self._db.tx(Actor.system(tenant_id, "inbound", job_key)) as tx:
            await early.forget(tx, self._clock.now() - early.KEPT_FOR)

    async def _apply(
        self, tx: Tx, account_id: UUID, target_id: str, kind: str, news: Mapping[str, Any], at: datetime
    ) -> None:
        is_here = await messages.hold_provider_id(tx, account_id, target_id)
        changed = await early.apply_one(tx, account_id, target_id, kind, news, at)
        if changed is not None:
            if not changed["is_history"]:
                await mirror(tx, self._clock, changed["conversation_id"], changed["id"])
        elif is_here is None and await messages.by_provider_id(tx, account_id, target_id) is None:
            await early.keep(tx, account_id, target_id, kind, news, at)

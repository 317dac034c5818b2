"""What the shop's phone says, and messages from before. Called in the intake's transaction."""

from datetime import datetime
from uuid import UUID

from domain.contacts.dto import Contact
from domain.conversations import early, messages, queries
from domain.conversations.changes import (
    ConversationUseCases,
    Held,
    board_changes,
    mirror,
    notify,
    refresh_card,
)
from domain.conversations.dto import ConversationState
from domain.conversations.inbound import HistoryMessage, PhoneEcho
from domain.conversations.opening import hold_for_history, hold_open
from domain.conversations.settings import read_settings
from domain.conversations.waiting import NO_TURN
from domain.conversations.writing_down import keep_media, written_down
from domain.kernel.db import Tx


class Overhearing(ConversationUseCases):
    """Messages that nobody writes to us now. The same message twice is one message."""

    async def echo(
        self, tx: Tx, contact: Contact, account_id: UUID, echo: PhoneEcho, received_at: datetime
    ) -> UUID | None:  # fmt: skip
        """Write down what a human said on the shop's phone: the agent is silent from then on.

        Returns:
            The message's id; None for one that is here already.
        """
        said = echo.message
        if await messages.hold_provider_id(tx, account_id, said.provider_id):
            return None
        settings = await read_settings(tx)
        held, _ = await hold_open(tx, self._clock, contact.id, account_id, settings.reopen_hours, "")
        sent_at, now = min(said.sent_at, received_at), self._clock.now()
        new = written_down(held, account_id, said, sent_at, from_shop=True)
        written = await messages.insert(tx, new, now)
        if written is None:
            return None
        await keep_media(tx, account_id, written.id, said, now)
        await self._shop_answered(tx, contact.id)
        await mirror(tx, self._clock, held.id, written.id)
        await self._silence(tx, held, sent_at + settings.silence, sent_at)
        await early.apply(tx, account_id, said.provider_id)
        await refresh_card(tx, self._clock, held.id)
        return written.id

    async def history(
        self, tx: Tx, contact: Contact, account_id: UUID, old: HistoryMessage, received_at: datetime
    ) -> UUID | None:
        """Keep a message from before the number was connected: opens no window, is answered by nobody, not mirrored."""
        said = old.message
        if await messages.hold_provider_id(tx, account_id, said.provider_id):
            return None
        sent_at = min(said.sent_at, received_at)
        conversation = await hold_for_history(tx, contact.id, account_id, sent_at)
        held = Held(conversation, {})
        new = written_down(held, account_id, said, sent_at, from_shop=old.is_from_shop)
        written = await messages.insert_old(tx, new, self._clock.now())
        if written is None:
            return None
        await early.apply(tx, account_id, said.provider_id)
        return written.id

    async def _silence(self, tx: Tx, held: Held, until: datetime, said_at: datetime) -> None:
        """A human answered on the phone; one that is long past silences nobody."""
        before, now = held.conversation, self._clock.now()
        changes: dict[str, object] = {
            "last_human_at": max(said_at, before.last_human_at or said_at), "last_activity_at": now,
            "last_outbound_at": max(said_at, held.row["last_outbound_at"] or said_at),
        }  # fmt: skip
        if until > now:
            longer = max(until, before.human_until or until)
            answered = await messages.last_inbound_position(tx, held.id)
            changes |= {"state": "human", "human_until": longer, "answered_position": answered, **NO_TURN}
            if before.state is not ConversationState.HUMAN:
                await notify(tx, self._clock, held.id, "phone_echo", until=longer.isoformat())
        await queries.change(tx, held.id, changes)
        await board_changes(tx)

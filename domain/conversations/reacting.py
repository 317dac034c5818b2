"""What staff says with an emoji: a reaction on a message of the contact's, or its end.

A reaction acknowledges; it answers nothing. So it takes nobody's place: the assistant is not silenced, nobody becomes
the owner, no lead is contacted, and a snooze or a call for a person stands. Reactions made in the phone app change
nothing of that either.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from domain.audit.service import record
from domain.contacts import queries as contacts
from domain.contacts.dto import Contact
from domain.conversations import messages, queries
from domain.conversations.changes import ConversationUseCases, Held, hold, mirror, notify, refuse_closed
from domain.conversations.dto import Author, Conversation, Direction, Message, Outgoing
from domain.conversations.emoji import clean_emoji, is_same_emoji
from domain.conversations.messages import REACTION, message_of
from domain.conversations.reach import warns_first
from domain.conversations.replying import refuse_unsendable
from domain.conversations.speaking import speak
from domain.kernel.actor import Actor
from domain.kernel.clock import Clock
from domain.kernel.db import Row, Tx
from domain.kernel.errors import Conflict, NotFound
from domain.outbox.kinds import Kind
from domain.tenancy.policy import Permission, require

TAKEN_FOR = timedelta(days=30)  # the provider's rule: an older message takes no reaction (131009)
_BY_CARD = """
SELECT subject_id FROM posted_cards WHERE tenant_id = $1 AND channel_id = $2 AND message_id = $3 AND kind = $4
"""
_LAST = f"""
SELECT id FROM messages WHERE conversation_id = $1 AND direction = 'in' AND deleted_at IS NULL AND kind <> '{REACTION}'
    AND NOT content ? 'group_id'
ORDER BY position DESC LIMIT 1
"""  # noqa: S608 - our own words
_HELD = "SELECT id FROM messages WHERE account_id = $1 AND provider_id = $2 FOR NO KEY UPDATE"
# What the contact sees: the newest reaction that was not refused.
_STANDING = f"""
UPDATE messages t SET reactions = CASE WHEN latest.emoji = '' THEN t.reactions - 'shop'
    ELSE t.reactions || jsonb_build_object('shop', latest.emoji) END
FROM (SELECT coalesce((
    SELECT content ->> 'reaction' FROM messages
    WHERE conversation_id = $2 AND kind = '{REACTION}' AND reply_to_provider_id = $3
        AND state NOT IN ('failed', 'cancelled')
    ORDER BY position DESC LIMIT 1), '') AS emoji) latest
WHERE t.account_id = $1 AND t.provider_id = $3 RETURNING t.id, t.conversation_id
"""  # noqa: S608 - our own words


@dataclass(frozen=True, slots=True)
class Reacted:
    """A reaction on its way; `emoji` is empty when it is being taken back."""

    conversation: Conversation
    message: Message
    emoji: str


class Reacting(ConversationUseCases):
    """React to what a contact wrote."""

    async def reactable_at(self, actor: Actor, channel_id: int, discord_message_id: int) -> Message:
        """The message that stands at a place in Discord, if one may react to it now.

        Who asks is shown whether the number takes messages: after that `put_reaction` sends at once.

        Raises:
            NotFound: `conversation.not_mirrored`: nothing of a conversation stands there.
            Conflict: Those of `put_reaction`.
        """
        require(actor, Permission.CONVERSATION_REPLY)
        async with self._db.tx(actor) as tx:
            place = (channel_id, discord_message_id, Kind.CONVERSATION_MESSAGE.value)
            found = await tx.value(_BY_CARD, tx.tenant_id, *place)
            if found is None:
                raise NotFound("conversation.not_mirrored")
            target = await _read(tx, found)
            held = Held(await queries.read(tx, target.conversation_id), {})
            contact = await self._refuse_unreactable(tx, held, target)
            await warns_first(tx, self._clock, held, contact)
            return target

    async def last_of_contact(self, actor: Actor, conversation_id: UUID) -> Message:
        """What the contact wrote last and has not deleted.

        Raises:
            Conflict: `conversation.is_closed`, `conversation.not_reactable`: they wrote nothing that stands.
        """
        require(actor, Permission.CONVERSATION_SEE)
        async with self._db.tx(actor) as tx:
            conversation = await queries.read(tx, conversation_id)
            refuse_closed(conversation)
            last_id = await tx.value(_LAST, conversation.id)
            if last_id is None:
                raise Conflict("conversation.not_reactable", days=TAKEN_FOR.days)
            return await _read(tx, last_id)

    async def put_reaction(self, actor: Actor, message_id: UUID, emoji: str, *, is_toggle: bool = True) -> Reacted:
        """React to a message of the contact's, in place of an earlier reaction; the same emoji, or none, takes it back.

        The assistant goes on as it was: see the module. What WhatsApp refuses later is taken off the message again, and
        the thread hears of it with the name of who tried. Where the provider says that nobody receives messages, the
        person hears that first, as with `reply`; what they send after that goes out.

        Args:
            actor: Who reacts.
            message_id: The contact's message.
            emoji: One emoji; empty: take back what stands there.
            is_toggle: False for a button, which says what it does: the same emoji twice stays, and is sent once.

        Raises:
            NotFound: `conversation.unknown_message`.
            InvalidInput: `conversation.emoji`, `conversation.emoji_custom`.
            Conflict: `conversation.not_reactable` (not the contact's, deleted, or 30 days old),
                `conversation.no_reaction` (nothing to take back), and those of `reply`: `conversation.window_closed`,
                `conversation.opted_out`, `conversation.blocked`, `conversation.is_closed`, `conversation.unreachable`
                (once).
        """
        require(actor, Permission.CONVERSATION_REPLY)
        wanted, key = clean_emoji(emoji), f"react:{actor.command_key}"
        async with self._db.tx(actor) as tx:
            await contacts.lock_merging(tx, is_shared=True)  # where the message stands, it stays
            held = await hold(tx, (await _read(tx, message_id)).conversation_id)
            target = await _read(tx, message_id)
            done = await messages.by_command(tx, key)
            if done is not None:
                return Reacted(held.conversation, target, done["content"]["reaction"])
            contact = await self._refuse_unreactable(tx, held, target)
            standing = target.reactions.get("shop", "")
            if wanted and not is_toggle and is_same_emoji(wanted, standing):
                return Reacted(held.conversation, target, standing)
            sent = _chosen(wanted, standing)
            if not await warns_first(tx, self._clock, held, contact):
                await self._send_reaction(tx, held, target, sent, key)
                await record(tx, self._clock, "conversation.react", f"conversation {held.conversation.number}")
                return Reacted(held.conversation, await _read(tx, message_id), sent)
        raise Conflict("conversation.unreachable", conversation=held.conversation.number)

    async def _send_reaction(self, tx: Tx, held: Held, target: Message, emoji: str, key: str) -> None:
        outgoing = Outgoing(reaction=emoji, reply_to=target.provider_id or "")
        await speak(tx, self._clock, held.id, held.conversation.account_id, outgoing, Author.MEMBER, tx.actor.label,
                    command_key=key)  # fmt: skip

    async def _refuse_unreactable(self, tx: Tx, held: Held, target: Message) -> Contact:
        is_theirs = target.direction is Direction.IN and target.provider_id and "group_id" not in target.content
        is_old = self._clock.now() - target.sent_at >= TAKEN_FOR
        if not is_theirs or is_old or target.deleted_at is not None:
            raise Conflict("conversation.not_reactable", days=TAKEN_FOR.days)
        refuse_closed(held.conversation)
        return await refuse_unsendable(tx, self._clock, held, is_template=False)


def _chosen(wanted: str, standing: str) -> str:
    """What is sent: the emoji, or nothing where it stands there already."""
    if not wanted and not standing:
        raise Conflict("conversation.no_reaction")
    return "" if wanted and is_same_emoji(wanted, standing) else wanted


async def take_off(tx: Tx, clock: Clock, row: Row) -> None:
    """A reaction did not reach its message: show there what the contact sees."""
    # Held first: one that is being put at this moment is seen then, and not written over.
    await tx.value(_HELD, row["account_id"], row["reply_to_provider_id"])
    target = await tx.row(_STANDING, row["account_id"], row["conversation_id"], row["reply_to_provider_id"])
    if target is not None:
        await mirror(tx, clock, target["conversation_id"], target["id"])


async def tell_refused(tx: Tx, clock: Clock, row: Row, reason: str, error: str) -> None:
    """WhatsApp refused a reaction: take it off its message, and say so in the thread to who tried."""
    await take_off(tx, clock, row)
    emoji = str(row["content"].get("reaction") or "")
    await notify(tx, clock, row["conversation_id"], "reaction_not_sent", member=row["author_label"], emoji=emoji,
                 reason=reason, error=error)  # fmt: skip


async def _read(tx: Tx, message_id: UUID) -> Message:
    row = await messages.read(tx, message_id)
    if row is None:
        raise NotFound("conversation.unknown_message")
    return message_of(row)

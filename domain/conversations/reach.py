"""Whether anybody receives what is sent: noted when the provider says that nobody does, forgotten when somebody does.

Parts of the transaction that says what became of a message; who writes is heard by `ContactService.heard_from`.
"""

from datetime import datetime

from domain.contacts import identifier_rows
from domain.contacts.dto import Contact
from domain.contacts.identifiers import keys_of_address
from domain.conversations import queries
from domain.conversations.changes import Held, refresh_card
from domain.conversations.dto import Conversation
from domain.conversations.policy import unreachable_since
from domain.kernel.clock import Clock
from domain.kernel.db import Row, Tx

OTHER_SPELLING = "other_spelling"  # in a message's content: where it was sent at last
ARRIVED = ("delivered", "read", "played")
_TOLD = "unreachable_told"
_TOLD_BY = """
SELECT details ->> 'command' FROM conversation_events
WHERE conversation_id = $1 AND kind = 'unreachable_told' AND command_key = $2
"""


async def note_unreachable(tx: Tx, clock: Clock, row: Row, why: str) -> None:
    """Note it with the identifiers a message went to, in every spelling, and show it on the card.

    Whoever wrote since it was said receives messages after all. It counts from the message's own instant, so that
    somebody who writes at this very moment, and whom this transaction does not see, is one of them, too.
    """
    conversation = await queries.read(tx, row["conversation_id"])
    wrote = conversation.last_inbound_at
    if wrote is not None and wrote > row["sent_at"]:
        return
    keys = keys_of_address(await _address(tx, row, conversation))
    if await identifier_rows.mark_unreachable(tx, conversation.contact_id, keys, row["sent_at"], why):
        await refresh_card(tx, clock, conversation.id)


async def note_reached(tx: Tx, clock: Clock, row: Row, at: datetime) -> None:
    """A message arrived at that instant: forget what was noted before."""
    conversation = await queries.read(tx, row["conversation_id"])
    keys = keys_of_address(await _address(tx, row, conversation))
    if await identifier_rows.clear_unreachable(tx, conversation.contact_id, keys, at):
        await refresh_card(tx, clock, conversation.id)


async def warns_first(tx: Tx, clock: Clock, held: Held, contact: Contact) -> bool:
    """Whether a person has to hear, before they send, that nobody receives it: once each time the provider says so.

    The same command again hears the same.
    """
    since = unreachable_since(held.conversation, contact)
    if since is None:
        return False
    actor, key = tx.actor, f"{tx.actor.member_id}:{since.isoformat()}"
    if await queries.insert_event(tx, held.id, _TOLD, {"command": actor.command_key}, clock.now(), key):
        return True
    told_by: str = await tx.value(_TOLD_BY, held.id, key)
    return told_by == actor.command_key


async def _address(tx: Tx, row: Row, conversation: Conversation) -> str:
    respelled: str = row["content"].get(OTHER_SPELLING, "")
    known = respelled or conversation.reply_channel_id
    return known or (await queries.contact(tx, conversation.contact_id)).phone.lstrip("+")

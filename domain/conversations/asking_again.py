"""A message that was answered and then changed into another question is answered again.

When it was changed stands in the message: it waits while the conversation has waited since before that. So whatever
ends the waiting (an answer, a human, STOP, a close) ends it for the changed message, too. Where a person is to answer,
the board shows it as waiting until somebody of the shop speaks.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.contacts.dto import Contact
from domain.conversations import messages
from domain.conversations.dto import Conversation, ConversationState
from domain.conversations.messages import REACTION
from domain.i18n.fold import fold_words
from domain.kernel.db import Row, Tx

CHANGED_AT = "asked_again_at"
READ_COUNT = 40  # messages a turn reads
_MARK = "UPDATE messages SET content = content || jsonb_build_object($2::text, $3::text) WHERE id = $1"
_NEWER = f"""
SELECT count(*) FROM (
    SELECT FROM messages WHERE conversation_id = $1 AND position > $2 AND direction <> 'note' AND kind <> '{REACTION}'
    LIMIT {READ_COUNT}
) newer
"""  # noqa: S608 - our own words
# Since when a changed message waits for the answer that it has not had, whoever is to give it: of a conversation and of
# the instant at which somebody of the shop spoke last; NULL where none waits.
WAITS_SINCE = f"""
SELECT min(read.changed_at) FROM (
    SELECT (content ->> '{CHANGED_AT}')::timestamptz AS changed_at, deleted_at FROM messages
    WHERE conversation_id = {{conversation_id}} AND direction <> 'note' AND kind <> '{REACTION}'
    ORDER BY position DESC LIMIT {READ_COUNT}
) read WHERE read.deleted_at IS NULL AND read.changed_at > coalesce({{said_at}}, '-infinity')
"""  # noqa: S608 - our own words


def is_asked_again(content: Mapping[str, Any], waiting_since: datetime | None) -> bool:
    """Whether a message was changed after it was answered, in a conversation that has waited since then."""
    changed_at = content.get(CHANGED_AT)
    return changed_at is not None and waiting_since is not None and datetime.fromisoformat(changed_at) >= waiting_since


def says_the_same(before: str, after: str) -> bool:
    """Whether an edit changed no word: only case, accents, signs or white space."""
    return fold_words(before) == fold_words(after)


def may_be_answered(conversation: Conversation, contact: Contact, now: datetime) -> bool:
    """Whether the assistant is the one to answer a change: nobody else has the conversation, and it may speak."""
    return (
        conversation.state is ConversationState.BOT and conversation.snoozed_until is None
        and conversation.is_window_open(now) and contact.opted_out_at is None and contact.blocked_at is None
    )  # fmt: skip


async def is_in_reach(tx: Tx, row: Row) -> bool:
    """Whether the next turn will read the message."""
    return int(await tx.value(_NEWER, row["conversation_id"], row["position"])) < READ_COUNT


async def mark(tx: Tx, message_id: UUID, at: datetime) -> None:
    """Have the message of a held conversation wait again, for the assistant or for a person."""
    await tx.run(_MARK, message_id, CHANGED_AT, at.isoformat())


async def written(tx: Tx, account_id: UUID, provider_id: str) -> Row | None:
    """The contact's message that was changed, if it was said to us alone and is no old history."""
    row = await messages.by_provider_id(tx, account_id, provider_id)
    if row is None or row["direction"] != "in" or row["is_history"] or "group_id" in row["content"]:
        return None
    return row

"""The board of chats in which a person of the shop has to answer: one standing message, edited as they change."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from domain.contacts.dto import Contact
from domain.conversations.asking_again import WAITS_SINCE
from domain.conversations.changes import ConversationUseCases, board_changes
from domain.conversations.dto import Conversation
from domain.conversations.queries import COLUMNS, conversation_of
from domain.conversations.returning import SAID
from domain.conversations.settings import read_settings
from domain.kernel.actor import Actor
from domain.kernel.db import Row, Tx
from domain.outbox.kinds import Kind
from domain.outbox.post import leave_cards_elsewhere, post_card
from domain.tenancy.dto import Purpose
from domain.tenancy.policy import Permission, require

SHOWN = 10
KEPT_FOR = timedelta(days=7)  # who waited longer gave up; the conversation is closed, or stays quiet
_LOOKED_AT = 500  # the latest of each state, of those days: a board costs the same whatever the history holds
# Where the assistant answers nobody (it is off, or the person said STOP) its conversations wait for people, too. What
# it handed over waits since then; elsewhere the first message counts that nobody answered, or that was changed since.
# The contacts are looked up one by one: joined, all of the shop's would be read where many chats are looked at.
_WAITING = f"""
WITH live AS (
    (SELECT * FROM conversations WHERE tenant_id = $1 AND state = 'human' AND last_activity_at > $3
     ORDER BY last_activity_at DESC LIMIT {_LOOKED_AT})
    UNION ALL
    (SELECT * FROM conversations WHERE tenant_id = $1 AND state = 'bot' AND last_activity_at > $3 AND NOT $2
     ORDER BY last_activity_at DESC LIMIT {_LOOKED_AT})
    UNION ALL
    (SELECT c.* FROM contacts p JOIN conversations c ON c.tenant_id = p.tenant_id AND c.contact_id = p.id
     WHERE p.tenant_id = $1 AND p.opted_out_at IS NOT NULL AND c.state = 'bot' AND c.last_activity_at > $3 AND $2
     ORDER BY c.last_activity_at DESC LIMIT {_LOOKED_AT})
)
SELECT {COLUMNS}, p.name AS contact_name, p.created_at AS contact_created_at, wait.since,
    (SELECT channel_id FROM posted_cards t
     WHERE t.tenant_id = c.tenant_id AND t.kind = 'conversation.card' AND t.subject_id = c.id) AS thread_id,
    count(*) OVER () AS total_count
FROM live c LEFT JOIN members o ON o.tenant_id = c.tenant_id AND o.id = c.owner_id
CROSS JOIN LATERAL (SELECT * FROM contacts WHERE tenant_id = c.tenant_id AND id = c.contact_id OFFSET 0) p
LEFT JOIN LATERAL (
    SELECT position, sent_at FROM messages WHERE conversation_id = c.id AND {SAID} ORDER BY position DESC LIMIT 1
) said ON true
CROSS JOIN LATERAL (
    SELECT coalesce(
        CASE WHEN c.handoff_reason <> '' THEN coalesce(
            (SELECT e.at FROM conversation_events e WHERE e.conversation_id = c.id AND e.kind = 'handed_off'
             ORDER BY e.position DESC LIMIT 1), c.last_inbound_at) END,
        least(
            (SELECT m.sent_at FROM messages m
             WHERE m.conversation_id = c.id AND m.direction = 'in' AND NOT m.is_history AND m.deleted_at IS NULL
                 AND NOT m.content ? 'group_id' AND m.position > coalesce(said.position, 0)
             ORDER BY m.position LIMIT 1),
            ({WAITS_SINCE.format(conversation_id="c.id", said_at="said.sent_at")}))) AS since
) wait
WHERE wait.since > $3 AND p.blocked_at IS NULL AND (c.snoozed_until IS NULL OR c.snoozed_until <= $4)
ORDER BY wait.since, c.number LIMIT {SHOWN}
"""  # noqa: S608 - our own words
_IS_POSTED = "SELECT EXISTS (SELECT 1 FROM posted_cards WHERE tenant_id = $1 AND kind = $2)"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A chat that waits for a person; the contact comes without identifiers."""

    conversation: Conversation
    contact: Contact
    since: datetime
    thread_id: int | None


@dataclass(frozen=True, slots=True)
class Board:
    """Up to ten chats, who waits longest first; `total_count` is how many wait."""

    rows: tuple[Waiting, ...]
    total_count: int


class Boards(ConversationUseCases):
    """See the board, and have it drawn."""

    async def board(self, actor: Actor) -> Board:
        """Which chats wait for a person at this moment. Those that waited longer than a week are left out."""
        require(actor, Permission.CONVERSATION_SEE)
        async with self._db.tx(actor) as tx:
            return await self._waiting(tx)

    async def refresh_board(self, tenant_id: UUID, job_key: str) -> None:
        """Draw the board anew; several at once fold into one. An empty one is not begun."""
        async with self._db.tx(Actor.system(tenant_id, "board", job_key)) as tx:
            if await tx.value(_IS_POSTED, tenant_id, Kind.WAITING_BOARD.value) or (await self._waiting(tx)).rows:
                await post_card(tx, self._clock, Kind.WAITING_BOARD, tenant_id, Purpose.CONVERSATIONS)

    async def move_board(self, actor: Actor, channel_id: int) -> None:
        """Begin the board anew in another channel; the old one says where it went."""
        require(actor, Permission.SETTINGS_CHANGE)
        async with self._db.tx(actor) as tx:
            await leave_cards_elsewhere(tx, self._clock, Kind.WAITING_BOARD, Kind.BOARD_MOVED, channel_id,
                                        Purpose.CONVERSATIONS)  # fmt: skip
            await board_changes(tx)

    async def _waiting(self, tx: Tx) -> Board:
        now = self._clock.now()
        rows = await tx.rows(_WAITING, tx.tenant_id, (await read_settings(tx)).is_on, now - KEPT_FOR, now)
        return Board(tuple(_waiting(row) for row in rows), rows[0]["total_count"] if rows else 0)


def _waiting(row: Row) -> Waiting:
    contact = Contact(
        id=row["contact_id"], name=row["contact_name"], locale=None, opted_out_at=None, blocked_at=None,
        created_at=row["contact_created_at"],
    )  # fmt: skip
    return Waiting(conversation_of(row), contact, row["since"], row["thread_id"])

"""Find and show conversations. Costs what is shown, whatever the history holds."""

from uuid import UUID

from domain.contacts.dto import Contact
from domain.conversations import messages, queries, turn_rows
from domain.conversations.changes import ConversationUseCases
from domain.conversations.dto import Conversation, ConversationDetails, ConversationState
from domain.conversations.queries import COLUMNS, TABLES, conversation_of
from domain.conversations.settings import read_settings
from domain.conversations.transcript import write_transcript
from domain.conversations.turn_dto import TurnRecord
from domain.kernel.actor import Actor
from domain.kernel.db import Row
from domain.kernel.errors import NotFound
from domain.kernel.pages import Page
from domain.outbox.kinds import Kind
from domain.tenancy.policy import Permission, require
from domain.tenancy.queries import tenant as read_tenant

PAGE_SIZE = 10
COUNT_LIMIT = 1000  # nobody leafs further; counting all would cost more every year
SUGGESTION_LIMIT = 25
TURNS_LIMIT = 10
_SUGGESTED_FROM = 200
_LIVE = ("bot", "human")
_SHORT = f"""
SELECT {COLUMNS}, p.name AS contact_name, p.locale AS contact_locale, p.opted_out_at, p.blocked_at,
    p.created_at AS contact_created_at, l.number AS lead_number, l.stage AS lead_stage
FROM listed JOIN {TABLES} ON c.id = listed.id
JOIN contacts p ON p.tenant_id = c.tenant_id AND p.id = c.contact_id
LEFT JOIN LATERAL (
    SELECT number, stage FROM leads WHERE tenant_id = c.tenant_id AND contact_id = c.contact_id
    ORDER BY stage IN ('won', 'lost'), number DESC LIMIT 1
) l ON true
"""  # noqa: S608 - our own words
_LIST = f"""
WITH listed AS (
    SELECT found.id, found.last_activity_at FROM unnest($2::text[]) AS wanted (state) CROSS JOIN LATERAL (
        SELECT id, last_activity_at FROM conversations WHERE tenant_id = $1 AND state = wanted.state
        ORDER BY last_activity_at DESC LIMIT $3::int + $4::int
    ) found ORDER BY found.last_activity_at DESC, found.id LIMIT $3::int OFFSET $4::int
) {_SHORT} ORDER BY c.last_activity_at DESC, c.id
"""  # noqa: S608 - our own words
_COUNT = f"""
SELECT least({COUNT_LIMIT}, sum(counted.found))::int FROM unnest($2::text[]) AS wanted (state) CROSS JOIN LATERAL (
    SELECT count(*) AS found FROM (
        SELECT 1 FROM conversations WHERE tenant_id = $1 AND state = wanted.state LIMIT {COUNT_LIMIT}
    ) few
) counted
"""  # noqa: S608 - our own words
_SUGGEST = f"""
WITH recent AS (
    SELECT found.id FROM unnest(ARRAY['bot', 'human', 'closed']) AS wanted (state) CROSS JOIN LATERAL (
        SELECT id FROM conversations WHERE tenant_id = $1 AND state = wanted.state
        ORDER BY last_activity_at DESC LIMIT {_SUGGESTED_FROM}
    ) found
    UNION SELECT id FROM conversations WHERE tenant_id = $1 AND number = $3
), listed AS (
    SELECT r.id FROM recent r JOIN conversations c ON c.id = r.id
    JOIN contacts p ON p.tenant_id = c.tenant_id AND p.id = c.contact_id
    WHERE $2 = '' OR starts_with(c.number::text, $2) OR position($2 IN lower(p.name)) > 0
    ORDER BY coalesce(c.number = $3, false) DESC, c.state = 'closed', c.last_activity_at DESC LIMIT {SUGGESTION_LIMIT}
) {_SHORT} ORDER BY coalesce(c.number = $3, false) DESC, c.state = 'closed', c.last_activity_at DESC
"""  # noqa: S608 - our own words
_ONE = f"WITH listed AS (SELECT $1::uuid AS id) {_SHORT}"
_LATEST_OF = f"""
SELECT {COLUMNS} FROM {TABLES} WHERE c.tenant_id = $1 AND c.contact_id = $2
ORDER BY c.last_activity_at DESC, c.number DESC LIMIT 1
"""  # noqa: S608 - our own words
_BY_THREAD = "SELECT subject_id FROM posted_cards WHERE tenant_id = $1 AND channel_id = $2 AND kind = $3"


class Reading(ConversationUseCases):
    """Details, lists, the transcript, and the agent's turns."""

    async def details(self, actor: Actor, ref: int | UUID, last: int = 30) -> ConversationDetails:
        """A conversation by its number or id, with its contact, its lead, and the last messages, oldest first.

        Raises:
            NotFound: `conversation.unknown`; another tenant's is just as unknown.
        """
        require(actor, Permission.CONVERSATION_SEE)
        async with self._db.tx(actor) as tx:
            conversation = await queries.read(tx, ref)
            row = await tx.row(_ONE, conversation.id)
            assert row is not None, "it was read in this transaction"
            contact = await queries.contact(tx, conversation.contact_id)
            found = await messages.last(tx, conversation.id, max(1, min(last, 100)))
            is_on = (await read_settings(tx)).is_on
        return ConversationDetails(conversation, contact, tuple(found), row["lead_number"], row["lead_stage"], is_on)

    async def by_thread(self, actor: Actor, thread_id: int) -> Conversation:
        """The conversation whose thread this is.

        Raises:
            NotFound: `conversation.unknown_thread`.
        """
        require(actor, Permission.CONVERSATION_SEE)
        async with self._db.tx(actor) as tx:
            card = Kind.CONVERSATION_CARD.value
            found = await tx.value(_BY_THREAD, tx.tenant_id, thread_id, card) if 0 < thread_id < 2**63 else None
            if found is None:
                raise NotFound("conversation.unknown_thread")
            return await queries.read(tx, found)

    async def of_contact(self, actor: Actor, contact_id: UUID) -> Conversation | None:
        """A contact's conversation, on any number, in which something happened last; None when there is none."""
        require(actor, Permission.CONVERSATION_SEE)
        async with self._db.tx(actor) as tx:
            row = await tx.row(_LATEST_OF, tx.tenant_id, contact_id)
            return None if row is None else conversation_of(row)

    async def list(
        self, actor: Actor, state: ConversationState | None = None, page_number: int = 1
    ) -> Page[ConversationDetails]:
        """A page of ten, the latest activity first, without messages; None: those that are not closed.

        `total_count` stops at 1,000; a page beyond the last is the last. Contacts come without identifiers.
        """
        require(actor, Permission.CONVERSATION_SEE)
        states = list(_LIVE) if state is None else [state.value]
        async with self._db.tx(actor) as tx:
            total = await tx.value(_COUNT, tx.tenant_id, states)
            number = min(max(1, page_number), max(1, -(-total // PAGE_SIZE)))
            rows = await tx.rows(_LIST, tx.tenant_id, states, PAGE_SIZE, (number - 1) * PAGE_SIZE)
        return Page(tuple(_short(row) for row in rows), number, total, PAGE_SIZE)

    async def suggest(self, actor: Actor, text: str) -> tuple[ConversationDetails, ...]:
        """Up to 25 conversations for a text: the start of a number (C-12), or part of a name; live ones first.

        Looks at the newest 200 of each state and at the exact number.
        """
        require(actor, Permission.CONVERSATION_SEE)
        words = text.strip().lower()[:80].replace("\x00", "").removeprefix("#").removeprefix("c-")
        number = int(words) if words.isascii() and words.isdigit() and len(words) < 10 else None
        async with self._db.tx(actor) as tx:
            rows = await tx.rows(_SUGGEST, tx.tenant_id, words, number)
        return tuple(_short(row) for row in rows)

    async def transcript(self, actor: Actor, conversation_id: UUID) -> str:
        """The whole conversation as plain text, in the shop's zone and language, notes and all."""
        require(actor, Permission.CONVERSATION_SEE)
        async with self._db.tx(actor) as tx:
            conversation = await queries.read(tx, conversation_id)
            contact = await queries.contact(tx, conversation.contact_id)
            rows = await messages.all_of(tx, conversation.id)
            tenant = await read_tenant(tx)
        return write_transcript(conversation, contact, rows, tenant)

    async def turns(self, actor: Actor, ref: int | UUID) -> tuple[TurnRecord, ...]:
        """The agent's latest turns in a conversation, the newest first."""
        require(actor, Permission.AGENT_SEE)
        async with self._db.tx(actor) as tx:
            conversation = await queries.read(tx, ref)
            return tuple(await turn_rows.latest(tx, conversation.id, TURNS_LIMIT))

    async def trace(self, actor: Actor, ref: int | UUID, number: int) -> TurnRecord:
        """One turn of a conversation with everything needed to reproduce it.

        Raises:
            NotFound: `agent.unknown_turn`, or `conversation.unknown`.
        """
        require(actor, Permission.AGENT_SEE)
        async with self._db.tx(actor) as tx:
            conversation = await queries.read(tx, ref)
            found = await turn_rows.read(tx, conversation.id, number) if 0 < number <= queries.MAX_NUMBER else None
            if found is None:
                raise NotFound("agent.unknown_turn", turn=number)
            return found


def _short(row: Row) -> ConversationDetails:
    contact = Contact(
        id=row["contact_id"], name=row["contact_name"], locale=row["contact_locale"],
        opted_out_at=row["opted_out_at"], blocked_at=row["blocked_at"], created_at=row["contact_created_at"],
    )  # fmt: skip
    return ConversationDetails(conversation_of(row), contact, (), row["lead_number"], row["lead_stage"])

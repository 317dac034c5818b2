"""Find and show leads. Costs what is shown, whatever the history holds."""

from collections.abc import Collection
from uuid import UUID

from domain.kernel.actor import Actor
from domain.kernel.pages import Page
from domain.leads import queries
from domain.leads.changes import LeadUseCases
from domain.leads.dto import LIVE_STAGES, Lead, LeadEvent, Stage
from domain.leads.queries import LEAD_COLUMNS, LEAD_TABLES, lead_of
from domain.outbox.kinds import Kind
from domain.outbox.post import forget_cards_elsewhere, post_card
from domain.tenancy.dto import Purpose
from domain.tenancy.policy import Permission, require

PAGE_SIZE = 10
COUNT_LIMIT = 1000  # nobody leafs further; counting all would cost more every year
SUGGESTION_LIMIT = 25
_SUGGESTED_FROM = 200
# One short walk down an index per stage, then the latest of those.
_LIST = f"""
WITH listed AS (
    SELECT found.id, found.updated_at, found.number FROM unnest($2::text[]) AS wanted (stage) CROSS JOIN LATERAL (
        SELECT id, updated_at, number FROM leads WHERE tenant_id = $1 AND stage = wanted.stage {{owner}}
        ORDER BY updated_at DESC, number DESC LIMIT $3::int + $4::int
    ) found ORDER BY found.updated_at DESC, found.number DESC LIMIT $3::int OFFSET $4::int
)
SELECT {LEAD_COLUMNS} FROM listed JOIN {LEAD_TABLES} ON l.id = listed.id
ORDER BY listed.updated_at DESC, listed.number DESC
"""  # noqa: S608 - our own words
_COUNT = f"""
SELECT coalesce(least({COUNT_LIMIT}, sum(counted.found)), 0)::int
FROM unnest($2::text[]) AS wanted (stage) CROSS JOIN LATERAL (
    SELECT count(*) AS found FROM (
        SELECT 1 FROM leads WHERE tenant_id = $1 AND stage = wanted.stage {{owner}} LIMIT {COUNT_LIMIT}
    ) few
) counted
"""  # noqa: S608 - our own words
_SUGGEST = f"""
WITH recent AS (
    SELECT found.id FROM unnest($2::text[]) AS wanted (stage) CROSS JOIN LATERAL (
        SELECT id FROM leads WHERE tenant_id = $1 AND stage = wanted.stage
        ORDER BY updated_at DESC, number DESC LIMIT {_SUGGESTED_FROM}
    ) found
    UNION SELECT id FROM leads WHERE tenant_id = $1 AND number = $4
)
SELECT {LEAD_COLUMNS} FROM recent JOIN {LEAD_TABLES} ON l.id = recent.id
WHERE $3 = '' OR starts_with(l.number::text, $3) OR position($3 IN lower(c.name)) > 0
    OR position($3 IN lower(l.wish)) > 0 OR $3 = ANY(l.tags)
ORDER BY coalesce(l.number = $4, false) DESC, l.stage IN ('won', 'lost'), l.updated_at DESC, l.number DESC
LIMIT {SUGGESTION_LIMIT}
"""  # noqa: S608 - our own words
_SHOWN = f"SELECT id FROM leads WHERE tenant_id = $1 AND {queries.IS_LIVE} ORDER BY number"  # noqa: S608 - our own words


class Reading(LeadUseCases):
    """Get, list, suggest, events; and where the cards stand."""

    async def get(self, actor: Actor, ref: int | UUID) -> Lead:
        """A lead by its number or id.

        Raises:
            NotFound: `lead.unknown`; another tenant's lead is just as unknown.
        """
        require(actor, Permission.LEAD_SEE)
        async with self._db.tx(actor) as tx:
            return await queries.read(tx, ref)

    async def of_contact(self, actor: Actor, contact_id: UUID) -> Lead | None:
        """A person's live lead, else the newest; None when there is none."""
        require(actor, Permission.LEAD_SEE)
        async with self._db.tx(actor) as tx:
            known = await queries.latest(tx, contact_id)
            return None if known is None else await queries.read(tx, known["id"])

    async def events(self, actor: Actor, ref: int | UUID) -> tuple[LeadEvent, ...]:
        """A lead's history, oldest first.

        Raises:
            NotFound: `lead.unknown`.
        """
        require(actor, Permission.LEAD_SEE)
        async with self._db.tx(actor) as tx:
            return await queries.events(tx, (await queries.read(tx, ref)).id)

    async def suggest(self, actor: Actor, text: str) -> list[Lead]:
        """Up to 25 leads for a text: the start of a number, a tag, or part of a name or wish; live ones first.

        Looks at the latest 200 of each stage, and at the exact number.
        """
        require(actor, Permission.LEAD_SEE)
        words = text.strip().lower().replace("\x00", "").removeprefix("l-").lstrip("#")[:80]
        number = int(words) if words.isascii() and words.isdigit() and len(words) < 10 else None
        async with self._db.tx(actor) as tx:
            rows = await tx.rows(_SUGGEST, tx.tenant_id, [stage.value for stage in Stage], words, number)
        return [lead_of(row) for row in rows]

    async def list(
        self, actor: Actor, stages: Collection[Stage] = (), owner_id: UUID | None = None, page: int = 1
    ) -> Page[Lead]:
        """A page of ten, the latest change first; without stages, the live ones.

        `total_count` stops at 1,000; a page beyond the last is the last.
        """
        require(actor, Permission.LEAD_SEE)
        wanted = sorted({stage.value for stage in stages or LIVE_STAGES})
        extra: tuple[object, ...] = () if owner_id is None else (owner_id,)
        async with self._db.tx(actor) as tx:
            by = "AND owner_id = $3" if extra else ""
            total = await tx.value(_COUNT.format(owner=by), tx.tenant_id, wanted, *extra)
            number = min(max(1, page), max(1, -(-total // PAGE_SIZE)))
            by = "AND owner_id = $5" if extra else ""
            offset = (number - 1) * PAGE_SIZE
            rows = await tx.rows(_LIST.format(owner=by), tx.tenant_id, wanted, PAGE_SIZE, offset, *extra)
        return Page(tuple(lead_of(row) for row in rows), number, total, PAGE_SIZE)

    async def move_cards(self, actor: Actor, channel_id: int) -> int:
        """Post the card of every live lead that is not in this channel yet; how many are live."""
        require(actor, Permission.SETTINGS_CHANGE)
        async with self._db.tx(actor) as tx:
            await forget_cards_elsewhere(tx, Kind.LEAD_CARD, channel_id)
            rows = await tx.rows(_SHOWN, tx.tenant_id)
            for row in rows:
                await post_card(tx, self._clock, Kind.LEAD_CARD, row["id"], Purpose.LEADS)
        return len(rows)

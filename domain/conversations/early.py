"""News that came before the message it is about: kept, and applied when the message is here."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from domain.contacts import queries as contacts
from domain.conversations import messages
from domain.conversations.inbound import StatusUpdate
from domain.conversations.policy import FAILED, RANKS, advances
from domain.kernel.db import Row, Tx
from domain.kernel.errors import NotFound

KEPT_FOR = timedelta(days=7)
# Of one kind the latest counts; of statuses the furthest, and a failure stays.
_KEEP = """
INSERT INTO early_news AS e (tenant_id, account_id, provider_id, kind, news, at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (account_id, provider_id, kind) DO UPDATE SET news = excluded.news, at = excluded.at
    WHERE excluded.at >= e.at AND e.kind <> 'status'
       OR e.kind = 'status' AND (excluded.news ->> 'rank')::int > (e.news ->> 'rank')::int
"""
_TAKE = "DELETE FROM early_news WHERE account_id = $1 AND provider_id = $2 RETURNING kind, news, at"
_TAKE_STATUS = """
DELETE FROM early_news WHERE account_id = $1 AND provider_id = $2 AND kind = 'status' RETURNING news, at
"""
_REACT = """
UPDATE messages SET reactions = CASE WHEN $4 = '' THEN reactions - $3::text
    ELSE reactions || jsonb_build_object($3::text, $4::text) END
WHERE account_id = $1 AND provider_id = $2 RETURNING id, conversation_id, is_history
"""
# Whose message it is, says the conversation it stands in; None: not a contact's but the shop's own.
_OWN = """
    ({} IS NULL OR EXISTS (SELECT 1 FROM conversations c WHERE c.id = messages.conversation_id AND c.contact_id = {}))
"""
_EDIT = f"""
UPDATE messages SET body = $3, edited_at = $4,
    earlier = earlier || jsonb_build_array(jsonb_build_object('text', body, 'until', $4::timestamptz))
WHERE account_id = $1 AND provider_id = $2 AND direction = $5 AND deleted_at IS NULL AND body <> $3
    AND (edited_at IS NULL OR edited_at <= $4) AND {_OWN.format("$6::uuid", "$6")}
RETURNING id, conversation_id, is_history
"""  # noqa: S608 - our own words
_REVOKE = f"""
UPDATE messages SET deleted_at = $3
WHERE account_id = $1 AND provider_id = $2 AND direction = $4 AND deleted_at IS NULL AND {_OWN.format("$5::uuid", "$5")}
RETURNING id, conversation_id, is_history
"""  # noqa: S608 - our own words
_STATUS = """
UPDATE messages SET state = $3, error = coalesce($4, error) WHERE account_id = $1 AND provider_id = $2
RETURNING id, conversation_id, is_history
"""


async def keep(tx: Tx, account_id: UUID, provider_id: str, kind: str, news: Mapping[str, Any], at: datetime) -> None:
    """Keep news about a message that is not here yet."""
    await tx.run(_KEEP, tx.tenant_id, account_id, provider_id, kind, dict(news), at)


async def apply(tx: Tx, account_id: UUID, provider_id: str) -> None:
    """Apply what was kept about a message that is here now."""
    for row in await tx.rows(_TAKE, account_id, provider_id):
        await apply_one(tx, account_id, provider_id, row["kind"], row["news"], row["at"])


async def take_status(tx: Tx, account_id: UUID, provider_id: str) -> StatusUpdate | None:
    """What was kept of a message's way, for who knows its row in the outbox, too; None: nothing."""
    row = await tx.row(_TAKE_STATUS, account_id, provider_id)
    if row is None:
        return None
    return StatusUpdate(provider_id, row["news"]["status"], row["at"], errors=tuple(row["news"].get("errors", ())))


async def apply_one(
    tx: Tx, account_id: UUID, provider_id: str, kind: str, news: Mapping[str, Any], at: datetime
) -> Row | None:
    """Apply one piece of news; the message's row (id, conversation_id, is_history), or None: nothing changed."""
    if kind == "reaction":
        return await tx.row(_REACT, account_id, provider_id, news["who"], news["emoji"])
    if kind == "edit":
        return await tx.row(_EDIT, account_id, provider_id, news["text"], at, news["direction"], await _who(tx, news))
    if kind == "revoke":
        return await tx.row(_REVOKE, account_id, provider_id, at, news["direction"], await _who(tx, news))
    row = await messages.by_provider_id(tx, account_id, provider_id)
    if row is None or not advances(row["state"], news["status"]):
        return None
    return await tx.row(_STATUS, account_id, provider_id, news["status"], news.get("error"))


async def _who(tx: Tx, news: Mapping[str, Any]) -> UUID | None:
    """The contact who changed something, as who they are now: they may have been merged since."""
    if not news.get("contact_id"):
        return None
    contact_id = UUID(news["contact_id"])
    with suppress(NotFound):  # forgotten since: nobody's message is theirs
        return await contacts.living(tx, contact_id)
    return contact_id


async def forget(tx: Tx, before: datetime) -> int:
    """Delete news whose message never came."""
    return await tx.run("DELETE FROM early_news WHERE tenant_id = $1 AND at < $2", tx.tenant_id, before)


def status_news(status: str, error: str | None, errors: Sequence[Mapping[str, Any]] = ()) -> dict[str, object]:
    """A status as it is kept."""
    rank = 99 if status == FAILED else RANKS.get(status, 0)
    return {"status": status, "error": error, "errors": list(errors), "rank": rank}

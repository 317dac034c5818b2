"""SQL of turns."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from domain.contacts import queries as contacts
from domain.contacts.dto import Contact
from domain.conversations import usage
from domain.conversations.profile import Brief, profile_of
from domain.conversations.turn_dto import OwnOrder, TurnEnd, TurnRecord, TurnTrace
from domain.kernel.db import Row, Tx
from domain.kernel.ids import uuid7
from domain.kernel.money import Money
from domain.tenancy import queries as tenancy

_ORDERS_COUNT = 5
# The conversation is held, so its turns get their numbers one after the other.
_INSERT = """
WITH begun AS (
    INSERT INTO agent_turns (id, tenant_id, conversation_id, number, state, job_key, upto_position, started_at,
                             alive_at)
    SELECT $1, $2, $3, coalesce(max(number), 0) + 1, 'running', $4, $5, $6, $6 FROM agent_turns
    WHERE conversation_id = $3 RETURNING number
), fenced AS (
    UPDATE conversations SET turn_id = $1 WHERE tenant_id = $2 AND id = $3
)
SELECT number FROM begun
"""
_CONTEXT = f"""
SELECT {", ".join(f"t.{name}" for name in tenancy.COLUMNS)},
    {", ".join(f"c.{name} AS contact_{name}" for name in contacts.COLUMNS)}, {contacts.IDENTIFIERS} AS identifiers,
    (SELECT to_jsonb(s) FROM agent_settings s WHERE s.tenant_id = $1) AS settings,
    (SELECT jsonb_agg(jsonb_build_array(u.scope, u.used_on, u.token_count, u.cost_micros))
     FROM unnest($3::text[]) AS wanted (scope) JOIN agent_usage u ON u.tenant_id = $1 AND u.scope = wanted.scope
         AND u.used_on BETWEEN $4::date - 2 AND $4::date + 1) AS used,
    (SELECT jsonb_agg(jsonb_build_array(o.code, o.state, o.game, o.start_division, o.target_division,
                                        o.progress_division, o.price_minor, o.currency, o.deadline_at))
     FROM (SELECT * FROM orders WHERE tenant_id = $1 AND contact_id = $2 AND state IN ('open', 'claimed', 'paused')
           ORDER BY code DESC LIMIT {_ORDERS_COUNT}) o) AS orders
FROM tenants t JOIN contacts c ON c.tenant_id = t.id AND c.id = $2 WHERE t.id = $1
"""  # noqa: S608 - our own words
_RUNNING = """
SELECT job_key, upto_position, alive_at FROM agent_turns WHERE tenant_id = $1 AND id = $2 AND state = 'running'
"""
_FINISH = """
WITH ended AS (
    UPDATE agent_turns SET state = CASE WHEN state = 'running' THEN $3 ELSE state END, model = $4, prompt_version = $5,
        input_tokens = $6, output_tokens = $7, cost_micros = $8, trace = $9, finished_at = coalesce(finished_at, $10)
    WHERE tenant_id = $1 AND id = $2 AND trace = '{}' RETURNING 1
)
INSERT INTO agent_usage AS u (tenant_id, scope, used_on, turn_count, token_count, cost_micros)
SELECT $1, scope, $11, 1, $6::bigint + $7, $8 FROM ended, unnest($12::text[]) AS scope
ON CONFLICT (tenant_id, scope, used_on) DO UPDATE SET turn_count = u.turn_count + 1,
    token_count = u.token_count + excluded.token_count, cost_micros = u.cost_micros + excluded.cost_micros
"""
_FIRST_AFTER = """
SELECT created_at FROM messages
WHERE conversation_id = $1 AND position > $2 AND direction = 'in' AND deleted_at IS NULL AND NOT content ? 'group_id'
ORDER BY position LIMIT 1
"""
_FENCE = f"""
SELECT t.state, c.opted_out_at IS NOT NULL OR c.blocked_at IS NOT NULL AS is_mute,
    coalesce((SELECT is_on FROM agent_settings s WHERE s.tenant_id = $1), true) AS is_on,
    ({_FIRST_AFTER.replace("$1", "t.conversation_id").replace("$2", "$4")}) AS rest_at
FROM agent_turns t JOIN contacts c ON c.tenant_id = t.tenant_id AND c.id = $3 WHERE t.tenant_id = $1 AND t.id = $2
"""  # noqa: S608 - our own words
RECORDS = """
SELECT t.*, c.number AS conversation_number FROM agent_turns t
JOIN conversations c ON c.tenant_id = t.tenant_id AND c.id = t.conversation_id
"""


@dataclass(frozen=True, slots=True)
class Fence:
    """What decides whether a turn's answer is still wanted, beside the conversation's own row.

    Attributes:
        ended: How the turn ended already; None while it runs.
        is_mute: The contact said STOP, or is blocked.
        is_on: Whether the assistant is switched on.
        rest_at: When the first message came that the turn does not answer; None: there is none.
    """

    ended: TurnEnd | None
    is_mute: bool
    is_on: bool
    rest_at: datetime | None


@dataclass(frozen=True, slots=True)
class Context:
    """What a turn knows beside the conversation: who it is for, the shop and its assistant, their own live orders."""

    contact: Contact
    brief: Brief
    orders: tuple[OwnOrder, ...]


async def context(tx: Tx, contact_id: UUID, now: datetime) -> Context:
    """What a turn for this contact knows at this moment."""
    # Which day is the shop's, its own row says: from two before the date in UTC to one after.
    row = await tx.row(_CONTEXT, tx.tenant_id, contact_id, usage.scopes_to_read(contact_id), now.date())
    assert row is not None, "a held conversation has a contact"
    contact = contacts.contact_of(
        {name: row[f"contact_{name}"] for name in contacts.COLUMNS} | {"identifiers": row["identifiers"]}
    )
    tenant, profile = tenancy.tenant_of(row), profile_of(row["settings"])
    left = usage.allowance(profile, row["used"] or (), tenant.day_of(now), contact_id)
    orders = tuple(_own_order(*order) for order in row["orders"] or ())
    return Context(contact, Brief(tenant, profile, left), orders)


def _own_order(
    code: int, state: str, game: str, start: str, target: str, progress: str | None, price_minor: int, currency: str,
    deadline_at: str | None,
) -> OwnOrder:  # fmt: skip
    deadline = None if deadline_at is None else datetime.fromisoformat(deadline_at)
    return OwnOrder(code, state, game, start, target, progress, Money(price_minor, currency), deadline)


async def fence(tx: Tx, turn_id: UUID, contact_id: UUID, upto: int) -> Fence:
    """Exact while the turn's conversation is held."""
    row = await tx.row(_FENCE, tx.tenant_id, turn_id, contact_id, upto)
    assert row is not None, "a turn that began has a row"
    return Fence(
        None if row["state"] == "running" else TurnEnd(row["state"]), row["is_mute"], row["is_on"], row["rest_at"]
    )


async def insert(tx: Tx, conversation_id: UUID, job_key: str, upto: int, now: datetime) -> tuple[UUID, int]:
    """Begin a turn under the next number, as the one whose answer the held conversation waits for."""
    turn_id = uuid7()
    number = await tx.value(_INSERT, turn_id, tx.tenant_id, conversation_id, job_key, upto, now)
    return turn_id, int(number)


async def attempts(tx: Tx, conversation_id: UUID, upto: int) -> int:
    """How many turns began to answer the same and never ended by themselves."""
    sql = """SELECT count(*) FROM agent_turns WHERE conversation_id = $1 AND upto_position = $2
             AND state IN ('running', 'superseded') AND trace = '{}'"""
    return int(await tx.value(sql, conversation_id, upto))


async def running(tx: Tx, turn_id: UUID) -> Row | None:
    """A turn that has not ended."""
    return await tx.row(_RUNNING, tx.tenant_id, turn_id)


async def supersede(tx: Tx, turn_id: UUID, now: datetime) -> None:
    """A newer turn answers; the trace may still come."""
    sql = """UPDATE agent_turns SET state = 'superseded', finished_at = $3
             WHERE tenant_id = $1 AND id = $2 AND state = 'running'"""
    await tx.run(sql, tx.tenant_id, turn_id, now)


async def finish(
    tx: Tx, turn_id: UUID, end: TurnEnd, trace: TurnTrace, now: datetime, today: date, contact_id: UUID
) -> None:  # fmt: skip
    """Keep a turn's end and trace, and add what it used to the shop's day: once, however often it is called.

    Call it last: others of the shop wait for the day's rows.
    """
    kept = {"steps": trace.steps, "end": end.value}
    values = (trace.model, trace.prompt_version, trace.input_tokens, trace.output_tokens, trace.cost_micros, kept, now)
    scopes = usage.scopes_to_count(contact_id)
    await tx.run(_FINISH, tx.tenant_id, turn_id, end.value, *values, today, scopes)


async def first_after(tx: Tx, conversation_id: UUID, position: int) -> datetime | None:
    """When the first inbound message after a position came."""
    found: datetime | None = await tx.value(_FIRST_AFTER, conversation_id, position)
    return found


def record_of(row: Row) -> TurnRecord:
    """A row of `RECORDS` as a turn."""
    trace = TurnTrace(
        model=row["model"], prompt_version=row["prompt_version"], input_tokens=row["input_tokens"],
        output_tokens=row["output_tokens"], cost_micros=row["cost_micros"], steps=row["trace"].get("steps", []),
    )  # fmt: skip
    return TurnRecord(
        row["id"], row["number"], row["conversation_id"], row["conversation_number"], row["state"], trace,
        row["started_at"], row["finished_at"],
    )  # fmt: skip


async def latest(tx: Tx, conversation_id: UUID, count: int) -> list[TurnRecord]:
    """The newest turns of a conversation, the newest first."""
    of_it = "WHERE t.tenant_id = $1 AND t.conversation_id = $2 ORDER BY t.number DESC LIMIT $3"
    sql = f"{RECORDS} {of_it}"
    return [record_of(row) for row in await tx.rows(sql, tx.tenant_id, conversation_id, count)]


async def read(tx: Tx, conversation_id: UUID, number: int) -> TurnRecord | None:
    """A turn of a conversation by its number."""
    of_it = "WHERE t.tenant_id = $1 AND t.conversation_id = $2 AND t.number = $3"
    row = await tx.row(f"{RECORDS} {of_it}", tx.tenant_id, conversation_id, number)
    return None if row is None else record_of(row)

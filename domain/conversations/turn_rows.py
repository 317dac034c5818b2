"""SQL of turns."""

from datetime import datetime
from uuid import UUID

from domain.conversations.dto import TurnEnd, TurnRecord, TurnTrace
from domain.kernel.db import Row, Tx
from domain.kernel.ids import uuid7

_INSERT = """
INSERT INTO agent_turns (id, tenant_id, conversation_id, number, state, job_key, upto_position, started_at)
VALUES ($1, $2, $3, next_number('agent_turn'), 'running', $4, $5, $6) RETURNING number
"""
_RUNNING = """
SELECT job_key, upto_position, started_at FROM agent_turns WHERE tenant_id = $1 AND id = $2 AND state = 'running'
"""
_FINISH = """
UPDATE agent_turns SET state = CASE WHEN state = 'running' THEN $3 ELSE state END, model = $4, prompt_version = $5,
    input_tokens = $6, output_tokens = $7, cost_micros = $8, trace = $9, finished_at = coalesce(finished_at, $10)
WHERE tenant_id = $1 AND id = $2 AND trace = '{}'
"""
_FIRST_AFTER = """
SELECT created_at FROM messages
WHERE conversation_id = $1 AND position > $2 AND direction = 'in' AND deleted_at IS NULL AND NOT content ? 'group_id'
ORDER BY position LIMIT 1
"""
RECORDS = """
SELECT t.*, c.number AS conversation_number FROM agent_turns t
JOIN conversations c ON c.tenant_id = t.tenant_id AND c.id = t.conversation_id
"""


async def insert(tx: Tx, conversation_id: UUID, job_key: str, upto: int, now: datetime) -> tuple[UUID, int]:
    """Begin a turn under the next number."""
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


async def ended(tx: Tx, turn_id: UUID) -> TurnEnd | None:
    """How a turn ended; None while it runs."""
    state = await tx.value("SELECT state FROM agent_turns WHERE tenant_id = $1 AND id = $2", tx.tenant_id, turn_id)
    return None if state in (None, "running") else TurnEnd(state)


async def supersede(tx: Tx, turn_id: UUID, now: datetime) -> None:
    """A newer turn answers; the trace may still come."""
    sql = """UPDATE agent_turns SET state = 'superseded', finished_at = $3
             WHERE tenant_id = $1 AND id = $2 AND state = 'running'"""
    await tx.run(sql, tx.tenant_id, turn_id, now)


async def finish(tx: Tx, turn_id: UUID, end: TurnEnd, trace: TurnTrace, now: datetime) -> bool:
    """Keep a turn's end and trace; False when they are kept already."""
    kept = {"steps": trace.steps, "end": end.value}
    values = (trace.model, trace.prompt_version, trace.input_tokens, trace.output_tokens, trace.cost_micros, kept, now)
    return await tx.run(_FINISH, tx.tenant_id, turn_id, end.value, *values) == 1


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
    of_it = "WHERE t.tenant_id = $1 AND t.conversation_id = $2 ORDER BY t.started_at DESC, t.number DESC LIMIT $3"
    sql = f"{RECORDS} {of_it}"
    return [record_of(row) for row in await tx.rows(sql, tx.tenant_id, conversation_id, count)]


async def read(tx: Tx, number: int) -> TurnRecord | None:
    """A turn by its number."""
    row = await tx.row(f"{RECORDS} WHERE t.tenant_id = $1 AND t.number = $2", tx.tenant_id, number)
    return None if row is None else record_of(row)

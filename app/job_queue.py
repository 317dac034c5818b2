"""What an operator does with parked jobs: look at them, and put them back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.kernel.db import APP_ROLE, SCHEMA

_ENTER = f"SET ROLE {APP_ROLE}; SET search_path = {SCHEMA}"
_PARKED = """
SELECT id, entrypoint, updated, convert_from(payload, 'UTF8')::jsonb ->> 'tenant_id' AS tenant_id,
    (SELECT l.traceback ->> 'exception_message' FROM pgqueuer_log l
     WHERE l.job_id = q.id AND l.status = 'failed' ORDER BY l.id DESC LIMIT 1) AS reason
FROM pgqueuer q WHERE status = 'failed' ORDER BY updated, id
"""
_REPLAY = """
UPDATE pgqueuer SET status = 'queued', execute_after = now(), updated = now(), attempts = 0, queue_manager_id = NULL
WHERE status = 'failed' AND ($1::bigint[] IS NULL OR id = ANY($1)) RETURNING id
"""


@dataclass(frozen=True, slots=True)
class ParkedJob:
    """A job that failed too often; `reason` is the kind of its last error."""

    id: int
    name: str
    tenant_id: str | None
    parked_at: datetime
    reason: str


async def list_parked_jobs(connection: Any) -> list[ParkedJob]:
    """The parked jobs, oldest first."""
    await connection.execute(_ENTER)
    return [
        ParkedJob(row["id"], row["entrypoint"], row["tenant_id"], row["updated"], row["reason"] or "")
        for row in await connection.fetch(_PARKED)
    ]


async def replay_jobs(connection: Any, ids: list[int] | None) -> list[int]:
    """Put parked jobs back on the queue with their attempts forgotten; the ids of those that were parked.

    A running worker takes them at its next poll. Twice at once: the second finds nothing parked.
    """
    await connection.execute(_ENTER)
    return [row["id"] for row in await connection.fetch(_REPLAY, ids)]

"""Background jobs: put on the queue inside the business transaction, so that they exist if it commits."""

from collections.abc import Collection
from datetime import timedelta

import orjson
from pgqueuer.db import AsyncpgDriver
from pgqueuer.queries import Queries

from domain.kernel.db import Tx

_HURRY = """
UPDATE pgqueuer SET execute_after = now(), updated = now()
WHERE status = 'queued' AND entrypoint = $1 AND execute_after > now()
    AND convert_from(payload, 'UTF8')::jsonb ->> $2 = ANY($3)
"""


async def enqueue(
    tx: Tx, job: str, payload: dict[str, object], *, delay: timedelta | None = None, priority: int = 0
) -> None:
    """Add a job to the queue; rolled back with the transaction, done at least once after its commit.

    Args:
        tx: The business transaction.
        job: The job's name, one of `domain.jobs.names`.
        payload: Ids and words, JSON; the tenant's id is added. Never money or personal data.
        delay: How long to wait before the first try.
        priority: Higher goes first.
    """
    body = orjson.dumps({"tenant_id": str(tx.tenant_id), **payload})
    await Queries(AsyncpgDriver(tx.connection)).enqueue(job, body, priority=priority, execute_after=delay)


async def hurry(tx: Tx, job: str, field: str, values: Collection[str]) -> int:
    """Have jobs that wait for their time done at once, with the transaction's commit; how many they are.

    Args:
        tx: The business transaction.
        job: The job's name.
        field: A field of the payload.
        values: What it holds in the jobs that are meant.
    """
    return await tx.run(_HURRY, job, field, list(values)) if values else 0

"""A worker as a process of its own, for tests that kill it: `python -m ... DSN SECONDS`.

Its one handler, `test.mark`, says that it started, works for SECONDS, and then notes the job once: running twice
changes the world once, as every handler must.
"""

import asyncio
import sys

from app.job_runner import JobRunner
from app.metrics import HouseMetrics
from app.worker import Worker
from domain.jobs.handlers import Job, Workshop
from domain.kernel.actor import Actor
from domain.kernel.clock import SystemClock
from domain.kernel.db import Database
from tests.integration.app.conftest import QUICK, workshop

NOTE = "INSERT INTO clock_slots (tenant_id, job, slot_at) VALUES ($1, $2, now()) ON CONFLICT DO NOTHING"


async def mark(shop: Workshop, job: Job, work_s: float = 0.0) -> None:
    """Work, then note the job in the tenant's slots."""
    await asyncio.sleep(work_s)
    async with shop.services.db.tx(Actor.system(job.tenant_id, "worker", job.key)) as tx:
        done = "SELECT 1 FROM clock_slots WHERE tenant_id = $1 AND job = $2"
        if await tx.value(done, tx.tenant_id, f"done:{job.key}") is None:
            await tx.run(NOTE, tx.tenant_id, f"done:{job.key}")


async def main(dsn: str, work_s: float) -> None:
    db = await Database.open(dsn)

    async def handler(shop: Workshop, job: Job) -> None:
        _say(f"started {job.key}")
        await mark(shop, job, work_s)
        _say(f"finished {job.key}")

    shop = workshop(db, SystemClock())
    runner = JobRunner(shop, {"test.mark": handler}, 5, HouseMetrics(), first_delay_s=0.05)
    _say("up")
    await Worker(dsn, runner, ["test.mark"], QUICK).run(asyncio.Event())


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2])))

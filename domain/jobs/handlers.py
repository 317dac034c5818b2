"""The background jobs: each is a short shell around one service call, and may run twice."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.outbox.jobs import DELIVER_LANE
from domain.outbox.service import OutboxService
from domain.services import Services

SWEEP_OUTBOX = "outbox.sweep"
REMIND_TO_CLOSE = "closing.remind"
LOCK_PAYROLL = "payroll.lock"


@dataclass(frozen=True, slots=True)
class Job:
    """A job taken from the queue.

    Attributes:
        name: One of this module's names.
        key: Its idempotency key, the same when it runs again.
        tenant_id: The tenant it works for.
        payload: What was enqueued; clock jobs carry `slot_at`.
    """

    name: str
    key: str
    tenant_id: UUID
    payload: Mapping[str, Any]

    @property
    def slot_at(self) -> datetime:
        """The clock slot the job was enqueued for."""
        return datetime.fromisoformat(self.payload["slot_at"])


@dataclass(frozen=True, slots=True)
class Workshop:
    """What handlers work with."""

    services: Services
    outbox: OutboxService


Handler = Callable[[Workshop, Job], Awaitable[object]]


async def _deliver_lane(shop: Workshop, job: Job) -> object:
    return await shop.outbox.deliver_lane(job.tenant_id, job.payload["lane"], job.key)


async def _sweep_outbox(shop: Workshop, job: Job) -> object:
    return await shop.outbox.sweep(job.tenant_id, job.key)


async def _remind_to_close(shop: Workshop, job: Job) -> object:
    return await shop.services.closing.remind(job.tenant_id, job.slot_at, job.key)


async def _lock_payroll(shop: Workshop, job: Job) -> object:
    return await shop.services.payroll.lock_due(job.tenant_id, job.key)


HANDLERS: dict[str, Handler] = {
    DELIVER_LANE: _deliver_lane,
    SWEEP_OUTBOX: _sweep_outbox,
    REMIND_TO_CLOSE: _remind_to_close,
    LOCK_PAYROLL: _lock_payroll,
}

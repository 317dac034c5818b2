"""The background jobs: each is a short shell around one service call, and may run twice."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from domain.channels.jobs import PURGE_INBOUND, SYNC_TEMPLATES
from domain.conversations.jobs import END_SILENCES, FETCH_MEDIA, HEARING_TRIES, REFRESH_BOARD, REFRESH_CARDS
from domain.conversations.ports import MediaKeeper
from domain.orders.jobs import TELL_CUSTOMER
from domain.services import Services

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


class TemplateKeeper(Protocol):
    """Brings the provider's message templates into the house."""

    async def sync(self, tenant_id: UUID, job_key: str) -> int:
        """Make the shop's templates those the provider has."""
        ...


@dataclass(frozen=True, slots=True)
class Workshop:
    """What handlers work with.

    Attributes:
        media, templates: The WhatsApp door; None: this process has none, and its jobs end without effect.
    """

    services: Services
    media: MediaKeeper | None = None
    templates: TemplateKeeper | None = None


Handler = Callable[[Workshop, Job], Awaitable[object]]


async def _remind_to_close(shop: Workshop, job: Job) -> object:
    return await shop.services.closing.remind(job.tenant_id, job.slot_at, job.key)


async def _lock_payroll(shop: Workshop, job: Job) -> object:
    return await shop.services.payroll.lock_due(job.tenant_id, job.key)


async def _fetch_media(shop: Workshop, job: Job) -> object:
    if shop.media is not None:
        tries_count = int(job.payload.get(HEARING_TRIES, 0))
        await shop.media.fetch(job.tenant_id, UUID(job.payload["message_id"]), job.key, tries_count)
    return None


async def _sync_templates(shop: Workshop, job: Job) -> object:
    return None if shop.templates is None else await shop.templates.sync(job.tenant_id, job.key)


async def _purge_inbound(shop: Workshop, job: Job) -> object:
    await shop.services.conversations.forget_early_news(job.tenant_id, job.key)
    await shop.services.channels.purge(job.tenant_id, job.key)
    return None


async def _end_silences(shop: Workshop, job: Job) -> object:
    return await shop.services.conversations.end_silences(job.tenant_id, job.key)


async def _refresh_board(shop: Workshop, job: Job) -> object:
    await shop.services.conversations.refresh_board(job.tenant_id, job.key)
    return None


async def _refresh_cards(shop: Workshop, job: Job) -> object:
    at, done_count = job.payload.get("at"), int(job.payload.get("done_count", 0))
    after = (datetime.fromisoformat(at), UUID(job.payload["id"])) if at else None
    return await shop.services.conversations.redraw_cards(job.tenant_id, job.key, after, done_count)


async def _tell_customer(shop: Workshop, job: Job) -> object:
    order_id, transition = UUID(job.payload["order_id"]), job.payload["transition"]
    key = job.payload["event_key"]
    await shop.services.notifications.tell_customer(job.tenant_id, order_id, transition, key, job.key)
    return None


HANDLERS: dict[str, Handler] = {
    REMIND_TO_CLOSE: _remind_to_close,
    LOCK_PAYROLL: _lock_payroll,
    FETCH_MEDIA: _fetch_media,
    SYNC_TEMPLATES: _sync_templates,
    PURGE_INBOUND: _purge_inbound,
    END_SILENCES: _end_silences,
    REFRESH_BOARD: _refresh_board,
    REFRESH_CARDS: _refresh_cards,
    TELL_CUSTOMER: _tell_customer,
}

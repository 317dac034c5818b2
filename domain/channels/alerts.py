"""What the provider refuses until people act: told to the shop, once an hour for each reason."""

from datetime import UTC
from uuid import UUID

from domain.channels import queries
from domain.channels.jobs import SYNC_TEMPLATES
from domain.kernel.actor import Actor
from domain.kernel.clock import Clock
from domain.kernel.db import Database
from domain.kernel.queue import enqueue
from domain.outbox.kinds import Kind
from domain.outbox.post import post_notice
from domain.tenancy.dto import Purpose
from domain.tenancy.policy import Permission, require

_CLAIM = "INSERT INTO clock_slots (tenant_id, job, slot_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"


class ChannelAlerts:
    """Alerts about the shop's numbers."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def alert(self, actor: Actor, account_id: UUID, code: int, detail: str, *, is_template: bool = False) -> None:
        """Tell the shop that the provider refuses with `code`; of many at once, and within the hour, one is told.

        Args:
            actor: Our own worker.
            account_id: The number.
            code: The provider's error code.
            detail: What the provider says about it.
            is_template: A template is the reason: all are read again.
        """
        require(actor, Permission.CHANNEL_CHANGE)
        hour = self._clock.now().astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        async with self._db.tx(actor) as tx:
            if not await tx.run(_CLAIM, tx.tenant_id, refusal_slot(account_id, code), hour):
                return
            account = await queries.account(tx, account_id)
            phone = account.display_phone or account.phone_number_id
            params: dict[str, object] = {"what": "refused", "phone": phone, "detail": f"{code}: {detail}"[:300]}
            await post_notice(tx, self._clock, Purpose.RED_ALERTS, Kind.CHANNEL_ALERT, params)
            if is_template:
                await enqueue(tx, SYNC_TEMPLATES, {})


def refusal_slot(account_id: UUID, code: int) -> str:
    """The slot that says whether a refusal was told this hour."""
    return f"alert:{account_id}:{code}"

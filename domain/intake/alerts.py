"""What the shop should know about its number, at most once an hour of each kind."""

from datetime import UTC
from uuid import UUID

from domain.channels.alerts import refusal_slot
from domain.kernel.clock import Clock
from domain.kernel.db import Tx
from domain.outbox.kinds import Kind
from domain.outbox.post import post_notice
from domain.tenancy.dto import Purpose

_CLAIM = "INSERT INTO clock_slots (tenant_id, job, slot_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
_PHONE = """
SELECT coalesce(nullif(display_phone, ''), phone_number_id) FROM channel_accounts WHERE tenant_id = $1 AND id = $2
"""


async def alert(tx: Tx, clock: Clock, account_id: UUID, what: str, detail: str) -> None:
    """Tell the shop; again within the hour, about the same number and kind, says nothing."""
    hour = clock.now().astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    if await tx.run(_CLAIM, tx.tenant_id, f"intake:{what}:{account_id}", hour):
        await tell(tx, clock, account_id, what, detail)


async def refused(tx: Tx, clock: Clock, account_id: UUID, code: int, detail: str) -> bool:
    """Tell the shop that the provider refuses with a code; once an hour, whoever of the two ways heard it first."""
    hour = clock.now().astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    is_first = bool(await tx.run(_CLAIM, tx.tenant_id, refusal_slot(account_id, code), hour))
    if is_first:
        await tell(tx, clock, account_id, "refused", f"{code}: {detail}")
    return is_first


async def tell(tx: Tx, clock: Clock, account_id: UUID, what: str, detail: str) -> None:
    """The same, every time."""
    phone = await tx.value(_PHONE, tx.tenant_id, account_id)
    params: dict[str, object] = {"what": what, "phone": phone or "", "detail": detail[:300]}
    await post_notice(tx, clock, Purpose.RED_ALERTS, Kind.CHANNEL_ALERT, params)

"""Shows a person that somebody reads and types."""

from uuid import UUID

import structlog

from channels.whatsapp.meta.errors import Refused
from channels.whatsapp.meta.graph import GraphClient
from channels.whatsapp.ports import AccountKeeper
from channels.whatsapp.tokens import KnownTokens
from domain.kernel.actor import Actor
from domain.kernel.clock import Clock
from domain.kernel.errors import DeliveryError, DomainError

log = structlog.get_logger("guildhall.whatsapp")


class WhatsAppPresence:
    """Blue ticks and "typing": nice to have, so nothing fails because of them."""

    def __init__(self, graph: GraphClient, accounts: AccountKeeper, clock: Clock) -> None:
        self._graph = graph
        self._tokens = KnownTokens(accounts, clock)

    async def typing(self, tenant_id: UUID, account_id: UUID, provider_message_id: str) -> None:
        """Mark a received message, and those before it, as read, and show for up to 25 s that we type. Never raises."""
        await self._show(tenant_id, account_id, provider_message_id, is_typing=True)

    async def read(self, tenant_id: UUID, account_id: UUID, provider_message_id: str) -> None:
        """Mark a received message, and those before it, as read. Never raises."""
        await self._show(tenant_id, account_id, provider_message_id, is_typing=False)

    async def _show(self, tenant_id: UUID, account_id: UUID, provider_message_id: str, *, is_typing: bool) -> None:
        actor = Actor.system(tenant_id, "presence", f"presence:{provider_message_id}")
        try:
            credentials = await self._tokens.credentials(actor, account_id)
            if credentials.is_active:
                await self._graph.mark_read(credentials, provider_message_id, is_typing=is_typing)
        except (DeliveryError, DomainError, Refused) as exc:
            self._tokens.forget(actor, account_id)
            log.info("presence not shown", error=str(exc))

"""Tells customers how their order goes, once per event, where they wrote to us."""

from uuid import UUID

from domain.conversations.service import ConversationService
from domain.kernel.clock import Clock
from domain.kernel.db import Database
from domain.leads.service import LeadService


class NotificationService:
    """News of orders on their way to customers."""

    def __init__(self, db: Database, clock: Clock, conversations: ConversationService, leads: LeadService) -> None:
        self._db = db
        self._clock = clock
        self._conversations = conversations
        self._leads = leads

    async def tell_customer(
        self, tenant_id: UUID, order_id: UUID, transition: str, event_key: str, job_key: str
    ) -> None:
        """Tell the customer of one event of an order."""

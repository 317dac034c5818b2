"""Closing the day: X, Z, and their verification."""

from datetime import date, datetime
from uuid import UUID

from domain.closing.dto import CloseCheck, DayClose, DayReport
from domain.kernel.actor import Actor
from domain.kernel.clock import Clock
from domain.kernel.db import Database
from domain.kernel.pages import Page


class ClosingService:
    """Use cases of closing; each opens its own transaction."""

    def __init__(self, db: Database, clock: Clock) -> None: ...
    async def preview(self, actor: Actor, day: date | None = None) -> DayReport: ...  # type: ignore[empty-body]  # signatures first
    async def close(self, actor: Actor, day: date, report_hash: str) -> DayClose: ...  # type: ignore[empty-body]  # signatures first
    async def get(self, actor: Actor, ref: date | int) -> DayClose: ...  # type: ignore[empty-body]  # signatures first
    async def list(self, actor: Actor, page_number: int = 1) -> Page[DayClose]: ...  # type: ignore[empty-body]  # signatures first
    async def verify(self, tenant_id: UUID) -> CloseCheck: ...  # type: ignore[empty-body]  # signatures first
    async def remind(self, tenant_id: UUID, slot_at: datetime, command_key: str) -> bool: ...  # type: ignore[empty-body]  # signatures first

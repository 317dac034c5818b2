"""Payroll: preview, approve, pay, refuse, lock; and what boosters see of it."""

from uuid import UUID

from domain.kernel.actor import Actor
from domain.kernel.clock import Clock
from domain.kernel.db import Database
from domain.kernel.pages import Page
from domain.kernel.sealing import Sealer
from domain.payroll.dto import OwnEarnings, PayrollPreview, PayrollRun, PayrollRunDetails, PayStub


class PayrollService:
    """Use cases of payroll; each opens its own transaction."""

    def __init__(self, db: Database, clock: Clock, sealer: Sealer) -> None: ...
    async def preview(self, actor: Actor) -> PayrollPreview: ...  # type: ignore[empty-body]  # signatures first
    async def approve(self, actor: Actor, preview_hash: str) -> PayrollRun: ...  # type: ignore[empty-body]  # signatures first
    async def pay(self, actor: Actor, run_id: UUID, preview_hash: str) -> PayrollRun: ...  # type: ignore[empty-body]  # signatures first
    async def refuse(self, actor: Actor, run_id: UUID) -> PayrollRun: ...  # type: ignore[empty-body]  # signatures first
    async def list(self, actor: Actor, page_number: int = 1) -> Page[PayrollRun]: ...  # type: ignore[empty-body]  # signatures first
    async def get(self, actor: Actor, ref: int | UUID) -> PayrollRunDetails: ...  # type: ignore[empty-body]  # signatures first
    async def csv(self, actor: Actor, number: int, locale: str) -> bytes: ...  # type: ignore[empty-body]  # signatures first
    async def stub(self, actor: Actor, run_id: UUID, member_id: UUID) -> PayStub: ...  # type: ignore[empty-body]  # signatures first
    async def dispute(self, actor: Actor, run_id: UUID, text: str) -> PayStub: ...  # type: ignore[empty-body]  # signatures first
    async def owed(self, actor: Actor) -> OwnEarnings: ...  # type: ignore[empty-body]  # signatures first
    async def lock_due(self, tenant_id: UUID, command_key: str) -> int: ...  # type: ignore[empty-body]  # signatures first

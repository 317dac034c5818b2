"""Binds the areas into one object that the doors and the worker call."""

from dataclasses import dataclass

from domain.audit.service import AuditService
from domain.closing.service import ClosingService
from domain.kernel.clock import Clock
from domain.kernel.db import Database
from domain.kernel.sealing import Sealer
from domain.ledger.service import LedgerService
from domain.orders.service import OrderService
from domain.orders.tariffs import TariffService
from domain.payroll.service import PayrollService
from domain.staff.service import StaffService
from domain.tenancy.service import TenancyService


@dataclass(frozen=True, slots=True)
class Services:
    """Every use case of the house, over one database and one clock."""

    db: Database
    clock: Clock
    tenancy: TenancyService
    audit: AuditService
    ledger: LedgerService
    staff: StaffService
    tariffs: TariffService
    orders: OrderService
    payroll: PayrollService
    closing: ClosingService


def build_services(db: Database, clock: Clock, sealer: Sealer) -> Services:
    """Build the areas bottom up."""
    staff = StaffService(db, clock, sealer)
    return Services(
        db=db,
        clock=clock,
        tenancy=TenancyService(db, clock),
        audit=AuditService(db),
        ledger=LedgerService(db),
        staff=staff,
        tariffs=TariffService(db, clock),
        orders=OrderService(db, clock),
        payroll=PayrollService(db, clock, sealer),
        closing=ClosingService(db, clock),
    )

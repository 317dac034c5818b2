"""Binds the areas into one object that the doors and the worker call."""

from dataclasses import dataclass

from domain.audit.service import AuditService
from domain.channels.service import ChannelService
from domain.closing.service import ClosingService
from domain.contacts.service import ContactService
from domain.conversations.following import LeadFollower
from domain.conversations.merging import ConversationMover
from domain.conversations.ports import InboundParser, Splitter
from domain.conversations.service import ConversationService, TurnTiming
from domain.intake.ports import Detector
from domain.intake.service import IntakeService
from domain.kernel.clock import Clock
from domain.kernel.db import Database
from domain.kernel.sealing import Sealer
from domain.leads.moving import LeadMover
from domain.leads.service import LeadService
from domain.ledger.service import LedgerService
from domain.notifications.service import NotificationService
from domain.orders.moving import OrderMover
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
    channels: ChannelService
    contacts: ContactService
    leads: LeadService
    conversations: ConversationService
    intake: IntakeService
    notifications: NotificationService


def build_services(
    db: Database, clock: Clock, sealer: Sealer, *, parser: InboundParser | None = None,
    detector: Detector | None = None, timing: TurnTiming | None = None, splitter: Splitter | None = None,
) -> Services:  # fmt: skip
    """Build the areas bottom up.

    Args:
        db: The database.
        clock: The time.
        sealer: For secrets.
        parser: Knows the items of WhatsApp's webhooks; None: this process takes none.
        detector: Tells the language of a text; None: a contact's language is never changed.
        timing: The assistant's patience; None: the usual one.
        splitter: Knows what fits into one message of WhatsApp; None: a longer reply is refused.
    """
    staff = StaffService(db, clock, sealer)
    channels = ChannelService(db, clock, sealer)
    follower = LeadFollower(clock)
    contacts = ContactService(db, clock, (ConversationMover(clock), LeadMover(clock), OrderMover()), follower)
    leads = LeadService(db, clock, follower)
    conversations = ConversationService(db, clock, timing, leads, splitter)
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
        channels=channels,
        contacts=contacts,
        leads=leads,
        conversations=conversations,
        intake=IntakeService(db, clock, channels, contacts, conversations, leads, parser, detector),
        notifications=NotificationService(db, clock, conversations, leads),
    )

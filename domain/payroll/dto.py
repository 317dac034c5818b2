"""What payroll returns."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.kernel.money import Money


class RunState(StrEnum):
    """Where a run stands. Previews are drafts and are not stored."""

    APPROVED = "approved"
    PAID = "paid"
    LOCKED = "locked"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class PayLine:
    """One journal entry that moved what the shop owes a booster.

    Attributes:
        entry_id: The journal entry.
        kind: The entry's kind: completion, adjustment, fine, reversal, pot_dissolution.
        amount: Positive: owed to the booster.
        order_id: None when the entry is not about an order.
        order_code: The order's code; None likewise.
        division: The order's final (else target) division.
        reason: Why, where somebody gave a reason.
    """

    entry_id: UUID
    kind: str
    amount: Money
    order_id: UUID | None
    order_code: int | None
    division: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class BoosterPay:
    """One booster's share of a run or preview; lines in journal order, total = their sum."""

    member_id: UUID
    name: str
    lines: tuple[PayLine, ...]
    total: Money

    @property
    def order_codes(self) -> tuple[int, ...]:
        """Codes of the orders in it, each once, in journal order."""
        return tuple(dict.fromkeys(line.order_code for line in self.lines if line.order_code is not None))


@dataclass(frozen=True, slots=True)
class PayrollRun:
    """A payroll run.

    Attributes:
        id: Its row.
        number: Gapless per tenant.
        state: Where it stands.
        preview_hash: The hash of exactly its lines; Pay is bound to it.
        total: What all boosters get together.
        member_count: Boosters in it.
        order_count: Orders in it.
        approved_by: Who approved; the name beside it.
        paid_by: Who paid; None before.
        disputed_count: Stubs that were disputed.
    """

    id: UUID
    number: int
    state: RunState
    preview_hash: str
    total: Money
    member_count: int
    order_count: int
    approved_by: UUID
    approved_by_name: str
    approved_at: datetime
    paid_by: UUID | None
    paid_by_name: str | None
    paid_at: datetime | None
    locked_at: datetime | None
    disputed_count: int


@dataclass(frozen=True, slots=True)
class PayrollPreview:
    """What would be paid now.

    Attributes:
        hash: sha256 over exactly the lines of `boosters`; Approve is bound to it.
        boosters: Who would be paid, by name.
        total: Sum of their totals.
        order_count: Distinct orders among the lines.
        carried: Boosters whose balance is zero or negative: not paid, carried over to a later run.
        approved_run: A run that waits for Pay; its lines are not in `boosters` again.
    """

    hash: str
    boosters: tuple[BoosterPay, ...]
    total: Money
    order_count: int
    carried: tuple[BoosterPay, ...]
    approved_run: PayrollRun | None


@dataclass(frozen=True, slots=True)
class Dispute:
    """A booster's objection to a pay stub."""

    member_id: UUID
    name: str
    text: str
    raised_at: datetime


@dataclass(frozen=True, slots=True)
class PayrollRunDetails:
    """A run with its lines per booster, by name, and what was disputed."""

    run: PayrollRun
    boosters: tuple[BoosterPay, ...]
    disputes: tuple[Dispute, ...]


@dataclass(frozen=True, slots=True)
class PayStub:
    """One booster's part of one run."""

    run: PayrollRun
    pay: BoosterPay
    dispute: Dispute | None


@dataclass(frozen=True, slots=True)
class OwnEarnings:
    """What a booster sees of their own money.

    Attributes:
        owed: Sum of `lines`: earned and not yet paid; negative when an earlier pay is being recovered.
        lines: Every unpaid line, in journal order, those of an approved run included.
        last_run: The last run that paid the member.
        last_paid: What it paid them.
    """

    owed: Money
    lines: tuple[PayLine, ...]
    last_run: PayrollRun | None
    last_paid: Money | None

"""What the ledger takes and returns. Debits are positive, credits negative, all in minor units."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from domain.kernel.money import Money


class AccountKind(StrEnum):
    """The chart of accounts."""

    CUSTOMER_RECEIVABLE = "customer_receivable"
    COMPANY_INCOME = "company_income"
    BOOSTER_PAYABLE = "booster_payable"  # one per booster; reference: member id
    POT = "pot"  # one per month; reference: 2026-11
    WALLET_NET = "wallet_net"
    WALLET_POT = "wallet_pot"
    ADJUSTMENTS = "adjustments"


class EntryKind(StrEnum):
    """What a journal entry is about."""

    COMPLETION = "completion"
    ADJUSTMENT = "adjustment"
    FINE = "fine"
    REVERSAL = "reversal"
    PAYROLL = "payroll"
    POT_SETTLEMENT = "pot_settlement"
    POT_DISSOLUTION = "pot_dissolution"


@dataclass(frozen=True, slots=True)
class AccountRef:
    """An account by its name; it comes into being with its first posting."""

    kind: AccountKind
    reference: str = ""


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """An entry to be posted, in the tenant's currency.

    Attributes:
        kind: What it is about; never `REVERSAL`, which `reverse` makes.
        subject_id: The order, or the payroll run.
        postings: Account and minor units, debit positive; lines of 0 are left out; they sum to zero.
        reason: Why, for adjustments and fines.
        key: The idempotency key: the same key is one entry.
    """

    kind: EntryKind
    subject_id: UUID
    postings: Sequence[tuple[AccountRef, int]]
    reason: str
    key: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A journal entry as it stands for ever.

    Attributes:
        seq: Its number in the tenant's journal, without gaps.
        business_on: The business day it counts for.
        reverses_id: The entry it takes back, for a reversal.
    """

    id: UUID
    seq: int
    kind: EntryKind
    subject_id: UUID
    currency: str
    business_on: date
    reverses_id: UUID | None
    reason: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class AccountBalance:
    """An account and what stands on it; debit positive."""

    account: AccountRef
    balance: Money


class DiscrepancyKind(StrEnum):
    """What `check` can find."""

    BALANCE_DIFFERS = "balance_differs"
    ENTRY_UNBALANCED = "entry_unbalanced"
    SEQUENCE_GAP = "sequence_gap"
    DAY_GOES_BACK = "day_goes_back"
    TOTAL_NOT_ZERO = "total_not_zero"


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """Something in the books that does not add up; `stored` and `expected` are minor units or numbers."""

    kind: DiscrepancyKind
    subject: str
    stored: int
    expected: int

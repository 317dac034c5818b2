"""Pure rules of payroll: who is paid, what a hash covers, when a second person is needed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from domain.kernel.money import Money
from domain.payroll.dto import BoosterPay, PayLine

LOCK_AFTER = timedelta(days=7)
MAX_DISPUTE_LENGTH = 1000

Owed = tuple[UUID, str, PayLine]  # member id, name, line


@dataclass(frozen=True, slots=True)
class News:
    """A journal entry about a run's booster that came after the run was approved."""

    entry_id: UUID
    kind: str
    subject_id: UUID
    reverses_id: UUID | None


def by_booster(owed: Iterable[Owed], currency: str) -> tuple[BoosterPay, ...]:
    """Group lines by booster, keeping their order."""
    names: dict[UUID, str] = {}
    lines: dict[UUID, list[PayLine]] = {}
    for member_id, name, line in owed:
        names[member_id] = name
        lines.setdefault(member_id, []).append(line)
    return tuple(
        BoosterPay(member_id, names[member_id], tuple(own), total_of(own, currency)) for member_id, own in lines.items()
    )


def split(boosters: Iterable[BoosterPay]) -> tuple[tuple[BoosterPay, ...], tuple[BoosterPay, ...]]:
    """Who is paid, and whose zero or negative balance is carried over."""
    everyone = tuple(boosters)
    paid = tuple(booster for booster in everyone if booster.total.minor > 0)
    return paid, tuple(booster for booster in everyone if booster.total.minor <= 0)


def total_of(lines: Iterable[PayLine], currency: str) -> Money:
    """The sum of lines."""
    return sum((line.amount for line in lines), Money(0, currency))


def order_count(boosters: Iterable[BoosterPay]) -> int:
    """Distinct orders among the boosters' lines."""
    return len({line.order_id for booster in boosters for line in booster.lines if line.order_id is not None})


def hash_of(boosters: Sequence[BoosterPay]) -> str:
    """sha256 (hex) over exactly the lines: member, entry, amount; the order of reading does not matter."""
    lines = sorted(
        f"{booster.member_id} {line.entry_id} {line.amount.minor} {line.amount.currency}\n"
        for booster in boosters
        for line in booster.lines
    )
    return sha256("".join(lines).encode()).hexdigest()


def needs_second_person(total: Money, above_minor: int | None) -> bool:
    """Whether the payer must be somebody else than the approver."""
    return above_minor is not None and total.minor > above_minor


def makes_stale(news: Sequence[News]) -> bool:
    """Whether a run must be shown again.

    Orders finished meanwhile, and what happened to just those, stay for the next run. Anything else (an order
    reopened, an adjustment or fine on an order that was finished before) changes what its boosters are owed.
    """
    entries = {new.entry_id for new in news}
    finished = {new.subject_id for new in news if new.kind == "completion"}
    return any(
        new.reverses_id not in entries if new.kind == "reversal" else new.subject_id not in finished for new in news
    )

"""The journal entries of an order, and its figures read back from them."""

from collections.abc import Mapping
from uuid import UUID

from domain.kernel.business_day import month_of
from domain.kernel.clock import Clock
from domain.kernel.db import Row, Tx
from domain.kernel.errors import InvalidInput
from domain.kernel.money import MAX_MINOR, Money
from domain.ledger import queries as ledger
from domain.ledger.dto import AccountKind, AccountRef, Entry, EntryDraft, EntryKind
from domain.ledger.posting import post_entry, reverse
from domain.orders.dto import CompletionFigures, Order
from domain.orders.pay import Pay
from domain.tenancy.dto import Tenant

_ADJUSTMENTS = AccountRef(AccountKind.ADJUSTMENTS)


async def post_completion(tx: Tx, clock: Clock, order: Order, tenant: Tenant, pay: Pay) -> Entry:
    """Post what an order pays; the pot is the one of the calendar month in the tenant's zone."""
    pot = AccountRef(AccountKind.POT, month_of(clock.now(), tenant.zone))
    lines = [
        (AccountRef(AccountKind.CUSTOMER_RECEIVABLE), pay.customer),
        (_payable(order), -pay.booster),
        (AccountRef(AccountKind.COMPANY_INCOME), -pay.company),
        (pot, -(pay.pot_order + pay.pot_win_rate)),
    ]
    return await post_entry(tx, clock, EntryDraft(EntryKind.COMPLETION, order.id, lines, "", _key(tx, order, "pay")))


async def post_adjustment(tx: Tx, clock: Clock, order: Order, amount_minor: int, reason: str) -> None:
    """Move an amount between company and booster; positive pays the booster more."""
    lines = [(_ADJUSTMENTS, amount_minor), (_payable(order), -amount_minor)]
    key = _key(tx, order, "adjustment")
    await post_entry(tx, clock, EntryDraft(EntryKind.ADJUSTMENT, order.id, lines, reason, key))


async def post_fines(tx: Tx, clock: Clock, order: Order, fines: Mapping[str, int]) -> None:
    """Move each fine from booster to company, as an entry of its own with its catalog key as reason."""
    for reason, minor in fines.items():
        lines = [(_payable(order), minor), (_ADJUSTMENTS, -minor)]
        key = _key(tx, order, reason)
        await post_entry(tx, clock, EntryDraft(EntryKind.FINE, order.id, lines, reason, key))


async def reverse_all(tx: Tx, clock: Clock, order: Order, reason: str) -> None:
    """Take back every entry of the order that still stands."""
    for entry in await ledger.standing_entries(tx, order.id):
        await reverse(tx, clock, entry.id, reason, _key(tx, order, f"reverse:{entry.seq}"))


async def booster_pay(tx: Tx, order_id: UUID) -> int:
    """What the order pays its booster by the journal, adjustments and fines included."""
    totals = await ledger.subject_totals(tx, order_id)
    return -totals.get(AccountKind.BOOSTER_PAYABLE, 0)


def check_adjustment(amount: Money, pay_minor: int, currency: str) -> None:
    """Refuse an adjustment of nothing, in another currency, or below a pay of zero.

    Raises:
        InvalidInput: `order.adjustment_below_zero` names the `largest` deduction possible.
    """
    if amount.currency != currency:
        raise InvalidInput("money.currency", field="adjustment", currency=currency)
    if not amount or abs(amount.minor) > MAX_MINOR:
        raise InvalidInput("order.adjustment_amount", field="adjustment")
    if pay_minor + amount.minor < 0:
        largest = Money(-pay_minor, currency)
        raise InvalidInput("order.adjustment_below_zero", field="adjustment", largest=largest)


async def figures_of(tx: Tx, row: Row, warnings: tuple[str, ...]) -> CompletionFigures:
    """A completed order's figures as the journal has them; the pot's two parts as the order kept them."""
    order_id, currency = row["id"], row["currency"]
    totals = await ledger.subject_totals(tx, order_id)
    entries = await ledger.standing_totals(tx, order_id)
    company = totals.get(AccountKind.COMPANY_INCOME, 0) + totals.get(AccountKind.ADJUSTMENTS, 0)
    return CompletionFigures(
        customer=Money(totals.get(AccountKind.CUSTOMER_RECEIVABLE, 0), currency),
        booster=Money(-totals.get(AccountKind.BOOSTER_PAYABLE, 0), currency),
        company=Money(-company, currency),
        pot_order=Money(row["pot_order_minor"], currency),
        pot_win_rate=Money(row["pot_win_rate_minor"], currency),
        adjustment=Money(entries.get(EntryKind.ADJUSTMENT, 0), currency),
        fine=Money(-entries.get(EntryKind.FINE, 0), currency),
        warnings=warnings,
    )


def _payable(order: Order) -> AccountRef:
    return AccountRef(AccountKind.BOOSTER_PAYABLE, str(order.booster_id))


def _key(tx: Tx, order: Order, part: str) -> str:
    return f"order:{order.id}:{tx.actor.command_key}:{part}"

"""Write an order down, and publish it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.audit.service import record
from domain.channels import queries as channels
from domain.contacts import queries as contacts
from domain.contacts.numbers import is_written_in
from domain.kernel.actor import Actor
from domain.kernel.dates import parse_instant
from domain.kernel.db import Tx
from domain.kernel.errors import Conflict, InvalidInput
from domain.kernel.ids import uuid7
from domain.kernel.money import MAX_MINOR, Money
from domain.kernel.text import clean_name, clean_text
from domain.orders import queries, tariffs
from domain.orders.changes import OrderUseCases, apply, hold
from domain.orders.dto import NewOrder, Order, OrderState, Transition
from domain.orders.policy import TRANSITIONS
from domain.orders.quoting import line_of
from domain.tenancy.dto import Tenant
from domain.tenancy.policy import require
from domain.tenancy.queries import tenant as read_tenant

NAME_LIMIT = 80
START_LIMIT = 40
NOTES_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class _Draft:
    """A new order after cleaning, in the order of the table's columns."""

    customer_name: str
    game: str
    start_division: str
    target_division: str
    account: str
    price: Money
    deadline_at: datetime | None
    notes: str
    is_ranked: bool
    contact_id: UUID | None


class Creation(OrderUseCases):
    """Draft and publish."""

    async def create(self, actor: Actor, new: NewOrder) -> Order:
        """Write an order down as a draft under the tenant's next code; the same command again: the same order.

        Raises:
            InvalidInput: A text is missing or too long, a date or division unreadable, the price out of range;
                `order.own_number`: the customer's name is a number of the shop.
            NotFound: `tariff.unknown_game`; `contact.unknown`, and another tenant's contact is just as unknown.
            Conflict: `order.account_in_use`, with the `other` order's code; of two at once one wins.
        """
        require(actor, TRANSITIONS[Transition.CREATE].permission)
        async with self._db.tx(actor) as tx:
            await queries.hold_codes(tx)
            known = await queries.id_by_command(tx)
            if known is not None:
                return await queries.read(tx, known)
            draft = await self._clean(tx, new)
            return await self._insert(tx, draft)

    async def publish(self, actor: Actor, ref: int | UUID, *, is_another: bool = False) -> Order:
        """Open a draft for boosters; its card is posted.

        Args:
            actor: Who.
            ref: Which.
            is_another: The person it is for may have a live order beside it.

        Raises:
            NotFound: `order.unknown`.
            Conflict: The order is no draft; or `order.has_live`, with the `other` order's code: the person it is for
                has one that has not ended. Of two drafts for one person, posted at once, one is refused.
        """
        require(actor, TRANSITIONS[Transition.PUBLISH].permission)
        async with self._db.tx(actor) as tx:
            held = await hold(tx, ref, Transition.PUBLISH)
            if held.is_repeat:
                return held.order
            if not is_another:
                await _refuse_second(tx, held.order)
            return await apply(tx, self._clock, held.order, Transition.PUBLISH)

    async def _clean(self, tx: Tx, new: NewOrder) -> _Draft:
        tenant = await read_tenant(tx)
        games = await tariffs.ensure(tx, self._clock, tenant)
        tariff = await tariffs.current_tariff(tx, tenant, new.game or games[0])
        target = line_of(tariff, new.target_division, field="target_division")
        customer_name = clean_name(new.customer_name, field="customer_name", limit=NAME_LIMIT)
        await _refuse_own_number(tx, customer_name)
        return _Draft(
            customer_name=customer_name,
            game=tariff.game,
            start_division=clean_name(new.start_division, field="start_division", limit=START_LIMIT),
            target_division=target.division,
            account=clean_name(new.account, field="account", limit=NAME_LIMIT, is_required=False),
            price=_price(target.price if new.price is None else new.price, tenant),
            deadline_at=self._deadline(new, tenant),
            notes=clean_text(new.notes, field="notes", limit=NOTES_LIMIT),
            is_ranked=new.is_ranked,
            contact_id=await _living(tx, new.contact_id),
        )

    def _deadline(self, new: NewOrder, tenant: Tenant) -> datetime | None:
        if new.deadline_at is not None:
            return new.deadline_at
        if new.deadline_text is None or not new.deadline_text.strip():
            return None
        return parse_instant(new.deadline_text, zone=tenant.zone, now=self._clock.now())

    async def _insert(self, tx: Tx, draft: _Draft) -> Order:
        order_id, now = uuid7(), self._clock.now()
        await check_account(tx, draft.account, order_id)
        await queries.insert(
            tx, order_id, draft.customer_name, draft.game, draft.start_division, draft.target_division,
            draft.account, draft.price.minor, draft.price.currency, draft.deadline_at, draft.notes,
            draft.is_ranked, tx.actor.command_key, tx.actor.member_id, now, draft.contact_id,
        )  # fmt: skip
        await queries.insert_event(tx, order_id, Transition.CREATE, "", OrderState.DRAFT, now)
        order = await queries.read(tx, order_id)
        await record(tx, self._clock, "order.create", f"order {order.code}", {"to": order.state})
        return order


async def _living(tx: Tx, contact_id: UUID | None) -> UUID | None:
    """Whom an order is for: of two contacts that became one, the one that stands, until this transaction ends."""
    if contact_id is None:
        return None
    await contacts.lock_merging(tx, is_shared=True)
    return await contacts.living(tx, contact_id)


async def _refuse_own_number(tx: Tx, customer_name: str) -> None:
    """Whoever copies a number from a chat easily copies the shop's own."""
    for account in await channels.accounts(tx):
        if account.display_phone and is_written_in(account.display_phone, customer_name):
            raise InvalidInput("order.own_number", field="customer_name", phone=account.display_phone)


async def _refuse_second(tx: Tx, order: Order) -> None:
    if order.contact_id is None:
        return
    await queries.hold_codes(tx)
    for other in await queries.live_of_contact(tx, order.contact_id, order.id):
        raise Conflict("order.has_live", order=order.code, other=other.code)


async def check_account(tx: Tx, account: str, order_id: UUID) -> None:
    """Refuse a game account that is on another live order. Exact: whoever puts accounts to use holds the codes.

    Raises:
        Conflict: `order.account_in_use`.
    """
    other = await queries.code_with_account(tx, account, order_id) if account else None
    if other is not None:
        raise Conflict("order.account_in_use", account=account, other=other)


def _price(price: Money, tenant: Tenant) -> Money:
    if price.currency != tenant.currency:
        raise InvalidInput("money.currency", field="price", currency=tenant.currency)
    if not 0 < price.minor <= MAX_MINOR:
        raise InvalidInput("order.price", field="price")
    return price

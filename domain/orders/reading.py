"""Find and show orders. Costs what is shown, whatever the history holds."""

from collections.abc import Collection
from uuid import UUID

from domain.kernel.actor import Actor
from domain.kernel.db import Row, Tx
from domain.kernel.pages import Page
from domain.orders import money, queries
from domain.orders.changes import OrderUseCases
from domain.orders.completion import link_facts
from domain.orders.dto import HELD_STATES, CompletionFigures, Order, OrderDetails, OrderFilter, OrderState
from domain.orders.pay import warnings_for
from domain.orders.queries import ORDER_COLUMNS, ORDER_TABLES, order_of
from domain.tenancy.policy import Permission, allows, require

PAGE_SIZE = 10
COUNT_LIMIT = 1000  # nobody leafs further; counting all would cost more every year
SUGGESTION_LIMIT = 25
MINE_LIMIT = 100
_SUGGESTED_FROM = 200
# One short walk down an index per state, then the newest of those.
_LIST = f"""
WITH listed AS (
    SELECT found.id, found.code FROM unnest($2::text[]) AS wanted (state) CROSS JOIN LATERAL (
        SELECT id, code FROM orders WHERE tenant_id = $1 AND state = wanted.state {{booster}}
        ORDER BY code DESC LIMIT $3::int + $4::int
    ) found ORDER BY found.code DESC LIMIT $3::int OFFSET $4::int
)
SELECT {ORDER_COLUMNS} FROM listed JOIN {ORDER_TABLES} ON o.id = listed.id ORDER BY listed.code DESC
"""  # noqa: S608 - our own words
# In the list's order: without one the planner may prefer to read the whole table for the few of a rare state.
_COUNT = f"""
SELECT least({COUNT_LIMIT}, sum(counted.found))::int FROM unnest($2::text[]) AS wanted (state) CROSS JOIN LATERAL (
    SELECT count(*) AS found FROM (
        SELECT 1 FROM orders WHERE tenant_id = $1 AND state = wanted.state {{booster}}
        ORDER BY code DESC LIMIT {COUNT_LIMIT}
    ) few
) counted
"""  # noqa: S608 - our own words
_SUGGEST = f"""
WITH recent AS (
    SELECT found.id FROM unnest($2::text[]) AS wanted (state) CROSS JOIN LATERAL (
        SELECT id FROM orders WHERE tenant_id = $1 AND state = wanted.state ORDER BY code DESC LIMIT {_SUGGESTED_FROM}
    ) found
    UNION SELECT id FROM orders WHERE tenant_id = $1 AND booster_id = $4 AND state IN ('claimed', 'paused')
        AND state = ANY($2)
    UNION SELECT id FROM orders WHERE tenant_id = $1 AND code = $5 AND state = ANY($2)
)
SELECT {ORDER_COLUMNS} FROM recent JOIN {ORDER_TABLES} ON o.id = recent.id
WHERE $3 = '' OR starts_with(o.code::text, $3) OR $6 AND position($3 IN lower(o.customer_name)) > 0
    OR position($3 IN lower(o.target_division)) > 0
ORDER BY coalesce(o.booster_id = $4, false) DESC, o.code = $5 DESC, o.code DESC LIMIT {SUGGESTION_LIMIT}
"""  # noqa: S608 - our own words
_MINE = f"""
SELECT {ORDER_COLUMNS} FROM {ORDER_TABLES}
WHERE o.tenant_id = $1 AND o.booster_id = $2 AND o.state = ANY($3)
ORDER BY o.deadline_at NULLS LAST, o.code LIMIT {MINE_LIMIT}
"""  # noqa: S608 - our own words


class Reading(OrderUseCases):
    """Get, list, suggest, mine."""

    async def get(self, actor: Actor, ref: int | UUID) -> OrderDetails:
        """An order with its history; with its figures for those who may see money.

        Raises:
            NotFound: `order.unknown`; another tenant's order is just as unknown.
        """
        require(actor, Permission.ORDER_LIST)
        async with self._db.tx(actor) as tx:
            row = await queries.read_row(tx, ref)
            sees_money = allows(actor, Permission.ORDER_SEE_MONEY)
            is_own = actor.member_id is not None and row["booster_id"] == actor.member_id
            figures = None
            if row["state"] == OrderState.COMPLETED and (sees_money or is_own):
                figures = await _figures(tx, row)
            own_pay = figures.booster if figures is not None and is_own else None
            events = await queries.events(tx, row["id"])
            return OrderDetails(order_of(row), figures if sees_money else None, events, own_pay)

    async def suggest(self, actor: Actor, text: str, states: Collection[OrderState] = ()) -> list[Order]:
        """Up to 25 orders for a text: the start of a code, or part of a customer or division.

        Customers are searched for those only who may know them. The actor's own come first, then the newest. Looks
        at the newest 200 of each state, at the actor's own, and at the exact code.
        """
        require(actor, Permission.ORDER_LIST)
        words = text.strip().lstrip("#").lower()[:80].replace("\x00", "")
        code = int(words) if words.isascii() and words.isdigit() and len(words) < 10 else None
        names = sorted(states or OrderState)
        knows_customers = allows(actor, Permission.ORDER_SEE_MONEY)
        async with self._db.tx(actor) as tx:
            rows = await tx.rows(_SUGGEST, tx.tenant_id, names, words, actor.member_id, code, knows_customers)
        return [order_of(row) for row in rows]

    async def mine(self, actor: Actor) -> list[Order]:
        """The actor's claimed and paused orders, the earliest deadline first."""
        require(actor, Permission.ORDER_LIST)
        async with self._db.tx(actor) as tx:
            rows = await tx.rows(_MINE, tx.tenant_id, actor.member_id, sorted(HELD_STATES))
        return [order_of(row) for row in rows]

    async def list(self, actor: Actor, wanted: OrderFilter, page_number: int = 1) -> Page[Order]:
        """A page of ten, newest code first. `total_count` stops at 1,000; a page beyond the last is the last."""
        require(actor, Permission.ORDER_LIST)
        states = sorted(wanted.states or frozenset(OrderState))
        extra: tuple[object, ...] = () if wanted.booster_id is None else (wanted.booster_id,)
        async with self._db.tx(actor) as tx:
            by = "AND booster_id = $3" if extra else ""
            total = await tx.value(_COUNT.format(booster=by), tx.tenant_id, states, *extra)
            number = min(max(1, page_number), max(1, -(-total // PAGE_SIZE)))
            by = "AND booster_id = $5" if extra else ""
            offset = (number - 1) * PAGE_SIZE
            rows = await tx.rows(_LIST.format(booster=by), tx.tenant_id, states, PAGE_SIZE, offset, *extra)
        return Page(tuple(order_of(row) for row in rows), number, total, PAGE_SIZE)


async def _figures(tx: Tx, row: Row) -> CompletionFigures:
    link = link_facts(order_of(row), row["finished_at"])
    return await money.figures_of(tx, row, warnings_for(row["win_rate_bp"], link))

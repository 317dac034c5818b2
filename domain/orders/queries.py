"""SQL of orders: one order at a time."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from domain.kernel.db import Row, Tx
from domain.kernel.errors import NotFound
from domain.kernel.ids import uuid7
from domain.kernel.money import Money
from domain.orders.dto import Order, OrderEvent, OrderState, Transition

ORDER_COLUMNS = "o.*, m.name AS booster_name, m.discord_user_id AS booster_discord_id"
ORDER_TABLES = "orders o LEFT JOIN members m ON m.id = o.booster_id AND m.tenant_id = o.tenant_id"
MAX_CODE = 2**31 - 1
_SAME = (
    "id", "code", "customer_name", "game", "start_division", "target_division", "account", "deadline_at",
    "extension_days", "notes", "is_ranked", "tracking_url", "tracked_at", "progress_division",
    "progress_win_rate_bp", "progressed_at", "booster_id", "booster_name", "booster_discord_id", "claimed_at",
    "final_division", "win_rate_bp", "points", "finished_at", "closed_on", "created_by", "created_at", "contact_id",
)  # fmt: skip
_INSERT = """
INSERT INTO orders (id, tenant_id, code, state, customer_name, game, start_division, target_division, account,
                    price_minor, currency, deadline_at, notes, is_ranked, command_key, created_by, created_at,
                    contact_id)
VALUES ($1, $2, next_number('order'), 'draft', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
"""
_INSERT_EVENT = """
INSERT INTO order_events (id, tenant_id, order_id, transition, from_state, to_state, reason, details,
                          actor_member_id, actor_label, command_key, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
"""
_EVENTS = """
SELECT transition, from_state, to_state, reason, details, actor_label, actor_member_id, at FROM order_events
WHERE tenant_id = $1 AND order_id = $2 ORDER BY position
"""


def order_of(row: Row) -> Order:
    """A row as an order."""
    price = Money(row["price_minor"], row["currency"])
    return Order(state=OrderState(row["state"]), price=price, **{name: row[name] for name in _SAME})


async def read(tx: Tx, ref: int | UUID) -> Order:
    """An order by its code or id.

    Raises:
        NotFound: `order.unknown`; another tenant's order is just as unknown.
    """
    return order_of(await read_row(tx, ref))


async def read_row(tx: Tx, ref: int | UUID) -> Row:
    """The same, as its raw row."""
    return await _one(tx, ref, "")


async def lock(tx: Tx, ref: int | UUID) -> tuple[Order, Row]:
    """An order by its code or id, held until the transaction ends: the area's one lock. Also its raw row.

    Raises:
        NotFound: `order.unknown`.
    """
    row = await _one(tx, ref, "FOR NO KEY UPDATE OF o")
    return order_of(row), row


async def _one(tx: Tx, ref: int | UUID, locking: str) -> Row:
    column = "code" if isinstance(ref, int) else "id"
    row = None
    if not isinstance(ref, int) or 0 < ref <= MAX_CODE:
        sql = f"SELECT {ORDER_COLUMNS} FROM {ORDER_TABLES} WHERE o.tenant_id = $1 AND o.{column} = $2 {locking}"  # noqa: S608 - our own words
        row = await tx.row(sql, tx.tenant_id, ref)
    if row is None:
        raise NotFound("order.unknown", order=ref if isinstance(ref, int) else "")
    return row


async def is_repeat(tx: Tx, order_id: UUID) -> bool:
    """Whether this command has changed the order already. Exact while the order is held."""
    sql = "SELECT EXISTS (SELECT 1 FROM order_events WHERE order_id = $1 AND command_key = $2)"
    return bool(await tx.value(sql, order_id, tx.actor.command_key))


async def hold_codes(tx: Tx) -> None:
    """Keep others from numbering orders, or putting an account to use, until this transaction ends."""
    await tx.value("SELECT hold_number('order')")


async def id_by_command(tx: Tx) -> UUID | None:
    """The order this command created, if it did."""
    sql = "SELECT id FROM orders WHERE tenant_id = $1 AND command_key = $2"
    found: UUID | None = await tx.value(sql, tx.tenant_id, tx.actor.command_key)
    return found


async def code_with_account(tx: Tx, account: str, other_than: UUID) -> int | None:
    """The code of another live order on the same game account."""
    sql = """SELECT code FROM orders WHERE tenant_id = $1 AND lower(account) = lower($2) AND account <> ''
             AND state IN ('draft', 'open', 'claimed', 'paused') AND id <> $3"""
    found: int | None = await tx.value(sql, tx.tenant_id, account, other_than)
    return found


async def live_of_contact(tx: Tx, contact_id: UUID, other_than: UUID) -> tuple[Order, ...]:
    """Posted orders of a person that have not ended, newest first, at most five."""
    sql = f"""SELECT {ORDER_COLUMNS} FROM {ORDER_TABLES} WHERE o.tenant_id = $1 AND o.contact_id = $2 AND o.id <> $3
              AND o.state IN ('open', 'claimed', 'paused') ORDER BY o.code DESC LIMIT 5"""  # noqa: S608 - our own words
    return tuple(order_of(row) for row in await tx.rows(sql, tx.tenant_id, contact_id, other_than))


async def insert(tx: Tx, order_id: UUID, *values: object) -> None:
    """Add a draft under the next code. `values`: customer name to creation time, as in the statement."""
    await tx.run(_INSERT, order_id, tx.tenant_id, *values)


async def move(tx: Tx, order: Order, starts: Sequence[OrderState], changes: Mapping[str, object]) -> Order | None:
    """Change the order's columns if it is still in one of the states; None when it is not."""
    names = ", ".join(f"{name} = ${place}" for place, name in enumerate(changes, start=4))
    # The names are literals of this area, never a person's words.
    sql = f"UPDATE orders SET {names} WHERE tenant_id = $1 AND id = $2 AND state = ANY($3) RETURNING id"  # noqa: S608 - see above
    states = [state.value for state in starts]
    if await tx.value(sql, tx.tenant_id, order.id, states, *changes.values()) is None:
        return None
    return await read(tx, order.id)


async def insert_event(
    tx: Tx, order_id: UUID, transition: Transition, from_state: str, to_state: str, at: datetime,
    reason: str = "", details: Mapping[str, object] | None = None,
) -> None:  # fmt: skip
    """Add a row to the order's history; one per command."""
    actor = tx.actor
    await tx.run(
        _INSERT_EVENT, uuid7(), tx.tenant_id, order_id, transition.value, from_state, to_state, reason,
        dict(details or {}), actor.member_id, actor.label, actor.command_key, at,
    )  # fmt: skip


async def events(tx: Tx, order_id: UUID) -> tuple[OrderEvent, ...]:
    """The order's history, oldest first."""
    rows = await tx.rows(_EVENTS, tx.tenant_id, order_id)
    return tuple(OrderEvent(Transition(row["transition"]), *list(row.values())[1:]) for row in rows)

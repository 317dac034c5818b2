from domain.kernel.db import Database
from domain.kernel.money import Money
from domain.ledger.service import LedgerService
from domain.orders.dto import Completion, NewOrder, OrderState
from domain.orders.service import OrderService
from sandbox.clock import ManualClock
from tests.fixtures.shop import Shop


async def test_an_order_runs_from_draft_to_a_balanced_journal(shop: Shop, db: Database, clock: ManualClock) -> None:
    orders = OrderService(db, clock)
    order = await orders.create(shop.act("seller"), NewOrder("Marta", "E4", "d1", deadline_text="+3d"))
    assert (order.code, order.state, order.price) == (1, OrderState.DRAFT, Money(4500, "USD"))
    await orders.publish(shop.act("seller"), order.code)
    claimed = await orders.claim(shop.act("ana"), order.code)
    assert (claimed.state, claimed.booster_name) == (OrderState.CLAIMED, "Ana")
    done = await orders.complete(shop.act("dispatcher"), order.id, Completion("d1", 7200, win_rate_bonus=True))
    assert done.state is OrderState.COMPLETED
    details = await orders.get(shop.act("owner"), order.code)
    assert details.figures is not None
    assert details.figures.booster == Money(3500, "USD")
    ledger = LedgerService(db)
    assert await ledger.check(shop.owner) == []
    balances = {b.account.kind.value: b.balance.minor for b in await ledger.balances(shop.owner)}
    assert balances == {"customer_receivable": 4600, "booster_payable": -3500, "company_income": -900, "pot": -200}

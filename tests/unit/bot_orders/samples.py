"""Orders in every state, with the longest and the nastiest words people can type."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from domain.kernel.actor import Actor
from domain.kernel.money import Money
from domain.kernel.roles import Role
from domain.orders.dto import (
    CompletionFigures,
    Order,
    OrderDetails,
    OrderEvent,
    OrderState,
    Tariff,
    TariffLine,
    Transition,
)

NOW = datetime(2026, 11, 20, 17, tzinfo=UTC)
ANA = UUID(int=7)
EVIL = "@everyone <@1> <#2> `x` **b** [l](https://evil.example) ||s|| "


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def tariff() -> Tariff:
    names = ("D1", "D2", "D3", "D4", "E1", "E2", "E3", "E4")
    return Tariff(UUID(int=1), "LoL", 1, tuple(TariffLine(name, usd(1000), usd(500), 2) for name in names))


def order(state: OrderState, *, is_evil: bool = False) -> Order:
    has_booster = state not in (OrderState.DRAFT, OrderState.OPEN, OrderState.CANCELLED)
    is_over = state in (OrderState.COMPLETED, OrderState.ABANDONED, OrderState.BANNED, OrderState.CANCELLED)
    is_done = state is OrderState.COMPLETED
    sample = Order(
        id=UUID(int=9), code=4821, state=state, customer_name="Marta", game="League of Legends",
        start_division="E4", target_division="D1", account="marta01", price=usd(4500),
        deadline_at=NOW + timedelta(days=3), extension_days=2, notes="Support only", is_ranked=False,
        tracking_url="https://track.example/ana", tracked_at=NOW, progress_division="E1" if has_booster else None,
        progress_win_rate_bp=6150, progressed_at=NOW if has_booster else None,
        booster_id=ANA if has_booster else None, booster_name="Ana" if has_booster else None,
        booster_discord_id=1, claimed_at=NOW if has_booster else None, final_division="D1" if is_done else None,
        win_rate_bp=7200 if is_done else None, points=45, finished_at=NOW if is_over else None, closed_on=None,
        created_by=None, created_at=NOW, contact_id=None,
    )  # fmt: skip
    if not is_evil:
        return sample
    long = EVIL * 20
    return replace(
        sample, code=2_147_483_647, customer_name=long[:80], game=long[:60], start_division=long[:40],
        account=long[:80], notes=f"{long[:500]}\n" + "x\n" * 200 + "_" * 90,
        booster_name=long[:80] if has_booster else None,
        tracking_url="https://track.example/" + "_" * 470, price=usd(10**15),
    )  # fmt: skip


def details(sample: Order) -> OrderDetails:
    events = tuple(
        OrderEvent(transition, "a", "b", EVIL * 5, {"amount_minor": 250, "partial_pay_minor": 5, "days": 2,
                   "division": "E1", "win_rate_bp": 5000}, EVIL[:80], None, NOW)
        for transition in Transition
    )  # fmt: skip
    figures = None
    if sample.state is OrderState.COMPLETED:
        figures = CompletionFigures(usd(4600), usd(3750), usd(650), usd(100), usd(100), usd(250), usd(100),
                                    ("order.warning.low_win_rate", "order.warning.no_link"))  # fmt: skip
    return OrderDetails(sample, figures, events, figures.booster if figures else None)


def actor(role: Role, member_id: UUID | None = None) -> Actor:
    return Actor(UUID(int=3), role.value, frozenset({role}), "key", member_id)

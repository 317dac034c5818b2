"""Lists of orders: one line each, a filter, pages, totals at the foot."""

import discord

from bot.ui.cards import Card, Item, button, card, select
from bot.ui.order_text import SIGNS, is_own, route, sees_money
from bot.ui.pages import page_buttons
from bot.ui.text import plain, stamp_relative
from domain.i18n.reader import Count, Reader
from domain.kernel.actor import Actor
from domain.kernel.pages import Page
from domain.orders.dto import LIVE_STATES, Order, OrderState
from domain.tenancy.policy import Permission, allows

LIVE, ALL = "live", "all"
FILTERS = (LIVE, ALL, *(state.value for state in OrderState))


def states_of(chosen: str) -> frozenset[OrderState]:
    """The states behind a filter's name. Raises `ValueError` when there is no such filter."""
    if chosen == LIVE:
        return LIVE_STATES
    return frozenset() if chosen == ALL else frozenset({OrderState(chosen)})


def list_card(read: Reader, actor: Actor, page: Page[Order], chosen: str) -> Card:
    """One page of orders under a filter."""
    lines = [list_line(read, actor, order) for order in page.rows]
    if not lines:
        lines = [read(f"order.list.{_empty(actor)}" if chosen == LIVE else "order.list.empty")]
    foot = read("order.list.total", count=Count(page.total_count), filter=filter_name(read, chosen))
    if sees_money(actor) and page.rows:
        total = sum((order.price for order in page.rows[1:]), page.rows[0].price)
        foot += f" · {read('order.list.page_total', amount=total)}"
    controls: list[Item] = [_filter_select(read, actor, chosen), *page_buttons(read, "orders.page", page, chosen)]
    return card(read("order.list.title"), lines, controls=controls, foot=foot)


def _empty(actor: Actor) -> str:
    return "empty_live" if allows(actor, Permission.ORDER_CREATE) else "empty_live_reader"


def list_line(read: Reader, actor: Actor, order: Order) -> str:
    """An order in a list; price and customer for those who may see them."""
    parts = [f"{SIGNS[order.state]} **#{order.code}** {route(order)}"]
    if sees_money(actor):
        parts += [plain(order.customer_name, 40), read.format(order.price)]
    if order.booster_name is not None:
        name = plain(order.booster_name, 40)
        parts.append(f"**{name}**" if is_own(actor, order) else name)
    instant = order.deadline_at if order.state in LIVE_STATES else order.finished_at
    if instant is not None:
        parts.append(f"⏳ {stamp_relative(instant)}" if order.state in LIVE_STATES else stamp_relative(instant))
    return " · ".join(parts)


def filter_name(read: Reader, chosen: str) -> str:
    """What a filter is called."""
    return read(f"order.filter.{chosen}") if chosen in (LIVE, ALL) else read(f"order.state.{chosen}")


def my_card(read: Reader, actor: Actor, orders: list[Order], money: list[str], finished: int) -> Card:
    """What I have, what I am owed, what I finished this month if anything."""
    lines = [_my_line(read, order) for order in orders[:_MINE_SHOWN]] or [read(_nothing(actor))]
    if len(orders) > _MINE_SHOWN:
        lines.append(read("me.more", count=len(orders) - _MINE_SHOWN))
    sums = [*money, read("me.finished", count=finished)] if finished else money
    lines += ["", *sums] if sums else []
    controls: list[Item] = [
        button(f"#{order.code}", "order.show", order.code, emoji=SIGNS[order.state], style=_style(order))
        for order in orders[:_MINE_SHOWN]
    ]
    if money:
        controls.append(button(read("payout.button"), "me.payout", emoji="🏦"))
    return card(read("me.title"), lines, controls=controls)


_MINE_SHOWN = 10


def _nothing(actor: Actor) -> str:
    return "me.nothing" if allows(actor, Permission.ORDER_CLAIM) else "me.nothing_staff"


def _my_line(read: Reader, order: Order) -> str:
    when = read("order.card.no_deadline")
    if order.deadline_at is not None:
        when = read("order.card.due", when=stamp_relative(order.deadline_at))
    line = f"{SIGNS[order.state]} **#{order.code}** {route(order)} · {when}"
    if order.progress_division is not None:
        line += f" · {plain(order.progress_division)}"
    if order.tracking_url is None and order.state is OrderState.CLAIMED:
        line += f" · {read('me.no_link')}"
    return line


def _style(order: Order) -> discord.ButtonStyle:
    return discord.ButtonStyle.primary if order.state is OrderState.CLAIMED else discord.ButtonStyle.secondary


def _filter_select(read: Reader, actor: Actor, chosen: str) -> Item:
    options = [
        discord.SelectOption(
            label=filter_name(read, name), value=name, default=name == chosen,
            emoji=SIGNS[OrderState(name)] if name not in (LIVE, ALL) else None,
        )
        for name in FILTERS
        if name != OrderState.DRAFT or sees_money(actor)
    ]  # fmt: skip
    return select("orders.filter", options=options, placeholder=read("order.list.placeholder"))

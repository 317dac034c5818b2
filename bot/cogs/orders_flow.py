"""What the cogs of orders share: looking an order up for a person, and showing how it stands."""

from collections.abc import Sequence
from uuid import UUID

from discord import app_commands

from bot.answers import Press
from bot.suggest import suggest
from bot.ui.cards import Card
from bot.ui.order_details import OrderView, details_card
from bot.ui.order_done import Asked, completed_card
from bot.ui.order_draft import draft_card
from bot.ui.order_list import list_card, states_of
from bot.ui.order_text import is_own, sees_money
from bot.ui.text import clip
from bot.visit import Visit
from domain.kernel.actor import Actor
from domain.kernel.errors import DomainError, NotFound
from domain.kernel.money import Money
from domain.kernel.pages import Page
from domain.leads.dto import LIVE_STAGES, Lead
from domain.orders import policy
from domain.orders.dto import Completion, Order, OrderFilter, OrderState, Tariff, Transition
from domain.services import Services
from domain.tenancy.policy import Permission, allows

NO_ORDER = 0
"""The value of a suggestion that only explains; no order has this code."""
_FULL_BP = 10_000


async def view_of(visit: Visit, code: int) -> OrderView:
    """The order as this person may see it, with its tariff and what it would pay them."""
    details = await visit.services.orders.get(visit.actor, code)
    order = details.order
    tariff = await tariff_of(visit.services, visit.actor, order) if order.progress_division else None
    expected = await _expected(visit, order) if is_own(visit.actor, order) else None
    return OrderView(visit.reader, visit.actor, details, tariff, expected)


async def show_order(visit: Visit, code: int, note: str | None = None) -> None:
    """Show the order with what may be done now; a draft to whoever writes orders as its preview."""
    view = await view_of(visit, code)
    is_draft = view.order.state is OrderState.DRAFT
    if is_draft and not sees_money(visit.actor):
        raise NotFound("order.unknown", order=code)  # a draft is its writers' business until it is posted
    if is_draft and note is None:
        await show_draft(visit, view)
    else:
        await visit.show(details_card(view, note))


async def show_draft(visit: Visit, view: OrderView, warnings: Sequence[str] = ()) -> None:
    """Show a draft as its preview, with what its customer was quoted and has already."""
    others = await visit.services.orders.live_beside(visit.actor, view.order)
    await visit.show(draft_card(view, warnings, await lead_of(visit, view.order.contact_id), others))


async def lead_of(visit: Visit, contact_id: UUID | None) -> Lead | None:
    """The live lead of the person an order is for: what was won or lost before, was quoted for something else."""
    if contact_id is None or not allows(visit.actor, Permission.LEAD_SEE):
        return None
    found = await visit.services.leads.of_contact(visit.actor, contact_id)
    return found if found is not None and found.stage in LIVE_STAGES else None


async def tell(visit: Visit, order: Order, transition: Transition) -> None:
    """Show the order after a change, with a line that says what was done."""
    await show_order(visit, order.code, visit.reader(f"order.note.{transition}", code=order.code))


async def record_card(visit: Visit, code: int) -> Card:
    """The record of a completed order."""
    details = await visit.services.orders.get(visit.actor, code)
    return completed_card(visit.reader, visit.actor, details.order, details.figures, details.own_pay)


async def asked_for(visit: Visit, code: int, completion: Completion) -> Asked:
    """What a completion would do now; refuses what completing would refuse."""
    orders = visit.services.orders
    figures = await orders.preview_completion(visit.actor, code, completion)
    order = (await orders.get(visit.actor, code)).order
    tariff = await tariff_of(visit.services, visit.actor, order)
    wanted = policy.plain_division(completion.final_division)
    prices = [line.price for line in tariff.lines if line.division == wanted] if tariff else []
    return Asked(order, completion, figures, prices[0] if prices else None)


async def show_list(visit: Visit, chosen: str, number: int) -> None:
    """A page of orders. Raises `ValueError` when there is no such filter."""
    wanted = _visible(visit.actor, states_of(chosen))
    page: Page[Order] = Page((), 1, 0, 1)
    if wanted:
        page = await visit.services.orders.list(visit.actor, OrderFilter(wanted), number)
    await visit.show(list_card(visit.reader, visit.actor, page, chosen))


async def tariff_of(services: Services, actor: Actor, order: Order) -> Tariff | None:
    """The tariff of the order's game; None when there is none any more, or it is not for this person."""
    if not allows(actor, Permission.TARIFF_LIST):
        return None
    try:
        return await services.tariffs.current(actor, order.game)
    except NotFound:
        return None


async def suggest_orders(
    interaction: Press, text: str, states: frozenset[OrderState] = frozenset()
) -> list[app_commands.Choice[int]]:
    """Orders for a code that is being typed: mine and recent first; prices and customers to staff only."""

    async def search(visit: Visit) -> list[Order]:
        wanted = _visible(visit.actor, states)
        return await visit.services.orders.suggest(visit.actor, text, wanted) if wanted else []

    return await suggest(interaction, search, _label, NO_ORDER)


async def suggest_divisions(interaction: Press, text: str) -> list[app_commands.Choice[str]]:
    """Divisions of the tariff of the order whose code stands in the command already, else of the first game."""
    wanted = text.strip().upper()

    async def search(visit: Visit) -> list[str]:
        tariff = await visit.services.tariffs.current(visit.actor, await _game(visit, interaction))
        return [line.division for line in tariff.lines if line.division.startswith(wanted)]

    return await suggest(interaction, search, lambda _, division: (division, division), "")


async def suggest_games(interaction: Press, text: str) -> list[app_commands.Choice[str]]:
    """Games that have a tariff."""
    wanted = text.strip().casefold()

    async def search(visit: Visit) -> list[str]:
        return [game for game in await visit.services.tariffs.games(visit.actor) if wanted in game.casefold()]

    return await suggest(interaction, search, lambda _, game: (game, game[:100]), "")


def _visible(actor: Actor, states: frozenset[OrderState]) -> frozenset[OrderState]:
    """Those of the states (all, when there are none) that this person may know of: drafts are for writers."""
    wanted = states or frozenset(OrderState)
    return wanted if sees_money(actor) else wanted - {OrderState.DRAFT}


async def _game(visit: Visit, interaction: Press) -> str | None:
    code = getattr(interaction.namespace, "code", None)
    if not isinstance(code, int):
        return None
    try:
        return (await visit.services.orders.get(visit.actor, code)).order.game
    except NotFound:
        return None


def _label(visit: Visit, order: Order) -> tuple[str, int]:
    read = visit.reader
    parts = [f"#{order.code}", f"{order.start_division} → {order.target_division}"]
    if order.state is not OrderState.OPEN:
        parts.append(read(f"order.state.{order.state}"))
    if is_own(visit.actor, order):
        parts.append(read("order.suggest.mine"))
    elif order.booster_name is not None:
        parts.append(order.booster_name)
    if sees_money(visit.actor):
        parts += [order.customer_name, read.format(order.price)]
    return clip(" · ".join(parts), 100), order.code


async def _expected(visit: Visit, order: Order) -> Money | None:
    """What the order pays its booster if it ends at its target; None when the tariff has it no more."""
    if order.state is not OrderState.CLAIMED:
        return None
    try:
        completion = Completion(order.target_division, _FULL_BP)
        return (await visit.services.orders.preview_completion(visit.actor, order.code, completion)).booster
    except DomainError:
        return None

"""Writing an order down: the form, the preview, Post, Edit, Discard."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from bot.answers import Answer
from bot.cogs.orders_flow import lead_of, show_draft, show_order, view_of
from bot.router import DoorCog, pressed, submitted
from bot.ui.ids import OutOfDate
from bot.ui.order_details import details_card
from bot.ui.order_draft import posted_note
from bot.ui.order_forms import order_form, terms_form
from bot.ui.text import bare, plain
from bot.visit import Visit
from domain.kernel.errors import Conflict, DomainError, InvalidInput
from domain.kernel.money import Money, parse_money
from domain.leads.dto import Lead
from domain.orders import policy
from domain.orders.dto import NewOrder, Order, Transition
from domain.tenancy.dto import Purpose
from domain.tenancy.policy import require

HAS_LIVE = "order.has_live"
_DROPPED: dict[str, dict[str, Any]] = {
    "date.unreadable": {"deadline_text": None},
    "order.account_in_use": {"account": ""},
}
"""What is left out of a draft, with a warning, rather than losing everything that was typed."""


class OrderDraftsCog(DoorCog):
    """From an empty form to a posted card."""

    @submitted("orders.new")
    async def written(self, visit: Visit, game_index: int) -> None:
        """Keep a new order as a draft and show it."""
        await self._write(visit, game_index, None)

    @pressed("conversation.order", Answer.FORM)
    async def from_conversation(self, visit: Visit, conversation_id: UUID) -> None:
        """Open the form for the person of a conversation."""
        require(visit.actor, policy.TRANSITIONS[Transition.CREATE].permission)
        details = await self.services.conversations.details(visit.actor, conversation_id, last=1)
        tariff = await self.services.tariffs.current(visit.actor, None)
        lead = await self.services.leads.get(visit.actor, details.lead_number) if details.lead_number else None
        form = order_form(visit.reader, tariff, await visit.tenant(), None, "orders.new_for", conversation_id,
                          customer=bare(details.contact.name) or details.contact.phone or None,
                          start=lead.start_division if lead else None,
                          target=lead.target_division if lead else None)  # fmt: skip
        await visit.open(form)

    @submitted("orders.new_for", Answer.PRIVATE)
    async def written_for(self, visit: Visit, conversation_id: UUID) -> None:
        """Keep it as a draft for that person; who that is, the conversation says, not the form."""
        details = await self.services.conversations.details(visit.actor, conversation_id, last=1)
        lead = await lead_of(visit, details.contact.id)
        await self._write(visit, 0, details.contact.id, lead)

    async def _write(self, visit: Visit, game_index: int, contact_id: UUID | None, lead: Lead | None = None) -> None:
        games = await self.services.tariffs.games(visit.actor)
        if not 0 <= game_index < len(games):
            raise OutOfDate("orders", ("1",))
        wanted = replace(_typed(visit, NewOrder("", "", "", game=games[game_index])), contact_id=contact_id)
        if lead is not None and lead.target_division == policy.plain_division(wanted.target_division):
            wanted = replace(wanted, price=_fitting(lead.quoted, (await visit.tenant()).currency))
        order, warnings = await _keep(visit, wanted, lambda new: self.services.orders.create(visit.actor, new))
        await show_draft(visit, await view_of(visit, order.code), warnings)

    @pressed("order.edit", Answer.FORM)
    async def edit(self, visit: Visit, code: int) -> None:
        """Open the form again, prefilled."""
        order = await self._draft(visit, code)
        tariff = await self.services.tariffs.current(visit.actor, order.game)
        tenant = await visit.tenant()
        await visit.open(order_form(visit.reader, tariff, tenant, order, "order.edited", code))

    @submitted("order.edited")
    async def edited(self, visit: Visit, code: int) -> None:
        """Put the draft right; a new target brings its own price along, unless the price had been changed."""
        order = await self._draft(visit, code)
        wanted = _typed(visit, _as_new(order))
        lead = await lead_of(visit, order.contact_id)
        is_quoted = lead is not None and lead.quoted == order.price
        is_other = policy.plain_division(wanted.target_division) != order.target_division
        if await self._has_tariff_price(visit, order) or (is_quoted and is_other):
            wanted = replace(wanted, price=None)
        await self._revise(visit, code, wanted)

    @pressed("order.terms", Answer.FORM)
    async def terms(self, visit: Visit, code: int) -> None:
        """Open the form with price, notes and ranking."""
        await visit.open(terms_form(visit.reader, await self._draft(visit, code)))

    @submitted("order.terms_set")
    async def terms_set(self, visit: Visit, code: int) -> None:
        """Set price, notes and ranking."""
        order = await self._draft(visit, code)
        price = parse_money(visit.text("price"), order.price.currency, field="price")
        wanted = replace(_as_new(order), price=price, notes=visit.text("notes"), is_ranked=visit.flag("ranked"))
        await self._revise(visit, code, wanted)

    @pressed("order.post")
    async def post(self, visit: Visit, code: int) -> None:
        """Publish the draft; the preview becomes the record. Where its customer has a live order, say so first."""
        try:
            await self._publish(visit, code)
        except Conflict as refused:
            if refused.code != HAS_LIVE:
                raise
            await show_draft(visit, await view_of(visit, code))

    @pressed("order.post_another")
    async def post_another(self, visit: Visit, code: int) -> None:
        """Publish the draft beside what its customer has already."""
        await self._publish(visit, code, is_another=True)

    async def _publish(self, visit: Visit, code: int, *, is_another: bool = False) -> None:
        order = await self.services.orders.publish(visit.actor, code, is_another=is_another)
        channels = await self.services.tenancy.channels(visit.actor)
        note = posted_note(visit.reader, order.code, channels.get(Purpose.ORDERS) or channels.get(Purpose.LOG))
        await visit.show(details_card(await view_of(visit, code), note))

    @pressed("order.discard")
    async def discard(self, visit: Visit, code: int) -> None:
        """Throw the draft away."""
        await self.services.orders.discard(visit.actor, code, visit.reader("order.draft.discard_reason"))
        await show_order(visit, code, visit.reader("order.draft.discarded", code=code))

    async def _revise(self, visit: Visit, code: int, wanted: NewOrder) -> None:
        _, warnings = await _keep(visit, wanted, lambda new: self.services.orders.revise(visit.actor, code, new))
        await show_draft(visit, await view_of(visit, code), warnings)

    async def _draft(self, visit: Visit, code: int) -> Order:
        require(visit.actor, policy.TRANSITIONS[Transition.REVISE].permission)
        order = (await self.services.orders.get(visit.actor, code)).order
        policy.check(visit.actor, order, Transition.REVISE)
        return order

    async def _has_tariff_price(self, visit: Visit, order: Order) -> bool:
        tariff = await self.services.tariffs.current(visit.actor, order.game)
        return any(line.division == order.target_division and line.price == order.price for line in tariff.lines)


def _fitting(quoted: Money | None, currency: str) -> Money | None:
    """What was quoted, in the shop's money; None: the tariff's price is taken."""
    return quoted if quoted and quoted.currency == currency else None


def _typed(visit: Visit, base: NewOrder) -> NewOrder:
    """The order as the form says, the rest as it was."""
    target = visit.choices("target")
    return replace(
        base,
        customer_name=visit.text("customer"),
        start_division=visit.text("start"),
        target_division=target[0] if target else "",
        deadline_text=visit.text("deadline") or None,
        deadline_at=None,
        account=visit.text("account"),
    )


def _as_new(order: Order) -> NewOrder:
    return NewOrder(
        order.customer_name, order.start_division, order.target_division, game=order.game, price=order.price,
        account=order.account, deadline_at=order.deadline_at, notes=order.notes, is_ranked=order.is_ranked,
        contact_id=order.contact_id,
    )  # fmt: skip


async def _keep(
    visit: Visit, wanted: NewOrder, write: Callable[[NewOrder], Awaitable[Order]]
) -> tuple[Order, list[str]]:
    """Write the draft; an unreadable date or a busy account is left out with a warning, not with the whole form."""
    warnings: list[str] = []
    while True:
        try:
            return await write(wanted), warnings
        except (InvalidInput, Conflict) as error:
            without = _DROPPED.get(error.code)
            if without is None:
                raise
            warnings.append(_left_out(visit, error))
            wanted = replace(wanted, **without)


def _left_out(visit: Visit, error: DomainError) -> str:
    if error.code == "date.unreadable":
        return visit.reader(
            "order.draft.no_date", text=plain(str(error.params["text"])), example=error.params["example"]
        )
    return visit.reader("order.draft.no_account", account=plain(str(error.params["account"])),
                        other=error.params["other"])  # fmt: skip

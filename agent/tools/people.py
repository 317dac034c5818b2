"""What the client wants, and the way to a person."""

from typing import Literal

from pydantic import Field

from agent.tools.port import Arguments, Desk, Result, Tool
from domain.orders.quoting import line_of

REASONS = ("asked_for_person", "ready_to_buy", "complaint", "payment", "out_of_scope", "cannot_help")


class Wish(Arguments):
    """What to note about the client; leave out what is not known."""

    wish: str | None = Field(default=None, max_length=300, description="In a few words, what the client wants.")
    start: str | None = Field(default=None, max_length=40, description="Division the client is in.")
    target: str | None = Field(default=None, max_length=40, description="Division the client wants.")


class HandOff(Arguments):
    """Why a person has to take over, and what that person needs to know."""

    reason: Literal["asked_for_person", "ready_to_buy", "complaint", "payment", "out_of_scope", "cannot_help"]
    summary: str = Field(max_length=500, min_length=1, description="For the colleague: who wants what, so far.")


async def update_lead(desk: Desk, arguments: Wish) -> Result:
    """Note the wish; divisions only as the tariff knows them, and the price only from the tariff."""
    start, target, found = arguments.start, arguments.target, None
    if start and target:
        found = await desk.services.tariffs.quote(desk.actor, start, target)
        start, target = found.start, found.target
    elif start or target:
        tariff = await desk.services.tariffs.current(desk.actor)
        start = line_of(tariff, start, field="start").division if start else None
        target = line_of(tariff, target, field="target").division if target else None
    total = found.total if found is not None else None
    await desk.services.leads.update_wish(
        desk.actor, desk.turn.contact.id, wish=arguments.wish or None, start=start or None, target=target or None,
        quoted=total,
    )  # fmt: skip
    return Result({"noted": True}, (total,) if total else (), receipts=("lead_updated",), quote=found)


async def hand_off(desk: Desk, arguments: HandOff) -> Result:
    """End the turn with a person; done by the turn itself, under the conversation's lock."""
    return Result({"handed_off": True}, receipts=("handed_off",), handoff=(arguments.reason, arguments.summary))


TOOLS = (
    Tool("update_lead", "Note what the client wants, for the colleagues.", Wish, update_lead, reads=False),
    Tool("hand_off", "Pass the conversation to a person. Ends your turn.", HandOff, hand_off, reads=False),
)

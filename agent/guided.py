"""The menu that answers where no model is configured: it quotes, takes name and wish, and hands over."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from agent.heard import agrees, declines, divisions_in, goes_back, thanks
from agent.tools.port import Desk
from domain.conversations.asking_again import CHANGED_AT
from domain.conversations.choosing import chosen
from domain.conversations.dto import Message, Option, Outgoing
from domain.i18n.reader import Reader
from domain.kernel.errors import InvalidInput
from domain.kernel.text import clean_name
from domain.orders.dto import Order, Tariff
from domain.orders.quoting import Quote, quote

_NAME_LIMIT, _WISH_LIMIT, _LIST_LENGTH, _TOLD_LIMIT = 80, 300, 200, 120
_MISSED = "missed_count"
_MISSES_COUNT = 2  # in a row: asking a third time helps nobody
State = dict[str, Any]


@dataclass(frozen=True, slots=True)
class GuidedStep:
    """What the menu says next, where it stands then, and the hand-off it ends with; a miss was not understood."""

    said: tuple[Outgoing, ...]
    state: State = field(default_factory=dict)
    handoff: tuple[str, str] | None = None
    is_miss: bool = False


class GuidedMenu:
    """One step of the menu; where it stands is kept with the conversation, so a restart changes nothing."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._read = desk.reader

    async def step(self, state: State, heard: Sequence[Message], words: str) -> GuidedStep:
        """Answer what was written or pressed; divisions named together are priced wherever the menu stands.

        What is not understood is asked again once; the second time in a row a person answers.
        """
        missed_count = int(state.get(_MISSED, 0))
        step = await self._answer({key: kept for key, kept in state.items() if key != _MISSED}, heard, words)
        if not step.is_miss:
            return step
        if missed_count + 1 < _MISSES_COUNT:
            return replace(step, state={**step.state, _MISSED: missed_count + 1})
        tenant = self._desk.tenant
        told = clean_name(words[:_TOLD_LIMIT], field="words", limit=_TOLD_LIMIT, is_required=False)
        summary = Reader(tenant.locale, tenant.zone)("assistant.summary.not_understood", words=told)
        return GuidedStep((), {}, ("not_understood", summary))

    async def _answer(self, state: State, heard: Sequence[Message], words: str) -> GuidedStep:
        tariff = await self._desk.services.tariffs.current(self._desk.actor)
        named = divisions_in(words, tariff)
        if len(named) == 2:
            return await self._price(tariff, *named)
        if any(CHANGED_AT in message.content for message in heard):
            changed = self._changed(tariff, state, named)
            if changed is not None:
                return changed
        if "at" in state and goes_back(words):
            return self._top()
        if (picked := self._pressed(state, heard)) is not None:
            return await self._picked(tariff, state, picked)
        if state.get("at") in ("name", "wish") and not any(map(_has_words, heard)):  # a place is no name
            return replace(self._ask(str(state["at"]), state), is_miss=True)
        match state.get("at"):
            case "start" | "target" if declines(words):
                return self._bye()
            case "start":
                return self._start(tariff, state, named)
            case "target":
                return await self._target(tariff, state, named)
            case "name":
                return self._name(state, words)
            case "wish":
                return await self._wish(state, words)
            case "quoted" if len(named) == 1:
                return await self._price(tariff, str(state["start"]), named[0])
        return await self._choice(tariff, state, words)

    def _changed(self, tariff: Tariff, state: State, named: Sequence[str]) -> GuidedStep | None:
        """What was answered was changed: it is no answer to what is asked now. A division begins anew."""
        if named:
            return self._start(tariff, {}, named)
        return self._ask(str(state["at"]), state) if state.get("at") in ("name", "wish") else None

    def _pressed(self, state: State, heard: Sequence[Message]) -> str | None:
        """The button that was pressed last, if it still means something: there is nothing to buy without a price."""
        known = {"price", "again", "orders", "person", *(["buy"] if "target" in state else [])}
        pressed = [str(message.content.get("choice_id") or "") for message in heard]
        return next((one for one in reversed(pressed) if one in known), None)

    async def _choice(self, tariff: Tariff, state: State, words: str) -> GuidedStep:
        options = self._options("buy", "again", "person") if state.get("at") == "quoted" else self._menu()
        picked = chosen(words, options) or chosen(words, self._options("orders"))  # asked for anywhere
        return await (self._picked(tariff, state, picked) if picked else self._unpressed(tariff, state, words))

    async def _picked(self, tariff: Tariff, state: State, picked: str) -> GuidedStep:
        match picked:
            case "orders":
                return await self._orders()
            case "person":
                summary = self._read("assistant.summary.asked_for_person")
                return GuidedStep((), {}, ("asked_for_person", summary))
            case "buy":
                return self._ask("name", state)
        return self._ask("start", {}, example=tariff.lines[len(tariff.lines) // 2].division)

    async def _unpressed(self, tariff: Tariff, state: State, words: str) -> GuidedStep:
        """What was written where buttons are; the first words of all are a greeting, whatever they say."""
        named = divisions_in(words, tariff)
        if named:
            return self._start(tariff, state, named)
        if "at" not in state:
            return self._top()
        if declines(words) or thanks(words):
            return self._bye()
        if state["at"] != "quoted":
            return replace(self._top(self._say("missed")), is_miss=True)
        if agrees(words):
            return self._ask("name", state)
        step = await self._price(tariff, str(state["start"]), str(state["target"]))
        again = replace(step.said[0], text=f"{self._say('missed')} {step.said[0].text}")
        return replace(step, said=(again,), is_miss=True)

    def _top(self, before: str = "") -> GuidedStep:
        text = f"{before} {self._say('ask')}".lstrip()
        return GuidedStep((Outgoing(text, self._menu(), self._say("list")),), {"at": "menu"})

    def _bye(self) -> GuidedStep:
        return GuidedStep((Outgoing(self._say("bye")),))

    def _start(self, tariff: Tariff, state: State, named: Sequence[str]) -> GuidedStep:
        if not named:
            return self._unknown(tariff, state)
        return self._ask("target", {"start": named[0]}, example=tariff.lines[0].division)

    async def _target(self, tariff: Tariff, state: State, named: Sequence[str]) -> GuidedStep:
        if not named:
            return self._unknown(tariff, state)
        return await self._price(tariff, str(state["start"]), named[0])

    async def _price(self, tariff: Tariff, start: str, target: str) -> GuidedStep:
        try:
            found = quote(tariff, start, target)
        except InvalidInput:
            text = self._say("no_climb", start=start, target=target)
            return GuidedStep((Outgoing(text),), {"at": "target", "start": start}, is_miss=True)
        await self._note(found)
        options = self._options("buy", "again", "person")
        text = quoted(self._desk, found)
        return GuidedStep((Outgoing(text, options),), {"at": "quoted", "start": found.start, "target": found.target})

    def _name(self, state: State, words: str) -> GuidedStep:
        name = "" if declines(words) or thanks(words) else words[:_NAME_LIMIT]
        name = clean_name(name, field="name", limit=_NAME_LIMIT, is_required=False)
        return self._ask("wish", {**state, "name": name})

    async def _wish(self, state: State, words: str) -> GuidedStep:
        wish = "" if declines(words) or thanks(words) else words[:_WISH_LIMIT]
        wish = clean_name(wish, field="wish", limit=_WISH_LIMIT, is_required=False)
        noted = " · ".join(part for part in (str(state.get("name", "")), wish) if part)
        leads, actor = self._desk.services.leads, self._desk.actor
        await leads.update_wish(actor.for_step("wish"), self._desk.turn.contact.id, wish=noted)
        route = f"{state.get('start', '?')} → {state.get('target', '?')}"
        return GuidedStep((), {}, ("ready_to_buy", " · ".join(filter(None, (route, noted)))))

    async def _orders(self) -> GuidedStep:
        orders = await self._desk.services.orders.of_contact(self._desk.actor, self._desk.turn.contact.id)
        lines = [self._order(order) for order in orders] or [self._say("no_orders")]
        return GuidedStep((Outgoing("\n".join(lines), self._menu()),), {"at": "menu"})

    def _order(self, order: Order) -> str:
        key = "order_progress" if order.progress_division else "order"
        return self._say(
            key, code=order.code, start=order.start_division, target=order.target_division,
            state=self._read(f"assistant.state.{order.state}"), progress=order.progress_division or "",
        )  # fmt: skip

    async def _note(self, found: Quote) -> None:
        actor = self._desk.actor.for_step(f"quote:{found.start}:{found.target}")
        await self._desk.services.leads.update_wish(
            actor, self._desk.turn.contact.id, start=found.start, target=found.target, quoted=found.total
        )

    def _ask(self, at: str, state: State, **params: object) -> GuidedStep:
        return GuidedStep((Outgoing(self._say(at, **params)),), {**state, "at": at})

    def _unknown(self, tariff: Tariff, state: State) -> GuidedStep:
        known = ", ".join(line.division for line in tariff.lines)
        known = known if len(known) <= _LIST_LENGTH else known[:_LIST_LENGTH].rpartition(",")[0] + ", …"
        return GuidedStep((Outgoing(self._say("unknown", divisions=known)),), state, is_miss=True)

    def _menu(self) -> tuple[Option, ...]:
        return self._options("price", "orders", "person")

    def _options(self, *ids: str) -> tuple[Option, ...]:
        return tuple(Option(one, self._say(one)) for one in ids)

    def _say(self, key: str, **params: object) -> str:
        return self._read(f"assistant.menu.{key}", **params)


def quoted(desk: Desk, found: Quote) -> str:
    """A price as code says it: from the tariff, in the contact's language."""
    return desk.reader("assistant.quote", start=found.start, target=found.target, total=found.total)


def _has_words(message: Message) -> bool:
    return bool(message.body or (message.media is not None and message.media.transcript))

"""A sensible seller: quotes what is asked, looks up orders, passes on to a person."""

from __future__ import annotations

from sandbox.openai.hearing import bare, divisions, language_of, wishes
from sandbox.openai.phrases import PHRASES
from sandbox.openai.tool_data import amount_in, fill, has_failed, rows_in
from sandbox.openai.turns import Json, ModelRequest, Reply, ToolResult

_SUMMARY_LENGTH = 200
_ROWS_COUNT = 3
_SHOWN = ("code", "number", "state", "status", "progress", "progress_division", "target", "target_division")


class SalesModel:
    """Understands divisions and a few wishes in four languages, calls the tools on offer, and says what they gave.

    It keeps no state and says no amount that no tool of the turn gave. The tools it knows are
    `quote_order(start, target)`, `update_lead`, `my_orders`, `list_services` and `hand_off(reason, summary)`;
    arguments that a schema does not know are left out.
    """

    def answer(self, request: ModelRequest) -> Reply:
        """Return the next call of the turn, or the text that ends it."""
        wanted = _plan(request)
        done = {result.name for result in request.results}
        due = [(name, arguments) for name, arguments in wanted if name not in done]
        if due and request.tool_choice != "none":
            name, arguments = due[0]
            tool = request.tool(name)
            assert tool is not None  # only tools on offer are planned
            return Reply(calls=(fill(tool, arguments),))
        return Reply(_closing(request))


def _plan(request: ModelRequest) -> list[tuple[str, Json]]:
    """The calls of this turn, in order; the same at every step of it."""
    text = request.client_text
    heard, asked = _route(request), wishes(text)
    steps: list[tuple[str, Json]] = []
    if "person" in asked or ("deal" in asked and not divisions(text)):
        reason = "asked for a person" if "person" in asked else "ready to buy"
        steps.append(("hand_off", {"reason": reason, "summary": _summary(request)}))
    elif divisions(text) and len(heard) == 2:
        steps.append(("quote_order", {"start": heard[0], "target": heard[1]}))
        if not any(result.name == "quote_order" and has_failed(result) for result in request.results):
            steps.append(("update_lead", {"start": heard[0], "target": heard[1], "wish": " -> ".join(heard)}))
    elif "orders" in asked:
        steps.append(("my_orders", {}))
    elif "prices" in asked:
        steps.append(("list_services", {}))
    return [(name, arguments) for name, arguments in steps if name in request.tool_names]


def _route(request: ModelRequest) -> list[str]:
    """Start and target, as far as they are known; one division alone is a new target."""
    route: list[str] = []
    for text in request.client_texts:
        said = divisions(text)
        if len(said) > 1:
            route = [said[0], said[-1]]
        elif said and said[0] not in route[:1]:
            route = [*route[:1], said[0]]
    return route


def _summary(request: ModelRequest) -> str:
    text = " / ".join(filter(None, (bare(text) for text in request.client_texts[-5:])))
    return text[-_SUMMARY_LENGTH:] or "-"


def _closing(request: ModelRequest) -> str:
    phrases = PHRASES[language_of(request)]
    results = {result.name: result for result in request.results}
    heard = _route(request)
    if handed := results.get("hand_off"):
        return phrases["not_handed" if has_failed(handed) else "handed"]
    if quoted := results.get("quote_order"):
        return _quote(phrases, quoted, heard)
    if seen := results.get("my_orders"):
        return _orders(phrases, seen)
    if "list_services" in results:
        return phrases["prices"]
    return phrases["ask_target"].format(start=heard[0]) if len(heard) == 1 else phrases["ask_both"]


def _quote(phrases: dict[str, str], quoted: ToolResult, heard: list[str]) -> str:
    amount = None if has_failed(quoted) else amount_in(quoted.data)
    if amount is None:
        return phrases["no_quote"]
    return phrases["quote"].format(start=heard[0], target=heard[1], amount=amount)


def _orders(phrases: dict[str, str], seen: ToolResult) -> str:
    rows = [row for row in rows_in(seen.data) if isinstance(row, dict)]
    lines = [", ".join(str(row[key]) for key in _SHOWN if row.get(key)) for row in rows[:_ROWS_COUNT]]
    return phrases["orders"].format(facts="; ".join(lines)) if any(lines) else phrases["no_orders"]

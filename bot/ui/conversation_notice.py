"""One line in a conversation's thread: what happened to it, and who did it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.ui.cards import Card, Item, Tone, button, container
from bot.ui.conversation_text import reason_line
from bot.ui.message_card import failure
from bot.ui.text import block, plain, stamp, stamp_relative
from domain.i18n.reader import Reader
from domain.orders.dto import Transition
from domain.orders.policy import TRANSITIONS

SIGNS = {
    "taken_over": "👤", "given_back": "🤖", "silence_over": "🤖", "assigned": "🧑‍💼", "snoozed": "💤",
    "snooze_over": "⏰", "closed": "🔒", "reopened": "🔓", "handed_off": "🙋", "opted_out": "🔕", "opted_in": "🔔",
    "blocked_attempt": "⛔", "not_sent": "⚠️", "reaction_not_sent": "⚠️",
    "left_unanswered": "⚠️", "phone_echo": "📱", "order_posted": "🧾",
    "customer_not_told": "⚠️", "merged": "🔗", "merged_into": "🔗", "unknown_item": "❔", "budget_spent": "💸",
}  # fmt: skip
KEPT_SILENT = "is_kept_silent"  # added as it is drawn: what gives the assistant its turn gives it to nobody
_TONES = {
    "handed_off": Tone.WARNING, "not_sent": Tone.DANGER,
    "reaction_not_sent": Tone.DANGER, "customer_not_told": Tone.WARNING, "opted_out": Tone.WARNING,
    "left_unanswered": Tone.WARNING,
    "blocked_attempt": Tone.WARNING, "budget_spent": Tone.WARNING, "unknown_item": Tone.WARNING,
}  # fmt: skip


def notice_card(read: Reader, params: Mapping[str, Any], mention: str = "") -> Card:
    """The notice; a hand-off asks for somebody by `mention`. What we do not know is said as it came."""
    what = str(params.get("what", ""))
    lines = [notice_text(read, params)]
    summary = str(params.get("summary") or "")
    if summary:
        lines.append(f"> {block(summary, 600)}".replace("\n", "\n> "))
    if mention:
        lines.append(mention)
    controls: list[Item] = []
    if str(params.get("code", "")).isdecimal():
        controls.append(button(f"#{params['code']}", "order.details", int(params["code"])))
    head, rest = lines[0], lines[1:]
    return Card(_small(head, rest, _TONES.get(what, Tone.NEUTRAL), controls))


def notice_text(read: Reader, params: Mapping[str, Any]) -> str:
    """The notice in one sentence with its sign."""
    what = str(params.get("what", ""))
    sign = "🔇" if params.get(KEPT_SILENT) else SIGNS.get(what, "ℹ️")
    key = _key(read, what, params)
    if key is None:
        return f"{sign} {plain(what)}"
    return f"{sign} {read(key, **_values(read, what, params))}"


def _key(read: Reader, what: str, params: Mapping[str, Any]) -> str | None:
    """`taken_over` and `snoozed` read differently without an end, `reopened` when the contact did it."""
    if params.get(KEPT_SILENT):
        return f"conversation.notice.{what}_kept_silent"
    if what in ("taken_over", "phone_echo") and not params.get("until"):
        return f"conversation.notice.{what}_open"
    if what == "reaction_not_sent" and not params.get("emoji"):
        return "conversation.notice.reaction_not_taken_back"
    if what == "reopened" and not params.get("member"):
        return "conversation.notice.reopened_by_contact"
    if what == "assigned" and not params.get("owner"):
        return "conversation.notice.unassigned"
    if what == "customer_not_told" and params.get("reason") in ("opted_out", "blocked", "unreachable"):
        return f"conversation.notice.{what}_{params['reason']}"
    return f"conversation.notice.{what}" if what in SIGNS and read.has(f"conversation.notice.{what}") else None


def _values(read: Reader, what: str, params: Mapping[str, Any]) -> dict[str, object]:
    known = ("member", "owner", "name", "words", "code", "number", "kind", "emoji")
    values: dict[str, object] = {name: plain(str(params.get(name) or "–"), 200) for name in known}
    values["until"] = _until(params.get("until"))
    values["reason"] = _reason(read, what, params)
    values["news"] = _news(read, str(params.get("transition") or ""))
    return values


def _until(value: object) -> str:
    if not value:
        return "–"
    until = datetime.fromisoformat(str(value))
    return f"{stamp(until)} ({stamp_relative(until)})"


def _reason(read: Reader, what: str, params: Mapping[str, Any]) -> str:
    reason = str(params.get("reason") or "")
    if what in ("not_sent", "reaction_not_sent"):
        return failure(read, str(params.get("error") or reason))
    return reason_line(read, reason) or "–"


def _news(read: Reader, transition: str) -> str:
    """The state an order came to."""
    if transition not in set(Transition):
        return plain(transition) or "–"
    ends = TRANSITIONS[Transition(transition)].ends
    return read(f"order.state.{ends}") if ends else read(f"order.button.{transition}")


def _small(head: str, rest: list[str], tone: Tone, controls: list[Item]) -> Any:
    """A container whose first line is no heading: notices are many and small."""
    found = container("-", tone=tone, controls=controls)
    text = found.children[0]
    text.content = "\n".join([head, *rest])  # type: ignore[attr-defined]  # the first item is the text
    return found

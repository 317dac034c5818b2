"""What the model is told of a conversation: a fenced message per message, oldest first."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from agent.echo import plain
from agent.gates.hygiene import fence
from agent.models.port import ChatMessage
from agent.prompts import render
from domain.conversations.asking_again import CHANGED_AT
from domain.conversations.content import told
from domain.conversations.dto import INTRODUCES, Author, Direction, Message
from domain.conversations.profile import AgentProfile
from domain.conversations.speaking import HANDOFF
from domain.conversations.turn_dto import OwnOrder, TurnStart
from domain.i18n.reader import Reader
from domain.kernel.clock import Clock
from domain.tenancy.dto import Tenant

_LANGUAGES = {"en": "English", "es": "Spanish", "fr": "French", "pt-BR": "Brazilian Portuguese"}
_PEOPLE = frozenset({Author.MEMBER, Author.PHONE})
_STALE = frozenset({HANDOFF, INTRODUCES})  # what is said of who answers; it is the assistant again
_TEXT_CAP = 1_000
_NAME_CAP = 80
_ORDERS_CAP = 1_200


def instructions(turn: TurnStart, tenant: Tenant, settings: AgentProfile, locale: str, clock: Clock) -> tuple[str, str]:
    """The system prompt of a turn, and its version."""
    now = clock.now().astimezone(ZoneInfo(tenant.zone))
    had_person = any(message.author in _PEOPLE or _STALE & message.content.keys() for message in turn.history)
    return render(
        "answer",
        {
            "shop": tenant.name,
            "persona": settings.persona,
            "scope": settings.scope,
            "language": _LANGUAGES[locale],
            "now": now.strftime("%A %Y-%m-%d %H:%M"),
            "zone": tenant.zone,
            "name": fence(turn.contact.name or "-", "client name", _NAME_CAP),
            "orders": _orders(turn.orders, Reader(locale, tenant.zone)) if turn.orders else "",
            "had_person": had_person,
        },
    )


def _orders(orders: Iterable[OwnOrder], read: Reader) -> str:
    """A line for each order, as its client would read it; what staff typed there is data, too."""
    return fence("\n".join(_order(order, read) for order in orders), "the client's own orders", _ORDERS_CAP)


def _order(order: OwnOrder, read: Reader) -> str:
    parts = [
        f"#{order.code}", order.game, f"{order.start_division} -> {order.target_division}",
        f"now {order.progress_division}" if order.progress_division else "", read(f"assistant.state.{order.state}"),
        read.format(order.price), f"deadline {read.format(order.deadline_at)}" if order.deadline_at else "",
    ]  # fmt: skip
    return " · ".join(" ".join(part.split()) for part in parts if part)


def exchange(turn: TurnStart) -> list[ChatMessage]:
    """History and what waits for an answer, as the model reads them; notes of the staff stay in the house.

    Our own words of who answers are left out when that is over: the client's next message says that a colleague had
    the conversation in between.
    """
    return list(_messages((*turn.history, *turn.unanswered)))


def said(message: Message) -> str:
    """The words of a client's message: text, caption, transcript, a place, a form's answers, or what was sent."""
    words = [part for part in (message.body, told(message.kind, message.content)) if part]
    if message.media is not None and message.media.transcript:
        words.append(message.media.transcript)
    return "\n".join(words) or f"({message.kind})"


def _messages(messages: Iterable[Message]) -> Iterable[ChatMessage]:
    by_provider: dict[str, Message] = {}
    is_back = False
    for message in messages:
        if message.provider_id:
            by_provider[message.provider_id] = message
        if message.direction is Direction.NOTE or message.deleted_at is not None:
            continue
        if message.direction is Direction.IN:
            quoted = by_provider.get(message.reply_to_provider_id or "")
            yield ChatMessage("client", _fenced(message, quoted, " after a colleague had it" if is_back else ""))
            is_back = False
        elif _STALE & message.content.keys():
            is_back = True
        elif message.author is Author.AGENT:
            yield ChatMessage("shop", plain(message.body[:_TEXT_CAP]))
        else:
            yield ChatMessage("shop", fence(message.body or f"({message.kind})", "a colleague wrote", _TEXT_CAP))


def _fenced(message: Message, quoted: Message | None, when: str) -> str:
    changed = " changed after it was answered" if CHANGED_AT in message.content else when
    told = fence(said(message), f"client {message.kind}{changed}", _TEXT_CAP)
    if quoted is None:
        return told
    return f"{fence(said(quoted), 'the message the client answers to', 300)}\n{told}"

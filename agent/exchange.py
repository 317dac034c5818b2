"""What the model is told of a conversation: a fenced message per message, oldest first."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from agent.gates.hygiene import fence
from agent.models.port import ChatMessage
from agent.prompts import render
from domain.conversations.dto import Author, Direction, Message, TurnStart
from domain.conversations.settings import AgentProfile
from domain.kernel.clock import Clock
from domain.tenancy.dto import Tenant

_LANGUAGES = {"en": "English", "es": "Spanish", "fr": "French", "pt-BR": "Brazilian Portuguese"}
_TEXT_CAP = 1_000
_NAME_CAP = 80


def instructions(turn: TurnStart, tenant: Tenant, profile: AgentProfile, locale: str, clock: Clock) -> tuple[str, str]:
    """The system prompt of a turn, and its version."""
    now = clock.now().astimezone(ZoneInfo(tenant.zone))
    human_spoke = any(message.author in (Author.MEMBER, Author.PHONE) for message in turn.history)
    return render(
        "answer",
        {
            "shop": tenant.name,
            "persona": profile.persona,
            "scope": profile.scope,
            "language": _LANGUAGES[locale],
            "now": now.strftime("%A %Y-%m-%d %H:%M"),
            "zone": tenant.zone,
            "name": fence(turn.contact.name or "-", "client name", _NAME_CAP),
            "human_spoke": human_spoke,
        },
    )


def exchange(turn: TurnStart) -> list[ChatMessage]:
    """History and what waits for an answer, as the model reads them; notes of the staff stay in the house."""
    return list(_messages((*turn.history, *turn.unanswered)))


def said(message: Message) -> str:
    """The words of a client's message: text, caption, transcript, or what was sent instead of words."""
    words = [message.body] if message.body else []
    if message.media is not None and message.media.transcript:
        words.append(message.media.transcript)
    return "\n".join(words) or f"({message.kind})"


def _messages(messages: Iterable[Message]) -> Iterable[ChatMessage]:
    by_provider: dict[str, Message] = {}
    for message in messages:
        if message.provider_id:
            by_provider[message.provider_id] = message
        if message.direction is Direction.NOTE or message.deleted_at is not None:
            continue
        if message.direction is Direction.IN:
            yield ChatMessage("client", _fenced(message, by_provider.get(message.reply_to_provider_id or "")))
        elif message.author is Author.AGENT:
            yield ChatMessage("shop", message.body)
        else:
            yield ChatMessage("shop", fence(message.body or f"({message.kind})", "a colleague wrote", _TEXT_CAP))


def _fenced(message: Message, quoted: Message | None) -> str:
    told = fence(said(message), f"client {message.kind}", _TEXT_CAP)
    if quoted is None:
        return told
    return f"{fence(said(quoted), 'the message the client answers to', 300)}\n{told}"

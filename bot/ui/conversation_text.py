"""What is said of a conversation in one line, and the facts its thread shows from outside."""

from datetime import datetime

from bot.render import ThreadFacts
from bot.ui.cards import Tone
from bot.ui.text import bare, plain, stamp_relative
from domain.contacts.dto import Contact
from domain.conversations.dto import Conversation, ConversationDetails, ConversationState
from domain.conversations.policy import unreachable_since
from domain.i18n.reader import Reader

STATE_SIGNS = {ConversationState.BOT: "🤖", ConversationState.HUMAN: "👤", ConversationState.CLOSED: "🔒"}
TONES = {
    ConversationState.BOT: Tone.NEUTRAL, ConversationState.HUMAN: Tone.WARNING, ConversationState.CLOSED: Tone.GOOD,
}  # fmt: skip
_NAME_LIMIT, _THREAD_LIMIT = 60, 100


def contact_name(read: Reader, contact: Contact) -> str:
    """The name a person gave themselves, made harmless; else their number, else that they hide both."""
    return plain(contact.name, _NAME_LIMIT) or contact.phone or read("conversation.nameless")


def phone_line(read: Reader, contact: Contact) -> str:
    """The number, or that it is hidden."""
    return contact.phone or read("conversation.hides_number")


def account_mention(discord_user_id: int) -> str:
    """A customer's own Discord account; nobody is notified by it."""
    return f"🎮 <@{discord_user_id}>"


def thread_facts(read: Reader, details: ConversationDetails) -> ThreadFacts:
    """`C-12 · Marta · new`, with a sign when a person has it or when it is closed; tags say state and stage."""
    conversation, contact = details.conversation, details.contact
    name = bare(contact.name, _NAME_LIMIT) or contact.phone or read("conversation.nameless")
    parts = [f"C-{conversation.number}", name]
    if details.lead_stage:
        parts.append(read(f"lead.stage.{details.lead_stage}"))
    if conversation.state is not ConversationState.BOT:
        parts.append(STATE_SIGNS[conversation.state])
    tags = [read(f"conversation.tag.{conversation.state}")]
    if details.lead_stage:
        tags.append(read(f"lead.stage.{details.lead_stage}"))
    return ThreadFacts(" · ".join(parts)[:_THREAD_LIMIT], tuple(tags))


def assistant_answers(details: ConversationDetails) -> bool:
    """Whether the assistant answers here now: it is on, nobody has the conversation, nothing keeps it silent."""
    conversation = details.conversation
    is_free = conversation.state is ConversationState.BOT and conversation.snoozed_until is None
    return is_free and not is_kept_silent(details)


def is_kept_silent(details: ConversationDetails) -> bool:
    """Whether the assistant answers nothing here, whoever has it: it is off, or the contact wants or gets none."""
    contact = details.contact
    return not details.is_agent_on or contact.opted_out_at is not None or contact.blocked_at is not None


def state_line(read: Reader, details: ConversationDetails) -> str:
    """Who answers, and until when the assistant is silent; for whom and where it never answers, that only people do."""
    conversation, contact = details.conversation, details.contact
    sign = STATE_SIGNS[conversation.state]
    if conversation.state is ConversationState.BOT and not details.is_agent_on:
        return f"🔇 {read('conversation.state.off')}"
    if conversation.state is ConversationState.BOT and (contact.opted_out_at or contact.blocked_at):
        return f"🔇 {read('conversation.state.kept_silent')}"
    if conversation.state is ConversationState.HUMAN and conversation.human_until is not None:
        return f"{sign} {read('conversation.state.human_until', when=stamp_relative(conversation.human_until))}"
    return f"{sign} {read(f'conversation.state.{conversation.state}')}"


def reason_line(read: Reader, reason: str) -> str:
    """Why a person is needed: in words where the reason is one of ours, else as it was given."""
    key = f"conversation.reason.{reason}"
    return read(key) if reason and read.has(key) else plain(reason, 300)


def window_line(read: Reader, conversation: Conversation, now: datetime) -> str:
    """Until when free text may be sent."""
    ends = conversation.window_ends_at
    if ends is None or not conversation.is_window_open(now):
        return read("conversation.card.window_closed")
    return read("conversation.card.window_open", when=stamp_relative(ends))


def unreachable_line(read: Reader, details: ConversationDetails) -> str:
    """Since when WhatsApp says that nobody receives messages there; empty where it does not."""
    since = unreachable_since(details.conversation, details.contact)
    return f"📵 {read('conversation.card.unreachable', when=stamp_relative(since))}" if since is not None else ""


def list_line(read: Reader, details: ConversationDetails, thread_id: int | None = None) -> str:
    """A conversation in a list."""
    conversation = details.conversation
    parts = [f"{STATE_SIGNS[conversation.state]} **C-{conversation.number}** {contact_name(read, details.contact)}"]
    if details.lead_stage:
        parts.append(read(f"lead.stage.{details.lead_stage}"))
    if conversation.owner_name:
        parts.append(plain(conversation.owner_name, 40))
    parts.append(stamp_relative(conversation.last_activity_at))
    if thread_id is not None:
        parts.append(f"<#{thread_id}>")
    return " · ".join(parts)

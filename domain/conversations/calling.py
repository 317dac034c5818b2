"""Calling a person: the assistant is silent, and the thread asks for somebody."""

from datetime import datetime
from uuid import UUID

from domain.contacts.dto import Contact
from domain.conversations import queries
from domain.conversations.changes import notify
from domain.conversations.inbound import MessageKind
from domain.conversations.profile import AgentProfile
from domain.i18n.fold import fold_words
from domain.i18n.reader import Reader
from domain.kernel.clock import Clock
from domain.kernel.db import Tx
from domain.kernel.text import clean_name
from domain.tenancy.queries import tenant as read_tenant

AFTER_STOP = "after_stop"  # somebody who wants no messages asks something: the assistant may not answer, a person may
_TOLD_LENGTH = 200
_ASKS_NOTHING = frozenset({MessageKind.STICKER, MessageKind.WELCOME})
_THANKS = (
    "ok okay oki k vale va listo bueno bien perfecto entendido gracias muchas de acuerdo genial thanks thank you thx ty"
    " fine great good alright got it cool merci beaucoup d accord bien recu parfait super entendu obrigado obrigada"
    " valeu obg certo beleza blz entendi perfeito ta bom"
)


def handed_over(settings: AgentProfile, reason: str, now: datetime) -> dict[str, object]:
    """The columns of a conversation that waits for a person, as a message or a turn leaves it."""
    return {"state": "human", "human_until": now + settings.silence, "handoff_reason": reason, "guided": {}}


async def call_staff(tx: Tx, clock: Clock, conversation_id: UUID, reason: str, summary: str) -> None:
    """Note that a person is needed, and ask for one in the thread. `summary` is untrusted."""
    params = {"reason": reason, "summary": summary}
    await queries.insert_event(tx, conversation_id, "handed_off", params, clock.now())
    await notify(tx, clock, conversation_id, "handed_off", **params)


def needs_person(contact: Contact, settings: AgentProfile, kind: str, text: str) -> bool:
    """Whether somebody who said STOP asks something: the assistant is silent, so a person answers.

    Not a sticker, an emoji, or a mere "ok, thanks"; and where the assistant is off people answer anyway.
    """
    if not settings.is_on or contact.opted_out_at is None or contact.blocked_at is not None or kind in _ASKS_NOTHING:
        return False
    return kind != MessageKind.TEXT or "?" in text or bool(set(fold_words(text)) - set(_THANKS.split()))


async def told_after_stop(tx: Tx, kind: str, text: str) -> str:
    """What was asked, in a line for the staff."""
    tenant = await read_tenant(tx)
    read = Reader(tenant.locale, tenant.zone)
    words = clean_name(text[:_TOLD_LENGTH], field="words", limit=_TOLD_LENGTH, is_required=False)
    return read("assistant.summary.after_stop", words=words or read(f"conversation.kind.{kind}"))

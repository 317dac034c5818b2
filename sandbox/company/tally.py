"""What must be true of all conversations when the day is over."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.company.clients import letters
from sandbox.company.people import Company
from sandbox.company.talk import thread_of, threads_of
from sandbox.whatsapp import Message, Phone


async def look_back(day: Company) -> None:
    """Each thread tells what its phone shows, nobody got a message too many, and WhatsApp refused nothing."""
    await day.pass_time(1)
    clients, checks = day.clients, day.checks
    for phone in clients.phones:
        checks.equal(f"{phone.name}: has one thread", len(threads_of(day, phone)), 1)
        missing = _first_missing(clients.chat_of(phone), [letters(m.text) for m in thread_of(day, phone).messages])
        checks.equal(f"{phone.name}: the thread tells the chat in its order", missing, None)
        checks.equal(f"{phone.name}: got no message too many", [m.shown() for m in phone.unclaimed], [])
    refused = [(call.operation, call.status) for call in clients.whatsapp.calls if call.status >= 400]
    checks.equal("whatsapp: every message kept the rules", refused, [])
    checks.equal("whatsapp: every webhook was taken in the end", clients.whatsapp.webhooks.lost_count, 0)
    checks.equal("openai: was asked for nothing it does not know", set(day.openai.status_counts), {200})
    unread = [m.shown() for phone in clients.phones for m in _sent(day, phone) if m.status != "read"]
    checks.equal("whatsapp: everything that was sent was read", unread, [])


def _sent(day: Company, phone: Phone) -> list[Message]:
    return [message for message in day.clients.whatsapp.sent_to(phone) if message.source == "api"]


def _first_missing(chat: Sequence[str], thread: Sequence[str]) -> str | None:
    """The first text of the chat that the thread does not show after those before it."""
    position = 0
    for text in chat:
        found = next((index for index in range(position, len(thread)) if text in thread[index]), None)
        if found is None:
            return text
        position = found + 1
    return None

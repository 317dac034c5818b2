"""Writing to the shop and hearing from it, as the phone and the conversation's thread in Discord show it."""

from __future__ import annotations

from sandbox.company.clients import letters
from sandbox.company.people import PATIENCE_S, Company, actions_of
from sandbox.discord import Channel, Message
from sandbox.whatsapp import Message as ChatMessage
from sandbox.whatsapp import Phone

_QUIET_MIN = 0.2


def threads_of(day: Company, phone: Phone) -> list[Channel]:
    """The conversation's threads: one, or something is wrong."""
    name = letters(phone.name)
    threads = [channel for channel in day.guild.channels.values() if channel.thread is not None]
    return [thread for thread in threads if name in letters(thread.name)]


def thread_of(day: Company, phone: Phone) -> Channel:
    """The conversation's thread.

    Raises:
        LookupError: There is none.
    """
    found = threads_of(day, phone)
    if not found:
        raise LookupError(f"no thread is named after {phone.name}")
    return found[0]


async def mirrored(day: Company, phone: Phone, text: str) -> Message:
    """Wait until a conversation's thread shows a text, and return the message that does."""

    def find() -> Message | None:
        shown = (m for thread in threads_of(day, phone) for m in reversed(thread.messages))
        return next((message for message in shown if letters(text) in letters(message.text)), None)

    await day.discord.wait_until(lambda: find() is not None, PATIENCE_S)
    found = find()
    assert found is not None
    return found


async def card_of(day: Company, phone: Phone, action: str, *parts: str) -> Message:
    """Wait until the card at the head of a conversation's thread offers `action` and shows every part."""
    thread = thread_of(day, phone)

    def fits() -> bool:
        card = thread.messages[0]
        return action in actions_of(card) and all(part in card.text for part in parts)

    await day.discord.wait_until(fits, PATIENCE_S)
    return thread.messages[0]


async def says(day: Company, phone: Phone, *texts: str) -> None:
    """Write one message after another, each of which staff sees at once."""
    number = day.clients.number
    for text in texts:
        await phone.write(number, text)
        await mirrored(day, phone, text)


async def hears(day: Company, phone: Phone, *answers: str) -> list[ChatMessage]:
    """Be quiet for a moment and read the answers, each with its words, nothing before them; the thread shows them."""
    await day.pass_time(_QUIET_MIN)
    return await reads(day, phone, *answers)


async def reads(day: Company, phone: Phone, *answers: str) -> list[ChatMessage]:
    """Read what arrives next, message by message."""
    read: list[ChatMessage] = []
    for words in answers:
        message = await phone.received(timeout_s=PATIENCE_S)
        day.checks.contains(f"{phone.name}: reads \u201c{words}\u201d", message.shown(), words)
        await mirrored(day, phone, message.text)
        read.append(message)
    return read


async def hears_nothing(day: Company, phone: Phone, why: str) -> None:
    """Be quiet for a moment; nothing arrives. What came later would be read in place of the next answer."""
    await day.pass_time(_QUIET_MIN)
    day.checks.equal(f"{phone.name}: {why}", [message.shown() for message in phone.unclaimed], [])

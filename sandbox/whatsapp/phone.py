"""People with WhatsApp on their phone: they can do what the app offers, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.whatsapp import phone_answers, phone_changes
from sandbox.whatsapp.numbers import Number
from sandbox.whatsapp.phone_sends import SendingPhone
from sandbox.whatsapp.state import Message


class Phone(SendingPhone):
    """A customer's phone. Every act may raise `ClientRefusal`; acts return after the webhook was first tried."""

    async def press(self, message: Message, button: str, *, has_context: bool = True) -> Message:
        """Press a button, found by its title or id; a template's quick reply may arrive without context."""
        return await phone_answers.press(self, message, button, has_context=has_context)

    async def choose(self, message: Message, row: str) -> Message:
        """Choose a row of a list, found by its title or id."""
        return await phone_answers.choose(self, message, row)

    async def answer_flow(self, message: Message, answers: Mapping[str, Any]) -> Message:
        """Fill in the Flow that a message opens and send it."""
        return await phone_answers.answer_flow(self, message, answers)

    async def answer_call_permission(self, message: Message, *, accepts: bool) -> Message:
        """Answer a request to be called."""
        return await phone_answers.answer_call_permission(self, message, accepts=accepts)

    async def answer_unreadably(self, message: Message) -> Message:
        """Answer in a way that the API cannot read: an interactive message without content, and an error."""
        return await phone_answers.unreadable(self, message)

    async def react(self, message: Message, emoji: str) -> None:
        """React to a message."""
        await phone_changes.react(self, message, emoji)

    async def unreact(self, message: Message, *, leaves_empty: bool = True) -> None:
        """Take the reaction back; reported with an empty emoji, or without any."""
        await phone_changes.unreact(self, message, leaves_empty=leaves_empty)

    async def edit(self, message: Message, text: str) -> Message:
        """Change an own message, within 15 minutes."""
        return await phone_changes.edit(self, message, text)

    async def revoke(self, message: Message) -> None:
        """Delete an own message for everyone."""
        await phone_changes.revoke(self, message)

    async def change_number(self, new_number: str) -> None:
        """Move to another number: businesses get a system message, and the user id changes."""
        await phone_changes.change_number(self, new_number)

    async def change_user_id(self) -> None:
        """Get another business-scoped user id; businesses get a system message."""
        await phone_changes.change_user_id(self)

    async def change_identity(self) -> None:
        """Install WhatsApp anew: businesses get a system message about the identity."""
        await phone_changes.change_identity(self)

    async def read(self, number: Number) -> None:
        """Open the chat: everything that arrived counts as read."""
        await phone_changes.read(self, number)

    async def play(self, message: Message) -> None:
        """Listen to a business's voice message."""
        await phone_changes.play(self, message)

"""Remembers the nonces of recent messages, so that a repeated request posts nothing new."""

from __future__ import annotations

from collections import OrderedDict

from sandbox.discord.messages import Message

_REMEMBERED = 5000


class Nonces:
    """Recent messages by channel and nonce; the oldest are forgotten."""

    def __init__(self) -> None:
        self._messages: OrderedDict[tuple[int, str], Message] = OrderedDict()

    def find(self, channel_id: int, nonce: str | int) -> Message | None:
        """Return the message that was posted with this nonce, unless it was deleted since."""
        message = self._messages.get((channel_id, str(nonce)))
        return None if message is None or message.deleted else message

    def remember(self, channel_id: int, nonce: str | int, message: Message) -> None:
        """Note the message that a nonce made."""
        self._messages[channel_id, str(nonce)] = message
        if len(self._messages) > _REMEMBERED:
            self._messages.popitem(last=False)

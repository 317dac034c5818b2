"""Hands the outbox's messages to Discord."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import aiohttp
import discord
from discord.http import Route, handle_message_parameters

from bot.client import GuildhallBot
from bot.render import Drawn, draw
from domain.kernel.errors import PermanentFailure, TransientFailure, UnknownOutcome
from domain.outbox.dto import Outbound, Receipt
from domain.outbox.service import CARD_IS_GONE, CHANNEL_IS_GONE, NOTHING_TO_SEND

_PROVIDER = "discord"
_CLOCK_SKEW = timedelta(seconds=60)
_UNKNOWN_MESSAGE, _UNKNOWN_CHANNEL = 10008, 10003


class DiscordSender:
    """Draws, posts, edits and finds messages through the bot's own HTTP client, so its rate limits hold.

    Args:
        bot: The connected bot.
        timeout_s: How long a call may take, waiting for rate limits included; shorter than the outbox's lease.
    """

    def __init__(self, bot: GuildhallBot, timeout_s: float = 20.0) -> None:
        self._bot = bot
        self._timeout_s = timeout_s

    async def send(self, message: Outbound) -> Receipt:
        """Draw and send; or edit the standing card where it lives.

        A post carries a nonce that Discord enforces, and a mark made from it, by which `reconcile` finds it.

        Raises:
            TransientFailure: Not sent, or an edit that may be repeated.
            PermanentFailure: Refused; `card_is_gone` when the card to edit no longer exists.
            UnknownOutcome: A post that was lost on the way.
        """
        self._refuse_offline()
        drawn = await draw(message, self._bot.services)
        if drawn is None:
            return NOTHING_TO_SEND
        if message.card is not None:
            return await self._edit(message.card, drawn)
        async with _failures(self._timeout_s, may_have_been_posted=False):
            channel_id = await self._channel_id(message)
        return await self._post(message, channel_id, drawn)

    async def reconcile(self, message: Outbound) -> Receipt | None:
        """Look for a message whose posting ended unknown, by its mark; None when it is not there.

        Raises:
            TransientFailure: Discord cannot be asked now.
        """
        self._refuse_offline()
        assert message.attempted_at is not None, "only an attempt can have an unknown outcome"
        since = discord.utils.time_snowflake(message.attempted_at - _CLOCK_SKEW)
        async with _failures(self._timeout_s, may_have_been_posted=False):
            channel_id = await self._channel_id(message)
            route = Route("GET", "/channels/{channel_id}/messages", channel_id=channel_id)
            posts = await self._bot.http.request(route, params={"limit": 100, "after": since})
        mark = _mark(message.nonce)
        for post in posts:
            if any(component.get("id") == mark for component in post.get("components", ())):
                return Receipt(channel_id, int(post["id"]))
        return None

    def _refuse_offline(self) -> None:
        if self._bot.application_id is None or self._bot.is_closed():
            raise TransientFailure(_PROVIDER, "not_connected", 1.0)

    async def _channel_id(self, message: Outbound) -> int:
        if message.channel_id is not None:
            return message.channel_id
        if message.recipient_discord_id is None:
            raise PermanentFailure(_PROVIDER, "no_recipient")
        direct = await self._bot.http.start_private_message(message.recipient_discord_id)
        return int(direct["id"])

    async def _post(self, message: Outbound, channel_id: int, drawn: Drawn) -> Receipt:
        drawn.view.children[0].id = _mark(message.nonce)
        with _parameters(drawn, nonce=message.nonce) as params:
            async with _failures(self._timeout_s, may_have_been_posted=True):
                posted = await self._bot.http.send_message(channel_id, params=params)
        return Receipt(channel_id, int(posted["id"]))

    async def _edit(self, card: tuple[int, int], drawn: Drawn) -> Receipt:
        channel_id, message_id = card
        with _parameters(drawn) as params:
            async with _failures(self._timeout_s, may_have_been_posted=False, is_edit=True):
                await self._bot.http.edit_message(channel_id, message_id, params=params)
        return Receipt(channel_id, message_id)


def _parameters(drawn: Drawn, *, nonce: str | None = None) -> Any:
    files: dict[str, Any] = {"files": list(drawn.files)} if drawn.files else {}
    none = discord.AllowedMentions.none()
    return handle_message_parameters(view=drawn.view, nonce=nonce, allowed_mentions=none, **files)


def _mark(nonce: str) -> int:
    """A component id that only this message's container has: 31 bits, above the ids Discord gives itself."""
    return int.from_bytes(hashlib.sha256(nonce.encode()).digest()[:4]) & 0x3FFF_FFFF | 0x4000_0000


@asynccontextmanager
async def _failures(timeout_s: float, *, may_have_been_posted: bool, is_edit: bool = False) -> AsyncIterator[None]:
    """Turn what the client raises into what became of the message."""
    lost = UnknownOutcome if may_have_been_posted else TransientFailure
    try:
        async with asyncio.timeout(timeout_s):
            yield
    except discord.RateLimited as exc:
        raise TransientFailure(_PROVIDER, "rate_limited", exc.retry_after) from exc
    except discord.DiscordServerError as exc:
        raise lost(_PROVIDER, str(exc.status)) from exc
    except discord.HTTPException as exc:
        raise _refusal(exc, is_edit) from exc
    except aiohttp.ClientConnectorError as exc:
        raise TransientFailure(_PROVIDER, "unreachable") from exc
    except (aiohttp.ClientError, OSError, TimeoutError) as exc:
        raise lost(_PROVIDER, type(exc).__name__) from exc


def _refusal(error: discord.HTTPException, is_edit: bool) -> TransientFailure | PermanentFailure:
    if error.status == 429:
        return TransientFailure(_PROVIDER, "429", float(error.response.headers.get("Retry-After", 5)))
    if is_edit and error.code in (_UNKNOWN_MESSAGE, _UNKNOWN_CHANNEL):
        return PermanentFailure(_PROVIDER, CARD_IS_GONE)
    if error.code == _UNKNOWN_CHANNEL:
        return PermanentFailure(_PROVIDER, CHANNEL_IS_GONE)
    return PermanentFailure(_PROVIDER, str(error.code or error.status))

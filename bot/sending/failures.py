"""What becomes of a message when Discord refuses, is away, or does not answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import discord

from domain.kernel.errors import PermanentFailure, TransientFailure, UnknownOutcome
from domain.outbox.service import CARD_IS_GONE, CHANNEL_IS_GONE, NOT_PERMITTED

PROVIDER = "discord"
UNKNOWN_MESSAGE, UNKNOWN_CHANNEL, NO_TEXT_CHANNEL = 10008, 10003, 50008
NO_ACCESS, NO_PERMISSION = 50001, 50013
WRONG_FORM = "50035"  # as a failure's code
THREAD_IS_ARCHIVED, THREAD_IS_LOCKED, HAS_THREAD_ALREADY = 50083, 160005, 160004


@asynccontextmanager
async def failures(timeout_s: float, *, may_have_been_posted: bool, is_edit: bool = False) -> AsyncIterator[None]:
    """Turn what the client raises in the block into what became of the message.

    Args:
        timeout_s: How long the block may take, waiting for rate limits included.
        may_have_been_posted: Whether a lost answer leaves the outcome unknown.
        is_edit: Whether an unknown message means that the card is gone.
    """
    lost = UnknownOutcome if may_have_been_posted else TransientFailure
    try:
        async with asyncio.timeout(timeout_s):
            yield
    except discord.RateLimited as exc:
        raise TransientFailure(PROVIDER, "rate_limited", exc.retry_after) from exc
    except discord.DiscordServerError as exc:
        raise lost(PROVIDER, str(exc.status)) from exc
    except discord.HTTPException as exc:
        raise _refusal(exc, is_edit) from exc
    except aiohttp.ClientConnectorError as exc:
        raise TransientFailure(PROVIDER, "unreachable") from exc
    except (aiohttp.ClientError, OSError, TimeoutError) as exc:
        raise lost(PROVIDER, type(exc).__name__) from exc


def _refusal(error: discord.HTTPException, is_edit: bool) -> TransientFailure | PermanentFailure:
    if error.status == 429:
        return TransientFailure(PROVIDER, "429", float(error.response.headers.get("Retry-After", 5)))
    if is_edit and error.code in (UNKNOWN_MESSAGE, UNKNOWN_CHANNEL):
        return PermanentFailure(PROVIDER, CARD_IS_GONE)
    if error.code == UNKNOWN_CHANNEL:
        return PermanentFailure(PROVIDER, CHANNEL_IS_GONE)
    if error.code in (NO_ACCESS, NO_PERMISSION):
        return PermanentFailure(PROVIDER, NOT_PERMITTED)
    return PermanentFailure(PROVIDER, str(error.code or error.status))

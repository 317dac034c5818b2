"""Turns what the SDK raises into the one thing a turn knows."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from agent.models.port import ModelUnavailable

_MOST_TOKENS = 1_000_000  # longer contexts do not exist; more would overflow the day's count


@asynccontextmanager
async def unavailable(timeout_s: float) -> AsyncIterator[None]:
    """Bound a call to the model, and name what went wrong in one word; the SDK's messages may hold the request."""
    import openai

    try:
        async with asyncio.timeout(timeout_s):
            yield
    except (TimeoutError, openai.APITimeoutError) as exc:
        raise ModelUnavailable("timeout" if _took_too_long(exc) else "unreachable") from None
    except openai.RateLimitError as exc:
        raise ModelUnavailable("overloaded", _retry_after_s(exc)) from None
    except openai.InternalServerError as exc:
        raise ModelUnavailable("overloaded", _retry_after_s(exc)) from None
    except openai.APIStatusError as exc:
        raise ModelUnavailable(f"refused_{exc.status_code}") from None
    except (openai.APIConnectionError, aiohttp.ClientError):
        raise ModelUnavailable("unreachable") from None  # what is no HTTP the transport does not translate
    except (openai.OpenAIError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise ModelUnavailable("garbled") from None  # an answer that is no answer, whatever the server says it is


def _took_too_long(exc: BaseException) -> bool:
    """Not so where the transport calls a connection that was refused or lost a timeout: its cause knows."""
    cause: BaseException | None = exc
    while cause is not None and not isinstance(cause, aiohttp.ClientConnectionError):
        cause = cause.__cause__
    return cause is None or isinstance(cause, TimeoutError)


def _retry_after_s(exc: object) -> float | None:
    headers = getattr(getattr(exc, "response", None), "headers", {})
    try:
        return min(60.0, max(0.0, float(headers.get("retry-after", ""))))
    except ValueError:
        return None


def tokens(value: object) -> int:
    """A count of tokens as a provider said it; nonsense counts as zero, and no count is higher than a call can be."""
    if isinstance(value, bool) or not isinstance(value, int):
        return 0
    return min(max(0, value), _MOST_TOKENS)

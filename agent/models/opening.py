"""Opens the SDK's client, as every call of the house goes out."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openai import AsyncOpenAI

_CONNECT_S = 5.0


def open_client(api_key: str, base_url: str | None, timeout_s: float, connect_s: float = _CONNECT_S) -> "AsyncOpenAI":
    """The SDK's client, without retries: a turn has its own time, and what failed is told, not repeated.

    Over aiohttp, which the house has anyway: a call takes a third of a millisecond less than over the SDK's own. What
    that transport raises otherwise than the SDK's own does is known to `failures`. Whoever opens it closes it.
    """
    from openai import AsyncOpenAI, DefaultAioHttpClient, Timeout  # takes a second to load: only with a key

    return AsyncOpenAI(
        api_key=api_key, base_url=base_url, max_retries=0, timeout=Timeout(timeout_s, connect=connect_s),
        http_client=DefaultAioHttpClient(),
    )  # fmt: skip

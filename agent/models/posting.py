"""One request through the SDK, without its typed bodies: turning them took more time than all of our own code."""

from typing import TYPE_CHECKING, Any

from agent.models.port import ModelUnavailable

if TYPE_CHECKING:
    from openai import AsyncOpenAI


async def post(client: "AsyncOpenAI", path: str, body: dict[str, Any], timeout_s: float) -> dict[str, Any]:
    """Send a JSON body and return the JSON object that comes back; the SDK adds key, address and its exceptions.

    Raises:
        ModelUnavailable: `garbled`: what came back is no JSON object, whatever its status claims.
    """
    found: object = await client.post(path, cast_to=object, body=body, options={"timeout": timeout_s})
    if not isinstance(found, dict):
        raise ModelUnavailable("garbled")
    return found

"""What the emulator needs from outside."""

from collections.abc import Mapping
from typing import Any, Protocol


class Referee(Protocol):
    """Judges everything that crosses the wire against Discord's own description.

    Route templates are spelled as the paths of the OpenAPI file, for example
    `/channels/{channel_id}/messages`. Bodies are decoded JSON (`None` for an empty body; for multipart,
    the decoded `payload_json`). A referee records what it finds or raises; it never changes a body.
    """

    def request(self, method: str, route_template: str, query: Mapping[str, str], body: Any) -> None:
        """Judge a request of the bot, before it is served."""
        ...

    def response(self, method: str, route_template: str, status: int, body: Any) -> None:
        """Judge an answer of the emulator, before it is sent."""
        ...

    def event(self, name: str, payload: Any) -> None:
        """Judge the `d` of a gateway dispatch, for example `INTERACTION_CREATE`, before it is sent."""
        ...

"""Points discord.py at another host: the sandbox's emulator."""

from collections.abc import Iterator
from contextlib import contextmanager

import yarl
from discord import asset, gateway, http, invite


@contextmanager
def point_discord_at(origin: str | None) -> Iterator[None]:
    """Send all of discord.py's traffic to `origin` until the block ends; None leaves it with Discord.

    Four class attributes are all it takes: every route, interaction callback and webhook is built from
    `Route.BASE` when it is called, and an unsharded client dials `DEFAULT_GATEWAY`. Process-wide, so one
    origin at a time.

    Args:
        origin: Scheme, host and port, e.g. `http://127.0.0.1:4000`.
    """
    if origin is None:
        yield
        return
    base = origin.rstrip("/")
    before = (
        http.Route.BASE, gateway.DiscordWebSocket.DEFAULT_GATEWAY, asset.Asset.BASE, invite.Invite.BASE
    )  # fmt: skip
    socket_url = yarl.URL(base).with_scheme("wss" if base.startswith("https") else "ws")
    try:
        http.Route.BASE = f"{base}/api/v10"
        gateway.DiscordWebSocket.DEFAULT_GATEWAY = socket_url / "gateway/"
        asset.Asset.BASE = f"{base}/cdn"
        invite.Invite.BASE = f"{base}/invite"
        yield
    finally:
        (http.Route.BASE, gateway.DiscordWebSocket.DEFAULT_GATEWAY, asset.Asset.BASE,
         invite.Invite.BASE) = before  # fmt: skip

"""The doctor's look at what is outside: Discord, and the port of the web server."""

import asyncio
import socket
from collections.abc import Mapping
from typing import Any

import aiohttp

from app.findings import Finding, Level
from app.settings import Settings
from app.settings_reader import EXAMPLES

_DISCORD = "https://discord.com"
_TIMEOUT_S = 8.0
_MESSAGE_CONTENT = 1 << 18 | 1 << 19  # granted, or limited to fewer than a hundred servers


async def discord_findings(settings: Settings) -> list[Finding]:
    """The token, Discord, and the port."""
    return [*await _discord(settings), await asyncio.to_thread(_port, settings)]


async def _discord(settings: Settings) -> list[Finding]:
    what = "GUILDHALL_DISCORD__TOKEN"
    if settings.discord.token is None:
        return [Finding(Level.MISSING, what, "not set", f"set it to {EXAMPLES[what]}")]
    origin = settings.discord.api_origin or _DISCORD
    headers = {"Authorization": f"Bot {settings.discord.token.get_secret_value()}"}
    try:
        timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(f"{origin}/api/v10/applications/@me", headers=headers) as answer,
        ):
            status = answer.status
            about = await answer.json(content_type=None) if status == 200 else {}
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as exc:
        found = f"{origin} cannot be reached ({type(exc).__name__})"
        return [Finding(Level.MISSING, "discord", found, "check the network, or GUILDHALL_DISCORD__API_ORIGIN")]
    if status == 200:
        return [Finding(Level.OK, "discord", f"{origin} knows the token: {about.get('name', '')}"), _intent(about)]
    if status == 401:
        remedy = "make a new one on the Bot page of your application"
        return [Finding(Level.MISSING, what, "Discord refuses it", remedy)]
    return [Finding(Level.WARNING, "discord", f"{origin} answers {status}", "try again in a minute")]


def _intent(about: Mapping[str, Any]) -> Finding:
    """Notes in clients' threads are read; Discord ends the connection of a bot that asks for this without having it."""
    what = "message content intent"
    if int(about.get("flags") or 0) & _MESSAGE_CONTENT:
        return Finding(Level.OK, what, "switched on")
    return Finding(
        Level.MISSING, what, "switched off", "switch on Message Content Intent on your application's Bot page"
    )


def _port(settings: Settings) -> Finding:
    what = "web server"
    address = f"{settings.web.host}:{settings.web.port}"
    try:
        with socket.create_server((settings.web.host, settings.web.port)):
            return Finding(Level.OK, what, f"{address} is free")
    except OSError as exc:
        return Finding(
            Level.WARNING, what, f"{address} is taken ({exc.strerror})",
            "fine if it is Guildhall itself; else set GUILDHALL_WEB__PORT",
        )  # fmt: skip

"""Reads a text as a Discord client shows it: mentions as names, time stamps as times."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo

from sandbox.discord.world import World

_MARK = re.compile(
    r"<@&(?P<role>\d+)>|<@!?(?P<user>\d+)>|<#(?P<channel>\d+)>|</(?P<command>[^:>]+):\d+>"
    r"|<t:(?P<stamp>-?\d+)(?::(?P<style>[tTdDfFR]))?>"
)
_FORMATS = {"t": "%H:%M", "T": "%H:%M:%S", "d": "%d/%m/%Y", "D": "%d %B %Y", "f": "%d %b %H:%M", "F": "%A %d %b %H:%M"}
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"))


def reader_of(world: World, zone: tzinfo) -> Callable[[str, datetime], str]:
    """Return a function that reads a text at an instant; what is not known stays as it was typed."""

    def read(text: str, at: datetime) -> str:
        return _MARK.sub(lambda mark: _shown(world, mark, at, zone) or mark[0], text)

    return read


def _shown(world: World, mark: re.Match[str], at: datetime, zone: tzinfo) -> str:
    if mark["stamp"]:
        return _time(datetime.fromtimestamp(int(mark["stamp"]), UTC), mark["style"] or "f", at, zone)
    if mark["command"]:
        return f"/{mark['command']}"
    if mark["user"]:
        user = world.users.get(int(mark["user"]))
        return f"@{user.display_name}" if user else ""
    if mark["channel"]:
        channel = world.channels.get(int(mark["channel"]))
        return f"#{channel.name}" if channel else ""
    found = (guild.roles.get(int(mark["role"])) for guild in world.guilds.values())
    return next((f"@{role.name}" for role in found if role), "")


def _time(instant: datetime, style: str, at: datetime, zone: tzinfo) -> str:
    if style != "R":
        return instant.astimezone(zone).strftime(_FORMATS[style])
    distance = _distance(abs(instant - at))
    if not distance:
        return "just now"
    return f"in {distance}" if instant >= at else f"{distance} ago"


def _distance(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{round(seconds / size)} {unit}"
    return ""

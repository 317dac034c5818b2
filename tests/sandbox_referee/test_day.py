"""A transcript that listens to the emulator tells the day as the people in it saw it."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from rich.console import Console

from sandbox.clock import ManualClock
from sandbox.discord import DiscordEmulator
from sandbox.transcript import Transcript

_MORNING = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)


@pytest.fixture
async def discord() -> AsyncIterator[DiscordEmulator]:
    async with DiscordEmulator(ManualClock(_MORNING)) as running:
        yield running


async def test_what_people_write_reads_like_the_channel(discord: DiscordEmulator) -> None:
    printed = io.StringIO()
    transcript = Transcript(Console(file=printed, width=100, color_system=None), UTC)
    ana = discord.add_person("ana")
    orders = discord.add_guild("Shop", ana).add_channel("orders")
    discord.on_event(transcript.show)
    message = await ana.send(orders, "Where is 4821?", [("proof.png", b"png")])
    await ana.edit(message, "Where is 4822?")
    await ana.react(message, "👀")
    await ana.delete(message)
    rows = [row.rstrip() for row in printed.getvalue().splitlines()]
    assert rows[0].startswith("#orders ──")
    assert rows[1:] == [
        "08:00 ana            Where is 4821?",
        "                     📎 proof.png",
        "08:00 ana            Where is 4822?",
        "                     📎 proof.png (edited)",
        "08:00 ana            reacted 👀",
        "08:00 ana            deleted: Where is 4822?",
    ]

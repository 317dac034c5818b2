"""The whole day of `guildhall sandbox`, with Discord's published description as referee where it is there."""

import asyncio
import io
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.console import Console

from app.sandbox_day import play_day
from sandbox.checks import Checks
from sandbox.discord.referee import OpenApiReferee
from tests.fixtures.discord_description import house_referee
from tests.fixtures.logs import logging_restored


@dataclass(frozen=True)
class Day:
    """A day that was played."""

    checks: Checks
    printed: str
    folder: Path
    referee: OpenApiReferee | None


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Day:
    printed, folder, referee = io.StringIO(), tmp_path_factory.mktemp("day"), house_referee()
    with logging_restored():
        checks = asyncio.run(play_day(folder, Console(file=printed, width=100), referee=referee))
    return Day(checks, printed.getvalue(), folder, referee)


def test_every_check_of_the_day_holds(day: Day) -> None:
    assert [f"{check.name}: {check.detail}" for check in day.checks.failed] == []
    assert len(day.checks.found) > 120


def test_the_day_reads_like_a_day_and_leaves_what_people_received(day: Day) -> None:
    assert "presses [Tomar]" in day.printed
    assert "#pedidos, only" in day.printed
    assert "WhatsApp Marta ──" in day.printed
    names = {path.name for path in day.folder.iterdir()}
    assert {"day.svg", "transcript", "payroll-1.csv", "close-2026-11-20.png"} <= names
    told = {path.name for path in (day.folder / "transcript").iterdir()}
    assert {"pedidos.txt", "whatsapp-marta.txt", "whatsapp-tom.txt", "whatsapp-élise.txt", "whatsapp-lucas.txt"} <= told
    assert (day.folder / "close-2026-11-20.png").read_bytes().startswith(b"\x89PNG")


def test_everything_the_day_asked_of_discord_is_as_described(day: Day) -> None:
    if day.referee is None:
        pytest.skip("discord-openapi.json is absent: set GUILDHALL_TEST_DATA to the folder that holds it")
    day.referee.assert_clean()

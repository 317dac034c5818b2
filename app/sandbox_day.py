"""`guildhall sandbox`: the house itself, opened against the emulated Discord, and a day played by its people."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import SecretStr
from rich.console import Console

from app.composition import Composition
from app.sandbox_books import check_house
from app.settings import DiscordSettings, LogFormat, LogLevel, LogSettings, Settings, WebSettings
from sandbox.checks import Checks
from sandbox.clock import ManualClock
from sandbox.company import evening, morning, work
from sandbox.company.people import Company, found_company
from sandbox.discord import ClientRefusal, DiscordEmulator
from sandbox.discord.ports import Referee
from sandbox.mentions import reader_of
from sandbox.transcript import Transcript

MADRID = ZoneInfo("Europe/Madrid")
FRIDAY_MORNING = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
_START_S = 30
Act = Callable[[Company], Awaitable[None]]
BEFORE_RESTART: tuple[Act, ...] = (morning.set_up, morning.bring_people_in, work.post_orders, work.race_for_an_order)
AFTER_RESTART: tuple[Act, ...] = (
    work.climb, work.change_of_plan, work.finish_orders, evening.look_at_earnings, evening.close_the_day,
    evening.run_payroll, evening.next_morning,
)  # fmt: skip


def play(*, keep: bool, out: Path) -> int:
    """Play the day; 0 when every check passed, 1 otherwise."""
    checks = asyncio.run(play_day(out, Console(width=100), keep=keep))
    return 1 if checks.failed else 0


async def play_day(out: Path, console: Console, *, keep: bool = False, referee: Referee | None = None) -> Checks:
    """Play the day, print it while it happens, save what people received; what was checked.

    Args:
        out: The folder for files, transcript and picture.
        console: Where the day is printed.
        keep: Stay open afterwards, until cancelled.
        referee: Judges everything that crosses the wire to Discord.
    """
    checks, clock = Checks(), ManualClock(FRIDAY_MORNING)
    with tempfile.TemporaryDirectory() as data_dir:
        async with DiscordEmulator(clock, referee) as discord:
            discord.ratelimits.enabled = False  # a day takes seconds here, and its people are no faster for it
            transcript = Transcript(console, MADRID, reader_of(discord.world, MADRID))
            discord.on_event(transcript.show)
            company = found_company(discord, clock, checks)
            settings = _settings(discord, Path(data_dir))
            async with _house(settings, clock):
                await _acts(company, BEFORE_RESTART)
            console.rule("the house is closed and opened again; the cards stay")
            async with _house(settings, clock) as house:
                await _acts(company, AFTER_RESTART)
                await check_house(house, discord, checks)
                transcript.flush()
                _save(company, transcript, out)
                _summarise(console, checks, out)
                if keep:
                    await _keep_open(console, discord, house)
    return checks


@asynccontextmanager
async def _house(settings: Settings, clock: ManualClock) -> AsyncIterator[Composition]:
    """The same composition root as `guildhall run`."""
    house = Composition(settings, clock=clock)
    running = asyncio.create_task(house.run())
    ready = asyncio.create_task(house.ready.wait())
    try:
        await asyncio.wait({running, ready}, timeout=_START_S, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            await running
        assert ready.done(), f"the house did not open within {_START_S} s"
        yield house
    finally:
        ready.cancel()
        house.stop()
        await running


async def _acts(company: Company, acts: tuple[Act, ...]) -> None:
    """Play act after act; one that cannot go on is a failed check, and the next is tried."""
    for act in acts:
        try:
            await act(company)
        except (ClientRefusal, TimeoutError, LookupError, AttributeError) as exc:
            company.checks.equal(f"act {act.__name__}: was played to its end", repr(exc), "done")


def _settings(discord: DiscordEmulator, data_dir: Path) -> Settings:
    return Settings(
        database_url=None,
        data_dir=data_dir,
        discord=DiscordSettings(token=SecretStr(discord.token), api_origin=discord.origin),
        web=WebSettings(port=0),
        log=LogSettings(level=LogLevel.ERROR, format=LogFormat.CONSOLE),
    )


def _save(company: Company, transcript: Transcript, out: Path) -> None:
    """Everything that people received, the transcript per channel, and the day as a picture."""
    out.mkdir(parents=True, exist_ok=True)
    for name, data in company.files.items():
        (out / name).write_bytes(data)
    transcript.save_text(out / "transcript")
    transcript.save_svg(out / "day.svg", "A day at Nova Boost", only=company.is_highlight)


def _summarise(console: Console, checks: Checks, out: Path) -> None:
    console.rule("what must hold")
    for check in checks.found:
        sign = "[green]✓[/]" if check.passed else "[red]✗[/]"
        console.print(f"{sign} {check.name}", highlight=False)
    for check in checks.failed:
        console.print(f"FAILED {check.name}: {check.detail}", style="red", markup=False)
    console.print(f"\nWhat people received is in {out}/: {', '.join(sorted(path.name for path in out.iterdir()))}")
    print(checks.last_line, flush=True)  # noqa: T201 - the one line that scripts read


async def _keep_open(console: Console, discord: DiscordEmulator, house: Composition) -> None:
    console.print(f"\nDiscord: {discord.origin}/api/v10   token: {discord.token}", markup=False, soft_wrap=True)
    health = f"http://127.0.0.1:{house.web_port}/readyz"
    console.print(f"Health:  {health}   database: {house.dsn}", markup=False, soft_wrap=True)
    console.print("Ctrl-C ends it.")
    await asyncio.Event().wait()

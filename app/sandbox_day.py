"""`guildhall sandbox`: the house itself, opened against the emulated world, and a day played by its people."""

import asyncio
import socket
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
from app.settings import (
    AgentSettings,
    DiscordSettings,
    LogFormat,
    LogLevel,
    LogSettings,
    MetaSettings,
    OpenAISettings,
    Settings,
    WebSettings,
)
from sandbox.checks import Checks
from sandbox.clock import ManualClock
from sandbox.company import asking, evening, helping, morning, tally, work
from sandbox.company.highlights import is_highlight
from sandbox.company.people import Company, World, found_company
from sandbox.discord import ClientRefusal, DiscordEmulator
from sandbox.discord.ports import Referee
from sandbox.mentions import reader_of
from sandbox.openai import OpenAIEmulator, SalesModel
from sandbox.transcript import Transcript
from sandbox.whatsapp import ClientRefusal as PhoneRefusal
from sandbox.whatsapp import VerificationRefused, WhatsAppEmulator

MADRID = ZoneInfo("Europe/Madrid")
FRIDAY_MORNING = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
_START_S = 30
_BREAKS_OFF = (ClientRefusal, PhoneRefusal, VerificationRefused, TimeoutError, LookupError, AttributeError)
_QUIET_S = 0.2  # people type fast here: real time passes until an answer, and little of it
Act = Callable[[Company], Awaitable[None]]
BEFORE_RESTART: tuple[Act, ...] = (
    morning.set_up, morning.connect_whatsapp, morning.bring_people_in, asking.marta_comes_from_an_ad,
    morning.hear_from_whatsapp, asking.two_ask_at_once, asking.lucas_speaks, asking.everything_comes_twice,
    helping.lucas_wants_a_person, helping.marta_agrees, work.post_orders, work.race_for_an_order,
)  # fmt: skip
WHILE_CLOSED: tuple[Act, ...] = (asking.write_to_a_closed_house,)
AFTER_RESTART: tuple[Act, ...] = (
    asking.answered_after_all, work.climb, work.change_of_plan, helping.olivia_answers_from_her_phone,
    asking.stop_and_start, asking.a_strange_name, work.finish_orders, evening.look_at_earnings,
    evening.close_the_day, evening.run_payroll, tally.look_back, evening.next_morning,
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
    checks = Checks()
    async with _outside(referee) as world:
        transcript = Transcript(console, MADRID, reader_of(world.discord.world, MADRID))
        world.discord.on_event(transcript.show)
        world.whatsapp.on_event(transcript.show_phone)
        company = found_company(world, checks)
        with tempfile.TemporaryDirectory() as data_dir:
            settings = _settings(world, Path(data_dir))
            async with _house(settings, world.clock):
                await _acts(company, BEFORE_RESTART)
            console.rule("the house is closed and opened again; the cards stay")
            await _acts(company, WHILE_CLOSED)
            async with _house(settings, world.clock) as house:
                await _acts(company, AFTER_RESTART)
                await check_house(house, world.discord, checks)
                transcript.flush()
                _save(company, transcript, out)
                _summarise(console, checks, out)
                if keep:
                    await _keep_open(console, company, house)
    return checks


@asynccontextmanager
async def _outside(referee: Referee | None) -> AsyncIterator[World]:
    """Discord, WhatsApp and OpenAI, each on loopback, at one time of day."""
    clock = ManualClock(FRIDAY_MORNING)
    async with (
        DiscordEmulator(clock, referee) as discord,
        WhatsAppEmulator(clock) as whatsapp,
        OpenAIEmulator(SalesModel(), clock) as openai,
    ):
        discord.ratelimits.enabled = False  # a day takes seconds here, and its people are no faster for it
        yield World(discord, whatsapp, openai, clock, f"http://127.0.0.1:{_free_port()}")


def _free_port() -> int:
    """A port that stays the house's when it is opened again, as the address that Meta was told does."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


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
        except _BREAKS_OFF as exc:
            company.checks.equal(f"act {act.__name__}: was played to its end", repr(exc), "done")


def _settings(world: World, data_dir: Path) -> Settings:
    discord, openai = world.discord, world.openai
    return Settings(
        database_url=None,
        data_dir=data_dir,
        discord=DiscordSettings(token=SecretStr(discord.token), api_origin=discord.origin),
        meta=MetaSettings(graph_origin=world.whatsapp.origin),
        openai=OpenAISettings(
            api_key=SecretStr(openai.api_key),
            base_url=openai.base_url,
            model=openai.model_name,
            transcription_model=openai.transcription_model_name,
        ),
        agent=AgentSettings(quiet_s=_QUIET_S, quiet_longest_s=5 * _QUIET_S),
        web=WebSettings(port=int(world.web_origin.rpartition(":")[2]), public_origin=world.web_origin),
        log=LogSettings(level=LogLevel.ERROR, format=LogFormat.CONSOLE),
    )


def _save(company: Company, transcript: Transcript, out: Path) -> None:
    """Everything that people received, the transcript per channel, and the day as a picture."""
    out.mkdir(parents=True, exist_ok=True)
    for name, data in company.files.items():
        (out / name).write_bytes(data)
    transcript.save_text(out / "transcript")
    transcript.save_svg(out / "day.svg", "A day at Nova Boost", only=is_highlight)


def _summarise(console: Console, checks: Checks, out: Path) -> None:
    console.rule("what must hold")
    for check in checks.found:
        sign = "[green]✓[/]" if check.passed else "[red]✗[/]"
        console.print(f"{sign} {check.name}", highlight=False)
    for check in checks.failed:
        console.print(f"FAILED {check.name}: {check.detail}", style="red", markup=False)
    console.print(f"\nWhat people received is in {out}/: {', '.join(sorted(path.name for path in out.iterdir()))}")
    print(checks.last_line, flush=True)  # noqa: T201 - the one line that scripts read


async def _keep_open(console: Console, company: Company, house: Composition) -> None:
    discord, clients = company.discord, company.clients
    for line in (
        f"Discord:  {discord.origin}/api/v10   token: {discord.token}",
        f"WhatsApp: {clients.whatsapp.origin}   number: {clients.number.phone_number_id}",
        f"OpenAI:   {company.openai.base_url}   key: {company.openai.api_key}",
        f"House:    {company.web_origin}/readyz   database: {house.dsn}",
        "Ctrl-C ends it.",
    ):
        console.print(line, markup=False, soft_wrap=True)
    await asyncio.Event().wait()

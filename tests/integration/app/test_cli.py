"""The command line as an operator meets it: real processes, an embedded database in a temporary folder."""

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.discord import DiscordEmulator
from sandbox.openai import OpenAIEmulator, SalesModel

ROOT = Path(__file__).parents[3]
CANARY = "canary-9c41d7"
LAZY = ("matplotlib", "openai", "hikari", "numpy", "pandas", "tortoise", "sandbox")


class Shell:
    """Runs `python -m app` in an empty folder, with only what a test sets."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._clean = {
            name: value for name, value in os.environ.items()
            if not name.startswith("GUILDHALL_") and name != "DATABASE_URL"
        }  # fmt: skip

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {
            **self._clean, "PYTHONPATH": str(ROOT), "GUILDHALL_WEB__PORT": "0", "COLUMNS": "200", **variables
        }  # fmt: skip
        return subprocess.run(
            [sys.executable, "-m", "app", *arguments],
            cwd=self.folder, env=environment, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A shell in a folder that has a migrated database."""
    shell = Shell(tmp_path_factory.mktemp("house"))
    done = shell.run("migrate")
    said = "Applied m0001_initial, m0002_whatsapp, m0003_accepting, m0004_unreachable. The schema is up to date.\n"
    assert (done.returncode, done.stdout) == (0, said), done.stderr
    return shell


def test_without_a_token_the_start_is_one_line_that_says_what_to_do(shell: Shell) -> None:
    done = shell.run("run")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "guildhall: GUILDHALL_DISCORD__TOKEN: missing; the bot and the worker need it to reach Discord. Example: "
        "GUILDHALL_DISCORD__TOKEN=<the token from the Bot page of your application on discord.com/developers>"
    ]


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"GUILDHALL_WEB__PORT": CANARY}, r"^guildhall: GUILDHALL_WEB__PORT: .* Example: GUILDHALL_WEB__PORT=8080$"),
        ({"DATABASE_URL": f"postgres:{CANARY}"}, r"^guildhall: DATABASE_URL: not the address of a PostgreSQL"),
        ({"DATABASE_URL": f"postgresql://u:{CANARY}@127.0.0.1:1/d"}, r"^guildhall: GUILDHALL_SECRET_KEYS: missing;"),
        ({"DATABASE_URL": f"postgresql://u:{CANARY}@127.0.0.1:1/d", "GUILDHALL_SECRET_KEYS": "MDEy" * 10 + "MDE="},
         r"^guildhall: DATABASE_URL: the server cannot be reached"),
        ({"GUILDHALL_SECRET_KEYS": CANARY}, r"^guildhall: GUILDHALL_SECRET_KEYS: sealing key 1 is not base64"),
        ({"GUILDHALL_DATA_DIR": "/dev/null/data"}, r"^guildhall: GUILDHALL_DATA_DIR: cannot be made"),
        ({"GUILDHALL_DISCORD__TOKEN": f"Bot {CANARY}"}, r"^guildhall: GUILDHALL_DISCORD__TOKEN: not a bot token"),
    ],
    ids=["port", "address", "no keys", "no server", "wrong key", "data folder", "token"],
)  # fmt: skip
def test_a_wrong_start_is_one_line_without_secrets(shell: Shell, variables: dict[str, str], says: str) -> None:
    done = shell.run("run", **{"GUILDHALL_DISCORD__TOKEN": "MTIz.abc.defghijkl", **variables})
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert re.search(says, done.stderr), done.stderr
    assert CANARY not in done.stdout + done.stderr


def test_the_doctor_names_what_is_missing_and_its_remedy(shell: Shell) -> None:
    done = shell.run("doctor", GUILDHALL_TOKEN=CANARY)
    assert done.returncode == 1
    assert re.search(r"missing +│ GUILDHALL_DISCORD__TOKEN +│ not set +│ set it to <the token", done.stdout)
    assert re.search(r"warning +│ GUILDHALL_TOKEN +│ is not a setting", done.stdout)
    assert re.search(r"note +│ GUILDHALL_SECRET_KEYS +│ not set: the first start makes data/sealing.key", done.stdout)
    assert re.search(r"note +│ database +│ embedded: made at the first start", done.stdout)
    assert CANARY not in done.stdout + done.stderr
    assert list(shell.folder.iterdir()) == [], "the doctor changes nothing"


def test_the_doctor_says_when_the_data_folder_cannot_be_made(shell: Shell) -> None:
    (shell.folder / "file").touch()
    done = shell.run("doctor", GUILDHALL_DATA_DIR="file/data")
    assert re.search(r"missing +│ database +│ embedded: cannot be made", done.stdout), done.stdout


@pytest.mark.parametrize("arguments", [("jobs", "replay", "9" * 21), ("sandbox", "--out", "file/out")])
def test_an_argument_that_cannot_be_is_refused_at_once(arguments: tuple[str, ...], shell: Shell) -> None:
    (shell.folder / "file").touch()
    done = shell.run(*arguments)
    assert done.returncode == 2
    assert "Invalid value" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_doctor_looks_at_the_database_and_says_when_discord_is_away(house: Shell) -> None:
    done = house.run(
        "doctor", GUILDHALL_DISCORD__TOKEN="MTIz.abc.def", GUILDHALL_DISCORD__API_ORIGIN="http://127.0.0.1:9"
    )
    assert done.returncode == 1
    for line in (r"ok +│ database +│ embedded: PostgreSQL 18", r"ok +│ schema +│ up to date",
                 r"ok +│ database role +│ owns nothing", r"ok +│ parked jobs +│ none",
                 r"missing +│ discord +│ http://127.0.0.1:9 cannot be reached"):  # fmt: skip
        assert re.search(line, done.stdout), done.stdout


async def test_the_doctor_asks_discord_whether_notes_may_be_read_and_the_provider_whether_it_knows_the_model(
    house: Shell,
) -> None:
    async with DiscordEmulator(granted_intents=0) as discord, OpenAIEmulator(SalesModel()) as openai:
        done = await asyncio.to_thread(
            house.run, "doctor", GUILDHALL_DISCORD__TOKEN=discord.token, GUILDHALL_DISCORD__API_ORIGIN=discord.origin,
            GUILDHALL_OPENAI__API_KEY=openai.api_key, GUILDHALL_OPENAI__BASE_URL=openai.base_url,
            GUILDHALL_OPENAI__MODEL="gpt-unheard-of",
        )  # fmt: skip
    assert done.returncode == 1
    for line in (r"ok +│ discord +│", r"missing +│ message content intent +│ switched off",
                 r"note +│ whatsapp +│ no number", r"warning +│ assistant +│ the provider does not list"):  # fmt: skip
        assert re.search(line, done.stdout), done.stdout
    assert openai.api_key not in done.stdout + done.stderr


def test_the_doctor_reports_a_wrong_setting_instead_of_stopping(shell: Shell) -> None:
    done = shell.run("doctor", GUILDHALL_WEB__PORT=CANARY)
    assert done.returncode == 1
    assert "GUILDHALL_WEB__PORT" in done.stdout
    assert CANARY not in done.stdout + done.stderr


def test_a_shop_is_founded_once_and_its_books_and_record_are_whole(house: Shell) -> None:
    assert house.run("tenant", "list").stdout == "There is no shop yet. /setup in Discord founds one.\n"
    options = ("--name", "Nova", "--guild-id", "5", "--owner-id", "7", "--zone", "Europe/Madrid", "--currency", "EUR")
    done = house.run("tenant", "create", *options, "--locale", "es")
    assert done.returncode == 0, done.stderr
    tenant_id = done.stdout.split()[0]
    listed = house.run("tenant", "list")
    assert (listed.returncode, tenant_id in listed.stdout) == (0, True)
    again = house.run("tenant", "create", *options)
    assert (again.returncode, len(again.stderr.splitlines())) == (1, 1)
    assert again.stderr.startswith("guildhall: ")
    assert "Traceback" not in again.stderr
    record = house.run("audit", "verify")
    assert (record.returncode, record.stdout) == (0, f"{tenant_id}  whole, 1 records\n")
    books = house.run("books", "check", "--tenant", tenant_id)
    assert (books.returncode, books.stdout) == (0, f"{tenant_id}  the books balance, 0 closes are whole\n")
    unknown = house.run("books", "check", "--tenant", "no-such-shop")
    assert (unknown.returncode, unknown.stderr.startswith("guildhall: --tenant: there is no shop")) == (2, True)


@pytest.mark.parametrize(
    ("option", "value"), [("--zone", "Mars/Olympus"), ("--currency", "XYZ"), ("--cutoff-hour", "24")]
)
def test_a_shop_with_a_wrong_value_is_refused_in_one_line(house: Shell, option: str, value: str) -> None:
    options = {"--name": "Bad", "--guild-id": "6", "--owner-id": "7", "--zone": "UTC", "--currency": "USD"}
    arguments = [part for pair in {**options, option: value}.items() for part in pair]
    done = house.run("tenant", "create", *arguments)
    assert (done.returncode, len(done.stderr.splitlines()), done.stdout) == (1, 1, "")


def test_no_jobs_are_parked_and_replaying_says_what_was_not(house: Shell) -> None:
    assert house.run("jobs", "parked").stdout == "0 parked.\n"
    assert house.run("jobs", "replay", "--all").stdout == "0 put back on the queue.\n"
    done = house.run("jobs", "replay", "41", "42")
    assert (done.returncode, done.stdout) == (1, "0 put back on the queue.\nNot parked: 41, 42.\n")
    assert house.run("jobs", "replay").returncode == 2


def test_migrating_twice_says_that_nothing_was_left_to_do(house: Shell) -> None:
    done = house.run("migrate")
    assert (done.returncode, done.stdout) == (0, "The schema is up to date.\n")


def test_heavy_libraries_are_not_imported_by_the_command_line_or_the_house() -> None:
    script = f"import sys, app.cli, app.running; print([name for name in {LAZY!r} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "[]\n"

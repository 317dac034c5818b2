"""What the wheel of the Dockerfile carries, and what the papers beside it promise."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import discord
import pytest

from app.settings_reader import EXAMPLES

ROOT = Path(__file__).parent.parent.parent
ROOMS = ("agent", "app", "bot", "channels", "domain", "migrations", "sandbox")


@pytest.fixture(scope="module")
def carried(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names in the wheel, built without a network by the build backend of this environment."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=60)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def files_of(*patterns: str) -> set[str]:
    found = {path for room in ROOMS for pattern in patterns for path in (ROOT / room).rglob(pattern)}
    return {path.relative_to(ROOT).as_posix() for path in found if path.is_file()}


def test_the_wheel_carries_every_module(carried: set[str]) -> None:
    assert files_of("*.py") - carried == set()


def test_the_wheel_carries_every_file_that_the_program_reads(carried: set[str]) -> None:
    data = files_of("*") - files_of("*.py", "*.pyc")
    assert data - carried == set()
    assert "migrations/sql/m0001/900_access.sql" in data
    assert "domain/i18n/catalogs/pt-BR/orders.toml" in data
    assert "sandbox/discord/deviations.json" in data


def test_the_wheel_carries_nothing_else(carried: set[str]) -> None:
    rooms = {name.split("/", 1)[0] for name in carried}
    assert {room for room in rooms if not room.endswith(".dist-info")} == set(ROOMS)
    assert not [name for name in carried if name.startswith((".env", "data/")) or name.endswith(".key")]


def test_the_wheel_brings_the_command(carried: set[str]) -> None:
    assert any(name.endswith(".dist-info/entry_points.txt") for name in carried)


@pytest.mark.parametrize("name", ["run", "dev"])
def test_the_lock_files_carry_hashes_and_name_no_host(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    assert "--hash=sha256:" in text
    assert not [
        line for line in text.splitlines() if "://" in line or line.lstrip().startswith(("-i", "--index", "-f"))
    ]


def test_the_invite_link_asks_for_the_permissions_that_the_readme_names() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    link = re.search(r"&permissions=(\d+)`", text)
    named = re.search(r"The permissions are: (.*?) \(", text)
    assert link is not None
    assert named is not None
    asked = {name.replace("_", " ") for name, is_asked in discord.Permissions(int(link[1])) if is_asked}
    # discord.py keeps an older name of this one.
    assert asked - {"read messages"} | {"view channels"} == set(re.split(r", | and ", named[1]))


@pytest.mark.parametrize("paper", ["docs/operations.md", ".env.example"])
def test_every_setting_is_explained(paper: str) -> None:
    text = (ROOT / paper).read_text(encoding="utf-8")
    assert [variable for variable in EXAMPLES if variable not in text] == []

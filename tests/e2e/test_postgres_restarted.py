"""PostgreSQL is restarted while five people work: each gets a clear answer, and nothing is done by halves."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio

from sandbox.discord import Person
from sandbox.discord.driver.reply import Reply
from tests.e2e.company import Company, actions, done, found_company, press
from tests.e2e.own_postgres import own_postgres, restart
from tests.e2e.world import World, eventually, open_world

pytestmark = pytest.mark.asyncio(loop_scope="module")
UNAVAILABLE = "database.unavailable"
UNKNOWN = "database.outcome_unknown"
SAVED = "database.saved_unseen"
ORDERS_EACH = 6


@dataclass
class Answers:
    """What people got, by the interaction's id."""

    replies: list[Reply] = field(default_factory=list)

    async def note(self, reply: Reply) -> Reply:
        self.replies.append(reply)
        return await done(reply)

    def saying(self, code: str) -> list[Reply]:
        return [reply for reply in self.replies if code in heard(reply)]


def heard(reply: Reply) -> str:
    """Everything a person read in answer to one press: refusals of a press come as a message of their own."""
    return "\n".join([reply.text, *(message.text for message in reply.followups)])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server() -> AsyncIterator[Any]:
    async with own_postgres() as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(server: Any, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with open_world(tmp_path_factory.mktemp("e2e"), server.get_uri()) as opened:
        yield opened


async def boost(company: Company, person: Person, codes: list[int], answers: Answers, stop: asyncio.Event) -> None:
    """Take orders and give them back, by the button and by the command, whatever the answers are."""
    while not stop.is_set():
        for code in codes:
            await answers.note(await claim(company, person, code))
            reason = {"code": code, "reason": "tired"}
            await answers.note(await person.slash(company.lobby, "order release", reason))


async def claim(company: Company, person: Person, code: int) -> Reply:
    """By the button; by the command when the last attempt to give it back was refused."""
    card = company.cards(code)[0]
    if "order.claim" in actions(card):
        return await press(person, card, "order.claim")
    return await person.slash(company.lobby, "claim", {"code": code})


async def dispatch(company: Company, answers: Answers, stop: asyncio.Event) -> None:
    """Write orders down and post them."""
    while not stop.is_set():
        opened = await company.diego.slash(company.lobby, "order new")
        if opened.modal is None:
            await answers.note(opened)
            continue
        reply = await answers.note(await drafted_from(company, opened))
        if reply.message is not None and "order.post" in actions(reply.message):
            await answers.note(await press(company.diego, reply, "order.post"))


async def drafted_from(company: Company, opened: Reply) -> Reply:
    return await company.diego.submit(opened, {"customer": "Kim", "start": "P4", "target": ["D1"]})


async def look(company: Company, answers: Answers, stop: asyncio.Event) -> None:
    """Look at orders and money."""
    while not stop.is_set():
        for words in ("order list", "payroll", "close"):
            await answers.note(await company.olivia.slash(company.lobby, words))


async def test_five_people_go_on_working_through_two_restarts_and_nothing_is_lost_halved_or_doubled(
    world: World, server: Any
) -> None:
    house = await world.start()
    company, answers, stop = await found_company(world), Answers(), asyncio.Event()
    boosters = (company.ana, company.bruno, company.carla)
    codes = {person: [(await company.order()).code for _ in range(ORDERS_EACH)] for person in boosters}
    await company.sound()

    people = [
        asyncio.create_task(each)
        for each in (
            *(boost(company, person, codes[person], answers, stop) for person in boosters),
            dispatch(company, answers, stop),
            look(company, answers, stop),
        )
    ]
    await asyncio.sleep(1)
    await restart(server, "immediate")
    await asyncio.sleep(1)
    await restart(server, "fast")
    await asyncio.sleep(1)
    stop.set()
    await asyncio.gather(*people)
    assert house.is_running
    await world.connect(world.dsn)

    assert [reply for reply in answers.replies if reply.failed] == []
    refused, unknown = answers.saying(UNAVAILABLE), answers.saying(UNKNOWN)
    changed = await changed_by(company)
    assert refused, "the restarts were noticed"
    assert [heard(reply) for reply in refused if changed.get(key(reply))] == [], "refused, but changed"
    assert [heard(reply) for reply in answers.saying(SAVED) if not changed.get(key(reply))] == [], "saved, but not so"
    assert [heard(reply) for reply in answers.saying("is yours") if changed.get(key(reply)) != 1] == []
    assert len(unknown) <= len(boosters) + 2, "at most one commit of each person was cut"
    await eventually(lambda: is_ready(world))
    await company.sound()
    order = await company.order()
    await done(await press(company.ana, await company.card(order.code), "order.claim"))
    await company.card(order.code, "Ana")
    await company.sound()


def key(reply: Reply) -> str:
    return f"discord:{reply.interaction.id}"


async def changed_by(company: Company) -> dict[str, int]:
    """How many changes of orders each command made."""
    sql = "SELECT command_key, count(*) FROM guildhall.order_events WHERE tenant_id = $1 GROUP BY 1"
    return dict(await company.world.rows(sql, company.tenant_id))


async def is_ready(world: World) -> bool:
    return (await (await world.house()).readyz())[0] == 200

"""Two complete processes share one inbox: nobody is answered twice, nothing is mirrored twice."""

import asyncio

import pytest

from tests.e2e.inbox import GREETING, Client, Inbox
from tests.e2e.two_doors import ANSWER, PATIENT, TwoDoors

pytestmark = pytest.mark.asyncio(loop_scope="module")
SETTINGS = PATIENT
PEOPLE_COUNT, EACH = 20, 10


async def test_two_hundred_messages_of_twenty_people_are_answered_and_mirrored_once_by_two_houses(
    doors: TwoDoors, inbox: Inbox
) -> None:
    houses = await asyncio.gather(doors.start(), doors.start(GUILDHALL_WEB__PORT="0"))
    urls = [inbox.url.replace(doors.web_origin, house.web_origin) for house in houses]
    clients = [inbox.client() for _ in range(PEOPLE_COUNT)]
    for number in range(EACH):
        for place, client in enumerate(clients):
            inbox.number.app.callback_url = urls[(number + place) % 2]
            await client.writes(f"Message {'abcdefghij'[number]}, how much is it please?")
        await asyncio.sleep(0.25)
    await inbox.sound()

    assert await inbox.count("messages", "direction = 'in'") == PEOPLE_COUNT * EACH
    assert len(inbox.threads()) == PEOPLE_COUNT == await inbox.count("conversations")
    for client in clients:
        await client.is_whole()
        await was_answered_by_the_rules(client)
    assert await both_worked(inbox) == 0


async def was_answered_by_the_rules(client: Client) -> None:
    """Each answer to messages that no earlier one answered, and the last one to all of them."""
    greeting, *answers = client.told()
    assert GREETING in greeting
    assert set(answers) == {ANSWER}
    conversation = await client.conversation()
    sql = """SELECT upto_position FROM guildhall.agent_turns WHERE tenant_id = $1 AND conversation_id = $2
             AND state = 'replied' ORDER BY number"""
    upto = [row["upto_position"] for row in await client.inbox.rows(sql, conversation["id"])]
    assert len(upto) == len(answers)
    assert upto == sorted(set(upto))
    assert upto[-1] == (await client.messages("in"))[-1]["position"]


async def both_worked(inbox: Inbox) -> int:
    """Jobs that nobody may take any more."""
    return int(await inbox.world.value("SELECT count(*) FROM guildhall.pgqueuer WHERE status = 'failed'"))

"""Graph and the model refuse, fail, crawl or hang: nothing is lost, and nobody waits longer than a turn for a word."""

import time
from collections.abc import Callable

import pytest

from domain.conversations.dto import Outgoing
from sandbox.whatsapp.faults import Fault
from tests.e2e.house import House
from tests.e2e.inbox import GREETING, Client, Inbox
from tests.e2e.test_messages_while_discord_is_away import hurried
from tests.e2e.two_doors import ANSWER, TwoDoors
from tests.e2e.world import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")
FIRST = "Hello, how much is it please?"
HANDED_OFF = "I cannot answer well right now."
TURN_S, QUIET_S, MARGIN_S = 10.0, 0.4, 15.0


@pytest.mark.parametrize("what", ["429", "no quota", "500", "slow", "never", "reset", "half", "html"])
async def test_a_model_that_fails_is_replaced_by_a_sentence_and_a_person_within_the_turn(
    doors: TwoDoors, inbox: Inbox, open_house: House, what: str
) -> None:
    assert open_house.is_running
    faults = doors.openai.faults
    {
        "429": lambda: faults.rate_limit(times=None),
        "no quota": lambda: faults.no_quota(times=None),
        "500": lambda: faults.fail(500, times=None),
        "slow": lambda: faults.slow(60, times=None),
        "never": lambda: faults.never(times=None),
        "reset": lambda: faults.reset(times=None),
        "half": lambda: faults.truncate(times=None),
        "html": lambda: faults.html(times=None),
    }[what]()
    client, started = inbox.client(), time.monotonic()
    await client.writes(FIRST)
    (said,) = await client.hears(1)
    assert time.monotonic() - started < QUIET_S + TURN_S + MARGIN_S
    assert GREETING in said
    assert HANDED_OFF in said
    await inbox.sound()
    assert (await client.conversation())["state"] == "human"
    assert await client.turns("handed_off") == 1
    assert len(client.told()) == 1
    assert "The assistant could not answer" in client.noticed()
    await client.is_whole()


@pytest.mark.parametrize("what", ["rate", "pair", "overloaded", "away"])
async def test_what_graph_refuses_for_a_while_leaves_in_order_when_it_takes_it(
    doors: TwoDoors, inbox: Inbox, open_house: House, what: str
) -> None:
    assert open_house.is_running
    client, faults = inbox.client(), doors.whatsapp.faults
    code = {"rate": 130429, "pair": 131056, "overloaded": 131016, "away": 2}[what]
    fault = faults.fail("messages", code, times=2)
    await client.writes(FIRST)
    await eventually(lambda: fault.caught_count)
    await hurried(doors, inbox)
    assert fault.caught_count == 2
    await client.was_answered_once()


@pytest.mark.parametrize(
    ("what", "has_status"),
    [("bare 500", True), ("reset", True), ("slow", True), ("never", True), ("lost", True), ("never", False)],
    ids=["a bare 500", "cut", "slow", "never", "lost", "never, and no status"],
)
async def test_an_answer_of_graph_that_never_came_is_made_up_for_by_a_status_or_by_sending_once_more(
    doors: TwoDoors, inbox: Inbox, open_house: House, what: str, has_status: bool
) -> None:
    assert open_house.is_running
    client, faults = inbox.client(), doors.whatsapp.faults
    if not has_status:
        doors.whatsapp.statuses.plan = ()
    failing: dict[str, Callable[[], Fault]] = {
        "bare 500": lambda: faults.answer("messages", 500),
        "reset": lambda: faults.reset("messages"),
        "slow": lambda: faults.slow("messages", 4.0, is_served=True),
        "never": lambda: faults.hold("messages", is_served=True),
        "lost": faults.lose_answer,
    }
    fault = failing[what]()
    await client.writes(FIRST)
    await eventually(lambda: fault.caught_count)
    await client.was_answered_once(doubled=int(not has_status))


async def test_an_outcome_that_stays_unknown_twice_is_told_in_the_thread_and_not_tried_for_ever(
    doors: TwoDoors, inbox: Inbox, open_house: House
) -> None:
    assert open_house.is_running
    client, fault = inbox.client(), doors.whatsapp.faults.reset("messages", times=2)
    await client.writes(FIRST)
    await eventually(lambda: fault.caught_count == 2)
    await hurried(doors, inbox, failed_count=1)
    assert client.told() == [ANSWER], "the greeting is lost, what comes after it is not"
    assert [row["state"] for row in await client.messages("out")] == ["failed", "read"]
    assert "⚠️" in client.mirrored()[1].text


async def test_an_expired_token_stops_the_number_alerts_and_a_new_one_sends_everything_in_order(
    doors: TwoDoors, inbox: Inbox, open_house: House
) -> None:
    assert open_house.is_running
    client, company = inbox.client(), inbox.company
    inbox.number.expire_token()
    await client.writes(FIRST)
    await eventually(lambda: is_stopped(inbox))
    for number in range(3):
        outgoing = Outgoing(f"We are at it, part {number}")
        conversation_id = (await client.conversation())["id"]
        await doors.services.conversations.reply(await company.actor(company.olivia), conversation_id, outgoing)
    await eventually(lambda: inbox.number.display in inbox.alerts())
    assert client.told() == []
    token = inbox.number.renew_token()
    await doors.services.channels.replace_token(await company.actor(company.olivia), inbox.account.id, token)
    await hurried(doors, inbox)
    assert [text[-10:] for text in client.told()[-3:]] == [f"it, part {number}" for number in range(3)]
    assert GREETING in client.told()[0]
    assert len(client.told()) == 5
    await client.is_whole()
    assert inbox.alerts().count(inbox.number.display) == 1


async def test_a_graph_that_refuses_connections_gets_everything_of_three_people_when_it_is_back(
    doors: TwoDoors, inbox: Inbox, open_house: House
) -> None:
    assert open_house.is_running
    clients: list[Client] = [inbox.client() for _ in range(3)]
    await doors.whatsapp.go_away()
    for client in clients:
        await client.writes(FIRST)
    await eventually(lambda: has_answers(inbox, 6))
    await doors.whatsapp.come_back()
    await hurried(doors, inbox)
    for client in clients:
        await client.was_answered_once()


async def is_stopped(inbox: Inbox) -> bool:
    return await inbox.count("channel_accounts", "state = 'stopped'") == 1


async def has_answers(inbox: Inbox, count: int) -> bool:
    return await inbox.count("messages", "direction = 'out'") == count

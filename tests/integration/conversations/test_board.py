"""The board of chats that wait for a person: who is on it, in which order, and when it is drawn anew."""

import asyncio
from datetime import timedelta

import pytest

from domain.conversations.board import Board
from domain.conversations.dto import Author, Outgoing
from domain.conversations.inbound import PhoneEcho, ReceivedRevoke
from domain.conversations.jobs import REFRESH_BOARD
from domain.conversations.settings import AgentChange
from domain.kernel.errors import PermissionDenied
from tests.fixtures.inbox import TRACE, Inbox


async def _board(inbox: Inbox) -> Board:
    found: Board = await inbox.conversations.board(inbox.shop.act("seller"))
    return found


async def _numbers(inbox: Inbox) -> list[int]:
    return [waiting.conversation.number for waiting in (await _board(inbox)).rows]


async def _writes(inbox: Inbox, number: int, text: str = "hola") -> None:
    wa_id = f"346001112{number:02}"
    await inbox.receive(inbox.message(text, wa_id=wa_id), lane=wa_id)


async def _cards(inbox: Inbox) -> int:
    return int(await inbox.value("SELECT count(*) FROM outbound_messages WHERE kind = 'conversation.board'"))


async def test_who_the_assistant_answers_waits_for_nobody(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    await inbox.answer(found)
    assert await _board(inbox) == Board((), 0)
    assert await inbox.jobs(REFRESH_BOARD) == 0


async def test_what_was_handed_over_waits_until_a_person_answers(inbox: Inbox) -> None:
    found = await inbox.receive("una persona, por favor")
    turn = await inbox.begin(found)
    handed_at = inbox.clock.now()
    await inbox.conversations.hand_off(turn, "asked_for_person", "Wants a person", "Voy a buscar a alguien.", TRACE)
    assert await inbox.jobs(REFRESH_BOARD) == 1
    inbox.clock.advance(timedelta(minutes=5))
    await inbox.receive("¿hola?")
    [waiting] = (await _board(inbox)).rows
    assert (waiting.since, waiting.conversation.handoff_reason) == (handed_at, "asked_for_person")
    await inbox.conversations.take_over(inbox.shop.act("seller"), found.id)
    [waiting] = (await _board(inbox)).rows
    assert waiting.conversation.owner_name == "Seller"  # somebody has it, and nobody has answered yet
    await inbox.conversations.reply(inbox.shop.act("seller"), found.id, Outgoing("Hola"))
    assert await _numbers(inbox) == []


async def test_who_writes_again_waits_since_the_first_message_nobody_answered(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    await inbox.conversations.reply(inbox.shop.act("seller"), found.id, Outgoing("Hola"))
    inbox.clock.advance(timedelta(minutes=1))
    asked_at = inbox.clock.now()
    await inbox.receive("¿cuánto cuesta?")
    inbox.clock.advance(timedelta(minutes=1))
    jobs = await inbox.jobs(REFRESH_BOARD)
    await inbox.receive("¿hola?")
    assert await inbox.jobs(REFRESH_BOARD) == jobs + 1
    assert [waiting.since for waiting in (await _board(inbox)).rows] == [asked_at]
    await inbox.receive(PhoneEcho(inbox.message("10 USD")))
    assert await _numbers(inbox) == []
    assert await inbox.jobs(REFRESH_BOARD) == jobs + 2


async def test_news_and_reactions_answer_nobody(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    await inbox.conversations.take_over(inbox.shop.act("seller"), found.id)
    async with inbox.db.tx(inbox.system) as tx:
        await inbox.conversations.say(tx, found.id, Outgoing("It is claimed."), Author.SYSTEM, "system")
    await inbox.conversations.put_reaction(
        inbox.shop.act("seller"), (await inbox.conversations.last_of_contact(inbox.shop.seller, found.id)).id, "👍"
    )
    assert await _numbers(inbox) == [1]


async def test_snoozed_closed_blocked_and_given_back_wait_no_more(inbox: Inbox) -> None:
    await inbox.conversations.change_settings(inbox.shop.act("owner"), AgentChange(is_on=False))
    for number in range(1, 5):
        await _writes(inbox, number)
    assert await _numbers(inbox) == [1, 2, 3, 4]
    ids = {one.conversation.number: one.conversation for one in (await _board(inbox)).rows}
    await inbox.conversations.snooze(inbox.shop.act("seller"), ids[1].id, inbox.until(2))
    await inbox.conversations.close(inbox.shop.act("seller"), ids[2].id)
    await inbox.services.contacts.block(inbox.shop.act("dispatcher"), ids[3].contact_id)
    assert await _numbers(inbox) == [4]
    inbox.clock.advance(timedelta(hours=2))
    await inbox.conversations.end_silences(inbox.tenant_id, "job:1")
    assert await _numbers(inbox) == [1, 4]
    await inbox.conversations.change_settings(inbox.shop.act("owner"), AgentChange(is_on=True))
    assert await _numbers(inbox) == []  # the assistant answers again
    await inbox.conversations.change_settings(inbox.shop.act("owner"), AgentChange(is_on=False))
    inbox.clock.advance(timedelta(days=7))
    assert await _numbers(inbox) == []


async def test_whatever_changes_who_waits_has_the_board_drawn(inbox: Inbox) -> None:
    act, asked = inbox.shop.act, inbox.message("¿hola?")
    found = await inbox.receive("hola")
    await inbox.conversations.take_over(act("seller"), found.id)
    await inbox.receive(asked)
    changes = (
        lambda: inbox.conversations.assign(act("seller"), found.id, None),
        lambda: inbox.conversations.snooze(act("seller"), found.id, inbox.until(1)),
        lambda: inbox.receive(ReceivedRevoke(asked.sender, "wamid.r", asked.provider_id, inbox.clock.now())),
        lambda: inbox.services.contacts.block(act("dispatcher"), found.contact_id),
        lambda: inbox.services.contacts.unblock(act("dispatcher"), found.contact_id),
        lambda: inbox.conversations.reply(act("seller"), found.id, Outgoing("Hola")),
        lambda: inbox.conversations.change_settings(act("owner"), AgentChange(is_on=False)),
        lambda: inbox.conversations.give_back(act("seller"), found.id),
        lambda: inbox.conversations.close(act("seller"), found.id),
    )
    for change in changes:
        before = await inbox.jobs(REFRESH_BOARD)
        await change()
        assert await inbox.jobs(REFRESH_BOARD) > before


async def test_who_waits_longest_stands_first_and_ten_are_shown(inbox: Inbox) -> None:
    await inbox.conversations.change_settings(inbox.shop.act("owner"), AgentChange(is_on=False))
    for number in range(12, 0, -1):
        await _writes(inbox, number)
        inbox.clock.advance(timedelta(seconds=10))
    await _writes(inbox, 12, "¿hola?")  # who asks again does not lose their place
    board = await _board(inbox)
    assert [waiting.conversation.number for waiting in board.rows] == list(range(1, 11))
    assert board.total_count == 12


async def test_board_is_begun_when_somebody_waits_and_then_drawn_once_for_many_changes(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    await inbox.conversations.refresh_board(inbox.tenant_id, "job:1")
    assert await _cards(inbox) == 0
    await inbox.conversations.take_over(inbox.shop.act("seller"), found.id)
    await asyncio.gather(*(inbox.conversations.refresh_board(inbox.tenant_id, f"job:{n}") for n in range(2, 8)))
    assert await _cards(inbox) == 1


@pytest.mark.parametrize("who", ["ana", "viewer"])
async def test_boosters_and_viewers_do_not_see_the_board(inbox: Inbox, who: str) -> None:
    with pytest.raises(PermissionDenied):
        await inbox.conversations.board(inbox.shop.act(who))
    with pytest.raises(PermissionDenied):
        await inbox.conversations.move_board(inbox.shop.act(who), 1)

"""Statuses without our id that come before the send's own answer: they move the outbox's row, too."""

import asyncio
from typing import Any

import pytest

from domain.conversations.dto import Conversation
from tests.fixtures.inbox import Inbox

REF = "wamid.out.1"


async def _told_before(inbox: Inbox, *statuses: str, **more: Any) -> Conversation:
    """An answer leaves of which the provider has said something already."""
    found = await inbox.receive("hola")
    await inbox.answer(found)
    await inbox.receive(*(inbox.status(status, REF, **more) for status in statuses))
    assert await inbox.value("SELECT count(*) FROM early_news") == 1
    await inbox.deliver(found)
    assert await inbox.value("SELECT count(*) FROM early_news") == 0
    return found


async def _states(inbox: Inbox) -> list[tuple[str, str | None]]:
    rows = await inbox.rows("SELECT state, error FROM outbound_messages WHERE channel = 'whatsapp' ORDER BY position")
    return [(row["state"], row["error"]) for row in rows]


@pytest.mark.parametrize(
    ("statuses", "row", "message"),
    [(["sent"], "sent", "sent"), (["delivered"], "delivered", "delivered"), (["read", "sent"], "read", "read"),
     (["sent", "delivered", "played"], "read", "played")],
)  # fmt: skip
async def test_both_rows_are_where_the_provider_says(
    inbox: Inbox, statuses: list[str], row: str, message: str
) -> None:  # fmt: skip
    found = await _told_before(inbox, *statuses)
    assert await _states(inbox) == [(row, None)]
    assert (await inbox.messages(found))[-1].state == message


async def test_a_refusal_fails_both_and_is_told_once(inbox: Inbox) -> None:
    found = await _told_before(inbox, "failed", errors=({"code": 131047, "title": "Re-engagement"},))
    assert await _states(inbox) == [("failed", "meta: 131047 Re-engagement")]
    assert (await inbox.messages(found))[-1].state == "failed"
    assert [note["reason"] for note in await inbox.notices("not_sent")] == ["window_closed"]


async def test_a_passing_refusal_is_sent_once_more_as_it_is_when_it_comes_later(inbox: Inbox) -> None:
    found = await _told_before(inbox, "failed", errors=({"code": 131016, "title": "Service unavailable"},))
    assert [state for state, _ in await _states(inbox)] == ["failed", "queued"]
    assert (await inbox.messages(found))[-1].state == "queued"
    assert await inbox.notices("not_sent") == []


async def test_the_number_of_a_refusal_is_tried_in_its_other_spelling(inbox: Inbox) -> None:
    found = await inbox.receive(inbox.message("olá", wa_id="5511987654321"))
    await inbox.answer(found)
    await inbox.receive(inbox.status("failed", REF, errors=({"code": 131026, "title": "Undeliverable"},)))
    assert [await inbox.deliver(found) for _ in range(2)] == [1, 1]
    assert [state for state, _ in await _states(inbox)] == ["failed", "sent"]
    content: Any = inbox.provider.sent[-1].content
    assert content.recipient == "551187654321"


async def test_what_says_less_does_not_set_back_what_came_before_it_without_our_id(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    await inbox.answer(found)
    await inbox.receive(inbox.status("read", REF))
    outbound_id = await inbox.value("SELECT id FROM outbound_messages WHERE channel = 'whatsapp'")
    await inbox.receive(inbox.status("delivered", REF, outbound_id=str(outbound_id)))
    assert (await inbox.messages(found))[-1].state == "read"
    assert await _states(inbox) == [("read", None)]


async def test_at_the_very_moment_of_the_answer_nothing_passes_by(inbox: Inbox) -> None:
    found = []
    for number in range(8):
        one = await inbox.receive(inbox.message("hola", wa_id=f"3460022{number:04}"), lane=str(number))
        await inbox.answer(one)
        found.append(one)
        await inbox.store(inbox.status("delivered", f"wamid.out.{number + 1}"), lane=f"s{number}", kind="status")
    await asyncio.gather(*(inbox.take(f"s{number}") for number in range(8)), *map(inbox.deliver, found))
    assert {state for state, _ in await _states(inbox)} == {"delivered"}

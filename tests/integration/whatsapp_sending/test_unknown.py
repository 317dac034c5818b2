"""Answers that are lost: nothing is sent twice blindly, and nothing stays unknown for ever."""

from datetime import timedelta

import pytest

from tests.integration.whatsapp_sending.harness import CANARY, Sending, texts


async def _lost(sending: Sending, kind: str) -> None:
    faults = sending.whatsapp.faults
    match kind:
        case "hung up after serving":
            faults.lose_answer()
        case "late":
            faults.slow("messages", 1.5, is_served=True)
            sending.lose_patience()
        case "reset":
            faults.reset("messages")
        case "garbage":
            faults.answer("messages", 200, b"\xff not json")
        case "no id":
            faults.answer("messages", 200, b'{"messages": []}')
        case "endless nesting":
            faults.answer("messages", 200, b"[" * 100_000)


@pytest.mark.parametrize("kind", ["hung up after serving", "late", "reset", "garbage", "no id", "endless nesting"])
async def test_without_a_readable_answer_the_outcome_is_unknown(sending: Sending, kind: str) -> None:
    chat = await sending.chat()
    await sending.say(chat, "once")
    await _lost(sending, kind)
    assert await sending.deliver(chat) == 0
    assert [state for state, _ in await sending.states(chat)] == ["unknown"]


async def test_a_status_within_the_grace_ends_it_and_nothing_is_sent_again(sending: Sending) -> None:
    chat = await sending.chat()
    await sending.say(chat, "once", "next")
    sending.whatsapp.faults.lose_answer()
    await sending.deliver(chat)
    assert await sending.deliver_after(chat, 30) == 0
    assert await sending.states(chat) == [("unknown", "meta: waiting_for_status"), ("queued", None)]
    await sending.status(chat, "delivered")
    assert await sending.deliver_after(chat, 40) == 1
    assert texts(chat) == ["once", "next"]


async def test_without_a_status_it_is_sent_once_more_after_the_grace(sending: Sending) -> None:
    chat = await sending.chat()
    await sending.say(chat, "once", "next")
    sending.whatsapp.faults.reset("messages")
    await sending.deliver(chat)
    assert await sending.deliver_after(chat, 59) == 0
    assert await sending.deliver_after(chat, 2) == 2
    assert texts(chat) == ["once", "next"]


async def test_after_an_hour_away_the_grace_begins_anew_because_statuses_could_not_come_in(sending: Sending) -> None:
    chat = await sending.chat()
    await sending.say(chat, "once")
    sending.whatsapp.faults.lose_answer()
    await sending.deliver(chat)
    sending.clock.advance(timedelta(hours=1))
    sending.open_house()
    assert await sending.deliver_after(chat, 30) == 0
    await sending.status(chat, "delivered")
    assert await sending.deliver_after(chat, 40) == 0
    assert texts(chat) == ["once"]


async def test_unknown_twice_is_failed_for_people_to_see_and_frees_the_chat(sending: Sending) -> None:
    chat = await sending.chat()
    await sending.say(chat, "once", "next")
    sending.whatsapp.faults.reset("messages", times=2)
    await sending.deliver(chat)
    assert await sending.deliver_after(chat, 61) == 0
    assert await sending.deliver_after(chat, 30) == 0, "the second attempt has a grace of its own"
    assert await sending.deliver_after(chat, 31) == 2
    assert await sending.states(chat) == [("failed", "meta: unknown_twice"), ("sent", None)]
    assert texts(chat) == ["next"]


async def test_a_crash_while_sending_again_counts_as_a_second_unknown(sending: Sending) -> None:
    chat = await sending.chat()
    await sending.say(chat, "once")
    sending.whatsapp.faults.reset("messages")
    await sending.deliver(chat)
    sending.clock.advance(timedelta(seconds=61))
    async with sending.db.tx(sending.actor) as tx:  # the second attempt died between its record and its answer
        await tx.run(
            "UPDATE outbound_messages SET state = 'sending', resent_count = 1, attempted_at = $1, unknown_since = $1",
            sending.clock.now(),
        )
    assert await sending.deliver_after(chat, 31) == 0
    assert await sending.deliver_after(chat, 30) == 1
    assert await sending.states(chat) == [("failed", "meta: unknown_twice")]


async def test_an_unreachable_graph_is_no_unknown_outcome_and_keeps_the_order(sending: Sending) -> None:
    chat = await sending.chat()
    await sending.say(chat, "one", "two")
    await sending.whatsapp.go_away()
    assert await sending.deliver(chat) == 0
    assert await sending.states(chat) == [("queued", "meta: unreachable"), ("queued", None)]
    await sending.whatsapp.come_back()
    assert await sending.deliver_after(chat, 60) == 2
    assert texts(chat) == ["one", "two"]


async def test_secrets_stand_in_no_log_line_and_no_error(sending: Sending, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    chat = await sending.chat()
    for kind in ("hung up after serving", "reset", "garbage"):
        await sending.say(chat, kind)
        await _lost(sending, kind)
        await sending.deliver(chat)
        sending.whatsapp.faults.clear()
        await sending.status(chat, "sent")
    await sending.say(chat, "refused")
    sending.whatsapp.faults.fail("messages", 100)
    await sending.deliver(chat)
    shown = (
        caplog.text
        + str(await sending.states(chat))
        + repr(await sending.channels.credentials(sending.actor, sending.account.id))
    )
    assert CANARY not in shown

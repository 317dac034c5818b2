"""Each conversation has one thread, whatever happens on the way."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from domain.conversations.dto import Outgoing
from domain.conversations.jobs import REFRESH_CARDS
from domain.conversations.service import AgentChange
from domain.kernel.roles import Role
from domain.leads.dto import Stage
from sandbox.discord import Channel
from tests.fixtures.inbox import TRACE
from tests.integration.bot_inbox.desk import Desk, texts


def threads(desk: Desk) -> list[Channel]:
    return list(desk.stage.guild.threads())


async def test_the_first_message_makes_a_forum_post_named_by_facts_with_the_card_first(desk: Desk) -> None:
    conversation, thread = await desk.shown("hola", "precio?")
    assert thread.name == f"C-{conversation.number} · Marta · New"
    assert [text.splitlines()[0] for text in texts(thread)] == [f"### C-{conversation.number} · Marta", *[
        texts(thread)[i].splitlines()[0] for i in (1, 2)]]  # fmt: skip
    assert "hola" in texts(thread)[1]
    assert "precio?" in texts(thread)[2]
    assert thread.parent is desk.home
    assert thread.thread is not None
    tags = {tag.id: tag.name for tag in desk.home.tags}
    assert [tags[tag_id] for tag_id in thread.thread.tag_ids] == ["assistant", "New"]


async def test_tags_that_are_made_anew_at_this_very_moment_cost_no_message(desk: Desk) -> None:
    await desk.shown("hola")
    http = desk.stage.bot.http
    read, before = http.get_channel, [tag.id for tag in desk.home.tags]

    async def changed_after_reading(channel_id: int) -> Any:
        found = await read(channel_id)
        for tag in desk.home.tags:
            tag.id = before[0] + 1000 + before.index(tag.id) if tag.id in before else tag.id
        return found

    http.get_channel = changed_after_reading  # type: ignore[method-assign,assignment]  # as another process would
    await desk.receive("Other", wa_id="34600999888")
    await desk.stage.deliver()
    assert len(threads(desk)) == 2
    tags = {tag.id: tag.name for tag in desk.home.tags}
    newest = threads(desk)[-1].thread
    assert newest is not None
    assert [tags[tag_id] for tag_id in newest.tag_ids] == ["assistant", "New"]
    assert any("Other" in text for text in texts(threads(desk)[-1]))


async def test_in_a_text_channel_the_thread_hangs_on_a_line(text_desk: Desk) -> None:
    conversation, thread = await text_desk.shown("hola")
    assert thread.parent is text_desk.home
    assert [message.text for message in text_desk.home.messages] == [f"### C-{conversation.number} · Marta · New"]
    assert len(texts(thread)) == 2
    await text_desk.shown("otra")
    assert len(texts(thread)) == 3
    assert len(threads(text_desk)) == 1


async def test_without_a_channel_messages_stand_in_the_log_below_whose_they_are(desk: Desk) -> None:
    desk.stage.guild.remove_channel(desk.home)
    conversation = await desk.receive("hola")
    await desk.stage.deliver()
    await desk.stage.deliver()
    lines = [text for text in texts(desk.log) if "hola" in text]
    assert len(lines) == 1
    assert lines[0].startswith(f"-# C-{conversation.number} · Marta")
    assert threads(desk) == []


async def test_many_messages_at_once_make_one_thread(desk: Desk) -> None:
    await desk.receive("1", "2", "3", "4")
    await asyncio.gather(*(desk.stage.deliver() for _ in range(4)))
    await desk.stage.deliver()
    assert len(threads(desk)) == 1


async def test_a_process_that_died_after_its_forum_post_leaves_one_thread(desk: Desk) -> None:
    await _die_at(desk, "/channels/*/threads")


async def test_a_process_that_died_after_opening_a_thread_on_a_line_leaves_one_thread(text_desk: Desk) -> None:
    await _die_at(text_desk, "/channels/*/messages/*/threads")
    assert len(text_desk.home.messages) == 1


async def test_a_process_that_died_before_opening_the_thread_on_its_line_leaves_one_line(text_desk: Desk) -> None:
    await _die_at(text_desk, "/channels/*/messages/*/threads", is_served=False)
    assert len(text_desk.home.messages) == 1


async def _die_at(desk: Desk, path: str, *, is_served: bool = True) -> None:
    hold = desk.stage.emulator.faults.hold("POST", path, is_served=is_served, times=1)
    conversation = await desk.receive("hola")
    dying = asyncio.create_task(desk.stage.deliver())
    await desk.stage.until(lambda: hold.caught_count == 1)
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    hold.release()
    desk.stage.clock.advance(timedelta(seconds=60))
    await _deliver_lane(desk, conversation.id)
    assert len(threads(desk)) == 1
    assert [text for text in texts(threads(desk)[0]) if "hola" in text] != []


async def _deliver_lane(desk: Desk, conversation_id: object) -> None:
    lane = f"conversation:{conversation_id}"
    await desk.stage.outbox.deliver_lane(await desk.stage.tenant_id(), lane, "again")


async def test_a_lost_answer_to_the_post_makes_no_second_thread(desk: Desk) -> None:
    hold = desk.stage.emulator.faults.hold("POST", "/channels/*/threads", is_served=True, times=1)
    sender = desk.stage.sender
    sender._calls.timeout_s = 0.3
    conversation = await desk.receive("hola")
    await desk.stage.deliver()
    hold.release()
    sender._calls.timeout_s = 20
    desk.stage.clock.advance(timedelta(seconds=60))
    await _deliver_lane(desk, conversation.id)
    assert len(threads(desk)) == 1
    assert sum("hola" in text for text in texts(threads(desk)[0])) == 1


async def test_a_deleted_thread_is_made_anew(desk: Desk) -> None:
    conversation, thread = await desk.shown("hola")
    desk.stage.guild.remove_channel(thread)
    await desk.receive("sigo aquí")
    await desk.stage.deliver()
    await desk.stage.deliver()
    new = await desk.thread(conversation)
    assert new is not thread
    assert any("sigo aquí" in text for text in texts(new))
    assert texts(new)[0].startswith(f"### C-{conversation.number}")


async def test_an_archived_and_a_locked_thread_are_opened_by_what_is_posted(desk: Desk) -> None:
    _, thread = await desk.shown("hola")
    assert thread.thread is not None
    for is_locked in (False, True):
        thread.thread.archived, thread.thread.locked = True, is_locked
        await desk.shown("más")
        assert not thread.thread.archived
    assert sum("más" in text for text in texts(thread)) == 2


async def test_a_deleted_card_is_posted_again_in_the_same_thread(desk: Desk) -> None:
    conversation, thread = await desk.shown("hola")
    desk.stage.emulator.world.posting.delete(thread.messages[0])
    await desk.shown("más")
    assert await desk.thread(conversation) is thread
    assert sum(text.startswith(f"### C-{conversation.number}") for text in texts(thread)) == 1


async def test_a_name_that_may_not_change_holds_nothing_up_and_changes_later(desk: Desk) -> None:
    conversation, thread = await desk.shown("hola")
    before = thread.name
    desk.stage.emulator.faults.fail("PATCH", f"/channels/{thread.id}", 429, headers={"Retry-After": "500"})
    await desk.conversations.take_over(await desk.seller(), conversation.id)
    async with asyncio.timeout(60):
        await desk.stage.deliver()
    assert thread.name == before
    assert "A person answers" in texts(thread)[0]
    desk.stage.emulator.faults.clear()
    desk.stage.sender._conversations._naming._not_before_s.clear()
    await desk.conversations.assign(await desk.seller(), conversation.id, None)
    await desk.stage.deliver()
    assert thread.name == f"C-{conversation.number} · Marta · New · 👤"


async def test_an_unchanged_name_is_not_sent_again(desk: Desk) -> None:
    await desk.shown("hola")
    await desk.shown("más")
    requests = desk.stage.emulator.rest.requests
    assert [r for r in requests if r.method == "PATCH" and "name" in (r.body or {})] == []


async def test_a_hand_off_calls_the_sellers_and_nobody_else(desk: Desk) -> None:
    name = "Marta @everyone <@&1>"
    conversation, thread = await desk.shown("hola @everyone", name=name)
    desk.stage.clock.advance(timedelta(seconds=3))
    turn = await desk.conversations.begin_turn(await desk.stage.tenant_id(), conversation.id, "job:1")
    await desk.conversations.hand_off(turn, "asked_for_person", "Wants @everyone now", "A person answers.", TRACE)
    await desk.stage.deliver()
    roles = await desk.stage.services.tenancy.roles(await desk.stage.as_owner())
    called = [message for message in thread.messages if message.mention_role_ids]
    assert [message.mention_role_ids for message in called] == [[roles[Role.SELLER]]]
    assert not any(message.mention_everyone or message.mention_ids for message in thread.messages)
    assert "asked for a person" in called[0].text


@pytest.mark.parametrize("what", ["stage", "assign", "tag", "wish", "order"])
async def test_what_happens_to_the_lead_is_seen_in_the_thread_at_once(desk: Desk, what: str) -> None:
    conversation, thread = await desk.shown("hola")
    leads, seller = desk.stage.services.leads, await desk.seller()
    match what:
        case "stage":
            await leads.set_stage(seller, 1, Stage.INTERESTED)
        case "assign":
            await leads.assign(seller, 1, seller.member_id, seller.roles)
        case "tag":
            await leads.tag(seller, 1, "vip")
        case "wish":
            await leads.update_wish(seller, conversation.contact_id, "climb", "D2", "D1")
        case "order":
            async with desk.stage.db.tx(await desk.system()) as tx:
                await leads.order_posted(tx, conversation.contact_id)
    sql = "SELECT count(*) FROM outbound_messages WHERE kind = 'conversation.card' AND state = 'queued'"
    async with desk.stage.db.tx(await desk.system()) as tx:
        assert await tx.value(sql) == 1
    await desk.stage.deliver()
    stage = {"stage": "Interested", "order": "Won"}.get(what, "New")
    assert stage in thread.messages[0].text
    assert thread.name == f"C-{conversation.number} · Marta · {stage}"


async def test_a_leads_card_leads_to_the_thread_once_there_is_one(desk: Desk) -> None:
    _, thread = await desk.shown("hola")
    await desk.stage.deliver()
    assert len(desk.leads.messages) == 1
    assert f"<#{thread.id}>" in desk.leads.messages[0].text


async def test_a_lead_and_its_conversation_changed_at_once_do_not_lock_each_other_out(desk: Desk) -> None:
    conversation, _ = await desk.shown("hola")
    leads, stages = desk.stage.services.leads, (Stage.CONTACTED, Stage.INTERESTED, Stage.NEGOTIATION)
    for number, stage in enumerate(stages):
        sellers = [await desk.seller() for _ in range(3)]
        await asyncio.gather(
            leads.set_stage(await desk.seller(), 1, stage),
            *(desk.conversations.reply(seller, conversation.id, Outgoing(f"{number}")) for seller in sellers),
            leads.update_wish(await desk.seller(), conversation.contact_id, f"wish {number}"),
        )
    assert (await leads.get(await desk.seller(), 1)).stage is Stage.NEGOTIATION


async def test_the_card_does_not_promise_an_assistant_that_is_switched_off(desk: Desk) -> None:
    await desk.stage.services.conversations.change_settings(await desk.stage.as_owner(), AgentChange(is_on=False))
    _, thread = await desk.shown("hola")
    assert "The assistant is switched off: only people answer" in thread.messages[0].text
    assert "The assistant answers" not in thread.messages[0].text


async def test_cards_that_stand_there_hear_of_the_switch_and_of_the_shops_language(desk: Desk) -> None:
    _, thread = await desk.shown("hola")
    lead = desk.leads.messages[0]

    async def redrawn() -> str:
        await desk.conversations.redraw_cards(await desk.stage.tenant_id(), "job")
        await desk.stage.deliver()
        return thread.messages[0].text

    await desk.slash(desk.stage.olivia, desk.stage.lobby, "agent off")
    assert await desk.jobs(REFRESH_CARDS) == 1
    assert "The assistant is switched off: only people answer" in await redrawn()
    await desk.slash(desk.stage.olivia, desk.stage.lobby, "agent on")
    assert await desk.jobs(REFRESH_CARDS) == 2
    assert "The assistant answers" in await redrawn()
    assert "New" in lead.text
    for _ in range(2):  # the same language again changes nothing
        setup = await desk.slash(desk.stage.olivia, desk.stage.lobby, "setup")
        shown = await desk.click(desk.stage.olivia, setup, "Checklist")
        step = await desk.click(desk.stage.olivia, shown, "Language")
        await desk.choose(desk.stage.olivia, step, "es", "v1:setup.locale")
        assert await desk.jobs(REFRESH_CARDS) == 3
    assert "Responde el asistente" in await redrawn()
    assert "Nuevo" in lead.text


async def test_the_card_does_not_promise_an_assistant_to_who_said_stop(desk: Desk) -> None:
    _, thread = await desk.shown("hola")
    assert "The assistant answers" in thread.messages[0].text
    await desk.shown("STOP")
    await desk.stage.deliver()
    assert "The assistant is silent here: only people answer" in thread.messages[0].text
    assert "The assistant answers" not in thread.messages[0].text

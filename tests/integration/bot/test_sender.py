"""The outbox's way to Discord, with Discord failing in every way it can."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.global_limit import GlobalLimit
from bot.sender import DiscordSender
from domain.kernel.actor import Actor
from domain.kernel.errors import PermanentFailure, TransientFailure, UnknownOutcome
from domain.kernel.ids import uuid7
from domain.outbox.dto import Outbound
from domain.outbox.kinds import Kind
from domain.outbox.setup_test import post_setup_test
from sandbox.discord import Channel, Message
from tests.integration.bot.harness import Stage


@pytest.fixture
async def log(shop_stage: Stage) -> Channel:
    return next(channel for channel in shop_stage.guild.channels.values() if channel.name == "log")


async def notice(stage: Stage, channel: Channel | None, **changes: object) -> Outbound:
    message = Outbound(
        id=uuid7(), tenant_id=await stage.tenant_id(), channel="discord", kind=Kind.SETUP_TEST, purpose=None,
        subject_id=None,
        params={"purpose": "log"}, channel_id=channel.id if channel else None, recipient_discord_id=None,
        recipient_member_id=None,
        recipient_locale=None, card=None, nonce=uuid7().hex[-25:], attempt_count=1, attempted_at=None,
    )  # fmt: skip
    return replace(message, **changes)  # type: ignore[arg-type]  # the tests name real fields


def texts(channel: Channel) -> list[str]:
    return [message.text for message in channel.messages]


TEXT = "### The bot can write here\nThis channel is for **log**. This was the test message of /setup."


async def test_a_notice_is_posted_without_mentions_and_its_place_is_returned(shop_stage: Stage, log: Channel) -> None:
    receipt = await shop_stage.sender.send(await notice(shop_stage, log))
    assert texts(log) == [TEXT]
    assert (receipt.channel_id, receipt.message_id) == (log.id, log.messages[0].id)


async def test_the_same_nonce_twice_posts_once(shop_stage: Stage, log: Channel) -> None:
    message = await notice(shop_stage, log)
    first = await shop_stage.sender.send(message)
    assert await shop_stage.sender.send(message) == first
    assert texts(log) == [TEXT]


async def test_a_direct_message_reaches_the_person(shop_stage: Stage) -> None:
    message = await notice(shop_stage, None, recipient_discord_id=shop_stage.olivia.id)
    await shop_stage.sender.send(message)
    assert [sent.text for sent in shop_stage.olivia.inbox] == [TEXT]


async def test_a_standing_card_is_edited_where_it_lives(shop_stage: Stage, log: Channel) -> None:
    receipt = await shop_stage.sender.send(await notice(shop_stage, log))
    card = (receipt.channel_id, receipt.message_id)
    edited = await notice(shop_stage, log, card=card, params={"purpose": "orders"})
    assert await shop_stage.sender.send(edited) == receipt
    assert texts(log) == [TEXT.replace("**log**", "**orders**")]


async def test_a_card_that_was_deleted_is_told_as_gone(shop_stage: Stage, log: Channel) -> None:
    receipt = await shop_stage.sender.send(await notice(shop_stage, log))
    posted = log.messages[0]
    shop_stage.emulator.world.posting.delete(posted)
    with pytest.raises(PermanentFailure, match="card_is_gone"):
        await shop_stage.sender.send(await notice(shop_stage, log, card=(receipt.channel_id, receipt.message_id)))


@pytest.mark.parametrize("code", [50013, 50001])
async def test_a_channel_the_bot_may_not_write_in_is_told_as_not_permitted(
    shop_stage: Stage, log: Channel, code: int
) -> None:
    shop_stage.emulator.faults.fail("POST", "/channels/*/messages", 403, times=1, code=code)
    with pytest.raises(PermanentFailure, match="not_permitted"):
        await shop_stage.sender.send(await notice(shop_stage, log))
    assert texts(log) == []


async def test_a_rate_limit_is_waited_out_by_the_client(shop_stage: Stage, log: Channel) -> None:
    shop_stage.emulator.faults.fail("POST", "/channels/*/messages", 429, times=1, headers={"Retry-After": "0.05"})
    await shop_stage.sender.send(await notice(shop_stage, log))
    assert texts(log) == [TEXT]


async def test_a_global_limit_ends_also_when_the_request_that_met_it_was_given_up(
    shop_stage: Stage, log: Channel
) -> None:
    assert isinstance(shop_stage.bot.http._global_over, GlobalLimit)
    shop_stage.bot.http._global_over = GlobalLimit(0.5)
    headers = {"Retry-After": "20", "X-RateLimit-Global": "true"}
    shop_stage.emulator.faults.fail("POST", "/channels/*/messages", 429, times=1, headers=headers)
    with pytest.raises(UnknownOutcome):
        await DiscordSender(shop_stage.bot, timeout_s=0.2).send(await notice(shop_stage, log))
    await DiscordSender(shop_stage.bot, timeout_s=3.0).send(await notice(shop_stage, log))
    assert texts(log) == [TEXT]


async def test_a_503_leaves_a_post_unknown_and_an_edit_to_be_repeated(shop_stage: Stage, log: Channel) -> None:
    shop_stage.emulator.faults.fail("POST", "/channels/*/messages", 503, times=1)
    with pytest.raises(UnknownOutcome):
        await shop_stage.sender.send(await notice(shop_stage, log))
    receipt = await shop_stage.sender.send(await notice(shop_stage, log))
    shop_stage.emulator.faults.fail("PATCH", "/channels/*/messages/*", 503, times=1)
    with pytest.raises(TransientFailure):
        await shop_stage.sender.send(await notice(shop_stage, log, card=(receipt.channel_id, receipt.message_id)))


@pytest.mark.logs_errors("discord.py logs each try to reconnect as an error")
async def test_discord_away_is_a_failure_that_may_be_tried_again(shop_stage: Stage, log: Channel) -> None:
    message = await notice(shop_stage, log)
    await shop_stage.emulator.go_away()
    with pytest.raises(TransientFailure):
        await shop_stage.sender.send(message)
    await shop_stage.emulator.come_back()
    assert texts(log) == []


async def test_reconcile_finds_the_message_that_was_posted_and_no_other(shop_stage: Stage, log: Channel) -> None:
    message = await notice(shop_stage, log)
    await shop_stage.sender.send(await notice(shop_stage, log))
    receipt = await shop_stage.sender.send(message)
    await shop_stage.sender.send(await notice(shop_stage, log))
    attempted_at = shop_stage.clock.now() - timedelta(seconds=5)
    found = await shop_stage.sender.reconcile(replace(message, attempted_at=attempted_at))
    assert found == receipt
    lost = await notice(shop_stage, log, attempted_at=attempted_at)
    assert await shop_stage.sender.reconcile(lost) is None


async def test_setup_messages_reach_their_channels_through_the_outbox(shop_stage: Stage) -> None:
    owner = await shop_stage.as_owner()
    assert await post_setup_test(shop_stage.db, shop_stage.clock, owner) == 4
    await shop_stage.deliver()
    posted = {c.name: len(c.messages) for c in shop_stage.guild.channels.values() if c.name != "lobby"}
    assert posted == {"orders": 1, "log": 1, "payroll": 1, "close": 1}
    async with shop_stage.db.tx(Actor.system(owner.tenant_id, "test", "k")) as tx:
        states = await tx.rows("SELECT DISTINCT state FROM outbound_messages WHERE tenant_id = $1", owner.tenant_id)
    assert [row["state"] for row in states] == ["sent"]


async def test_a_name_in_a_card_mentions_nobody(shop_stage: Stage, log: Channel) -> None:
    await shop_stage.sender.send(await notice(shop_stage, log))
    posted: Message = log.messages[0]
    assert (posted.mention_everyone, posted.mention_ids, posted.mention_role_ids) == (False, [], [])

"""With a new token what waited leaves at once, whoever gave it."""

import asyncio
from datetime import timedelta

import pytest

from app.metrics import HouseMetrics
from app.outbox_pump import OutboxPump
from domain.channels.jobs import FETCH_MEDIA
from domain.kernel.ids import uuid7
from domain.kernel.queue import enqueue
from sandbox.whatsapp import Phone
from tests.integration.whatsapp_sending.loop import Loop


@pytest.fixture
async def ana(loop: Loop) -> Phone:
    """A person who has just written to a number whose token then expired."""
    phone = loop.whatsapp.add_phone("34600111222", name="Ana")
    await phone.write(loop.number, "hola")
    await loop.run()
    loop.number.expire_token()
    await loop.say("uno", "dos")
    for _ in range(2):  # refused, then found stopped
        await loop.run()
        loop.clock.advance(timedelta(seconds=31))
    await loop.run()
    return phone


async def _renew(loop: Loop) -> None:
    [account] = await loop.services.channels.accounts(loop.actor)
    assert account.state == "stopped"
    await loop.services.channels.replace_token(loop.actor, account.id, loop.number.renew_token())


async def test_what_waited_for_the_number_is_due_at_once(loop: Loop, ana: Phone) -> None:
    await loop.run()
    assert ana.inbox == []
    await _renew(loop)
    await loop.run()
    assert [message.text for message in ana.inbox] == ["uno", "dos"]


async def test_what_the_provider_put_off_for_another_reason_keeps_its_time(loop: Loop, ana: Phone) -> None:
    async with loop.services.db.tx(loop.actor) as tx:
        await tx.run("UPDATE outbound_messages SET error = 'meta: 131056' WHERE channel = 'whatsapp'")
    await _renew(loop)
    await loop.run()
    assert ana.inbox == []


async def test_the_pump_of_the_process_that_is_told_does_not_wait_to_look(loop: Loop, ana: Phone) -> None:
    pump, stop = OutboxPump(loop.services.db, loop.outbox, HouseMetrics(), poll_s=60), asyncio.Event()
    running = asyncio.create_task(pump.run(stop))
    try:
        await asyncio.sleep(0.2)
        assert ana.inbox == []
        await _renew(loop)
        async with asyncio.timeout(5):
            while len(ana.inbox) < 2:  # noqa: ASYNC110 - a phone has no event to wait for
                await asyncio.sleep(0.02)
    finally:
        stop.set()
        await running


async def test_files_that_waited_for_the_number_are_fetched_at_once_and_nobody_elses(loop: Loop, ana: Phone) -> None:
    await ana.send_image(loop.number, b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + bytes(500) + b"\xff\xd9")
    await loop.run()
    waiting = (await loop.messages())[-1]
    async with loop.services.db.queue_tx() as tx:
        await tx.run("DELETE FROM pgqueuer WHERE entrypoint = 'media.fetch'")  # a worker takes it
    await loop.media.fetch(loop.shop.tenant.id, waiting.id, "job")
    async with loop.services.db.tx(loop.actor) as tx:
        await enqueue(tx, FETCH_MEDIA, {"message_id": str(uuid7())}, delay=timedelta(seconds=60))
    await _renew(loop)
    async with loop.services.db.queue_tx() as tx:
        sql = """SELECT convert_from(payload, 'UTF8')::jsonb ->> 'message_id' AS message_id FROM pgqueuer
                 WHERE entrypoint = 'media.fetch' AND execute_after <= now()"""
        assert [row["message_id"] for row in await tx.rows(sql)] == [str(waiting.id)]
        assert await tx.value("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'media.fetch'") == 2
    await loop.media.fetch(loop.shop.tenant.id, waiting.id, "job")
    media = (await loop.messages())[-1].media
    assert media is not None
    assert media.state == "stored"

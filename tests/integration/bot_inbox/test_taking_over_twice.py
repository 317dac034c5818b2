"""Take over pressed twice by one person: one notice, and a clear answer."""

import asyncio
from datetime import timedelta

from domain.kernel.roles import Role
from tests.integration.bot_inbox.desk import Desk, texts


def _notices(said: list[str]) -> list[str]:
    return [text for text in said if "answers now." in text]


async def test_the_second_press_says_that_it_is_theirs_already_and_until_when(desk: Desk) -> None:
    conversation, thread = await desk.shown("hola")
    first = await desk.click(desk.sole, thread.messages[0], "Take over")
    assert "You answer now." in first.text
    desk.stage.clock.advance(timedelta(hours=2))
    second = await desk.click(desk.sole, thread.messages[0], "Take over")
    until = desk.stage.clock.now() + timedelta(hours=24)
    assert f"You have it already, now until <t:{int(until.timestamp())}:f>" in second.text
    assert (await desk.again(conversation)).human_until == until
    await desk.stage.deliver()
    assert len(_notices(texts(thread))) == 1


async def test_two_presses_at_once_give_one_notice(desk: Desk) -> None:
    conversation, thread = await desk.shown("hola")
    taken = await asyncio.gather(
        *[desk.conversations.take_over(await desk.seller(), conversation.id) for _ in range(4)]
    )
    assert sorted(one.is_new for one in taken) == [False, False, False, True]
    await desk.stage.deliver()
    assert len(_notices(texts(thread))) == 1


async def test_another_person_takes_it_from_the_first_and_the_first_back_each_with_a_notice(desk: Desk) -> None:
    _, thread = await desk.shown("hola")
    mia = await desk.stage.join("mia", Role.SELLER)
    for who in (desk.sole, mia, desk.sole):
        assert "You answer now." in (await desk.click(who, thread.messages[0], "Take over")).text
    await desk.stage.deliver()
    assert len(_notices(texts(thread))) == 3


async def test_after_it_was_given_back_or_the_silence_was_over_it_is_taken_anew(desk: Desk) -> None:
    conversation, thread = await desk.shown("hola")
    take = desk.conversations.take_over
    assert (await take(await desk.seller(), conversation.id)).is_new
    await desk.conversations.give_back(await desk.seller(), conversation.id)
    assert (await take(await desk.seller(), conversation.id)).is_new
    desk.stage.clock.advance(timedelta(hours=25))
    assert (await take(await desk.seller(), conversation.id)).is_new
    await desk.stage.deliver()
    assert len(_notices(texts(thread))) == 3


async def test_what_the_assistant_handed_over_is_taken_with_a_notice(desk: Desk) -> None:
    conversation, thread = await desk.shown("hola")
    take = desk.conversations.take_over
    await take(await desk.seller(), conversation.id)
    system = await desk.system()
    async with desk.stage.db.tx(system) as tx:
        sql = "UPDATE conversations SET handoff_reason = 'media' WHERE id = $1"
        await tx.run(sql, conversation.id)
    assert (await take(await desk.seller(), conversation.id)).is_new
    await desk.stage.deliver()
    assert len(_notices(texts(thread))) == 2


async def test_who_takes_over_stands_on_the_lead_and_in_its_history(desk: Desk) -> None:
    _, thread = await desk.shown("hola")
    assert "nobody yet" in desk.leads.messages[0].text
    await desk.click(desk.sole, thread.messages[0], "Take over")
    await desk.stage.deliver()
    assert "🧑‍💼 Sole" in desk.leads.messages[0].text
    shown = await desk.slash(desk.sole, thread, "lead show", {"lead": 1})
    assert "Sole · owner: Sole" in shown.text

"""What staff types may be as long as Discord lets it be."""

from datetime import timedelta

from tests.integration.bot_inbox.desk import Desk, texts

LONG = "\n\n".join(f"Part {number} " + "word " * 60 for number in range(18)).strip()


async def test_a_text_as_long_as_an_option_may_be_goes_out_as_several_messages(desk: Desk) -> None:
    _, thread = await desk.shown("hola")
    reply = await desk.slash(desk.sole, thread, "conversation reply", {"text": LONG})
    assert reply.text.startswith("### C-1")
    await desk.stage.deliver()
    assert len(await desk.out()) == 2
    said = [text for text in texts(thread) if "Part" in text]
    assert ["Part 0 " in said[0], "Part 17 " in said[1]] == [True, True]


async def test_a_form_takes_what_discord_lets_into_it(desk: Desk) -> None:
    _, thread = await desk.shown("hola")
    opened = await desk.click(desk.sole, thread.messages[0], "Reply")
    await desk.submit(desk.sole, opened, {"text": "x" * 3990})
    assert await desk.out() == ["x" * 3990]


async def test_what_was_typed_outside_the_window_is_given_back_whole(desk: Desk) -> None:
    _, thread = await desk.shown("hola")
    desk.stage.clock.advance(timedelta(hours=25))
    reply = await desk.slash(desk.sole, thread, "conversation reply", {"text": LONG})
    assert reply.message is not None
    assert [file.bytes.decode() for file in reply.message.attachments] == [LONG]
    assert await desk.out() == []

"""Notices about the shop itself."""

from bot.render import Drawing, Drawn, ThreadFacts, draws
from bot.ui.cards import Tone, card
from domain.outbox.kinds import Kind


@draws(Kind.CHANNEL_MISSING)
async def channel_missing(drawing: Drawing) -> Drawn:
    """Said once per purpose in the log channel: it has no channel of its own."""
    read = drawing.reader
    purpose = read(f"purpose.{drawing.message.params['purpose']}")
    return Drawn(card(read("notice.channel_missing.title"), [read("notice.channel_missing.text", purpose=purpose)],
                      tone=Tone.WARNING))  # fmt: skip


@draws(Kind.CHANNEL_FORBIDDEN)
async def channel_forbidden(drawing: Drawing) -> Drawn:
    """Discord lets the bot write no more in a channel: what is not shown, why, and what to do."""
    read, params = drawing.reader, drawing.message.params
    key = f"notice.channel_forbidden.what.{params['purpose']}"
    what = read(key if read.has(key) else "notice.channel_forbidden.what.other")
    text = read("notice.channel_forbidden.text", what=what, channel=f"<#{params['channel_id']}>")
    return Drawn(card(read("notice.channel_forbidden.title"), [text], tone=Tone.DANGER))


@draws(Kind.SETUP_TEST)
async def setup_test(drawing: Drawing) -> Drawn:
    """The first message of a new shop in one of its channels."""
    read = drawing.reader
    purpose = read(f"purpose.{drawing.message.params['purpose']}")
    title = read("notice.setup_test.title")
    return Drawn(card(title, [read("notice.setup_test.text", purpose=purpose)], tone=Tone.GOOD),
                 thread=ThreadFacts(title))  # fmt: skip

"""Notices about the people who work here."""

from datetime import datetime

from bot.render import Drawing, Drawn, draws
from bot.ui.cards import Tone, card
from bot.ui.text import plain
from domain.outbox.kinds import Kind


@draws(Kind.PAYOUT_CHANGED)
async def payout_changed(drawing: Drawing) -> Drawn:
    """To an owner: a payout address changed, and is held for a while."""
    read, params = drawing.reader, drawing.message.params
    usable_at = datetime.fromisoformat(str(params["usable_at"]))
    text = read("notice.payout_changed.text", member=plain(str(params["member"])), when=usable_at)
    return Drawn(card(read("notice.payout_changed.title"), [text], tone=Tone.WARNING))

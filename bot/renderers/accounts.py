"""What the shop hears about its WhatsApp numbers."""

from bot.render import Drawing, Drawn, draws
from bot.ui.cards import Tone, card
from bot.ui.text import plain
from domain.outbox.kinds import Kind

_KNOWN = ("stopped", "refused", "unknown_item", "failed_item", "account_news")


@draws(Kind.CHANNEL_ALERT)
async def channel_alert(drawing: Drawing) -> Drawn:
    """A number does not work as it should, and somebody has to act."""
    read, params = drawing.reader, drawing.message.params
    what = str(params.get("what", ""))
    key = what if what in _KNOWN else "other"
    phone = plain(str(params.get("phone") or "–"), 40)
    lines = [read(f"channel.alert.{key}", phone=phone)]
    if params.get("detail"):
        lines.append(f"> {plain(str(params['detail']), 300)}")
    return Drawn(card(read("channel.alert.title"), lines, tone=Tone.DANGER if key == "stopped" else Tone.WARNING))

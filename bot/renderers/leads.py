"""The card of a lead in the leads channel."""

from bot.render import Drawing, Drawn, draws
from bot.renderers.channels import is_own_channel
from bot.ui.lead_card import lead_card, lead_line
from domain.outbox.kinds import Kind
from domain.tenancy.dto import Purpose


@draws(Kind.LEAD_CARD)
async def lead(drawing: Drawing) -> Drawn | None:
    """The lead as it is now; in the log, where there is no leads channel, one line without a person's words."""
    assert drawing.message.subject_id is not None, "a card is about a lead"
    found = await drawing.services.leads.get(drawing.actor, drawing.message.subject_id)
    if not await is_own_channel(drawing, Purpose.LEADS):
        return Drawn(lead_line(drawing.reader, found))
    return Drawn(lead_card(drawing.reader, found))

"""What the close channel hears."""

from datetime import date

from bot.render import Drawing, Drawn, draws
from bot.renderers.channels import is_own_channel
from bot.ui.close_cards import posted_card, reminder_card
from bot.ui.close_files import chart_file, lines_file
from bot.ui.sheets import ROWS_A_PAGE
from domain.outbox.kinds import Kind
from domain.tenancy.dto import Purpose


@draws(Kind.DAY_CLOSED)
async def day_closed(drawing: Drawing) -> Drawn:
    """A Z with its chart; long days bring every line as a file."""
    read = drawing.reader
    closed = await drawing.services.closing.get(drawing.actor, int(drawing.message.params["number"]))
    if not await is_own_channel(drawing, Purpose.CLOSE):
        return Drawn(posted_card(read, closed, shows_money=False, has_file=False))
    has_file = len(closed.report.lines) > ROWS_A_PAGE
    files = [await chart_file(read, closed.report)]
    if has_file:
        files.append(lines_file(read, closed.report))
    return Drawn(posted_card(read, closed, shows_money=True, has_file=has_file), tuple(files))


@draws(Kind.CLOSE_REMINDER)
async def close_reminder(drawing: Drawing) -> Drawn | None:
    """A day with orders is not closed yet; nothing when somebody closed it meanwhile."""
    day = date.fromisoformat(str(drawing.message.params["business_on"]))
    report = await drawing.services.closing.preview(drawing.actor, day)
    return None if report.closed_number is not None else Drawn(reminder_card(drawing.reader, day))

"""Notices about work that does not get done."""

from datetime import timedelta

from babel.dates import format_timedelta

from bot.render import Drawing, Drawn, draws
from bot.ui.cards import Tone, card
from bot.ui.text import plain
from domain.outbox.kinds import Kind


@draws(Kind.JOB_PARKED)
async def job_parked(drawing: Drawing) -> Drawn:
    """A job failed too often and waits for an operator."""
    read, params = drawing.reader, drawing.message.params
    text = read("notice.job_parked.text", job=plain(str(params["job"])), job_id=plain(str(params["job_id"])))
    return Drawn(card(read("notice.job_parked.title"), [text], tone=Tone.DANGER))


@draws(Kind.QUEUE_STALLED)
async def queue_stalled(drawing: Drawing) -> Drawn:
    """Work is waiting longer than it should."""
    read, params = drawing.reader, drawing.message.params
    age = format_timedelta(timedelta(seconds=int(params["oldest_age_s"])), locale=read.locale.replace("-", "_"))
    text = read("notice.queue_stalled.text", age=age, count=int(params["waiting_count"]))
    return Drawn(card(read("notice.queue_stalled.title"), [text], tone=Tone.WARNING))

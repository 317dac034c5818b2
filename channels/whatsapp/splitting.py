"""What does not fit into one message, as several: one row of a conversation is one message of the provider."""

from dataclasses import replace

from channels.whatsapp import limits
from channels.whatsapp.markdown import split_text, to_whatsapp
from channels.whatsapp.media_types import CAPTIONED, sent_as
from domain.conversations.dto import Outgoing

_SPARE = 96  # marks that the conversion adds


def split_outgoing(outgoing: Outgoing) -> list[Outgoing]:
    """The same in messages that each fit; a list of itself when it fits as it is.

    Text is cut after paragraphs, lines or sentences. Options stay with the last piece, a quote with the first; a
    caption that is too long follows its file as text.
    """
    if outgoing.template is not None or outgoing.reaction is not None:
        return [outgoing]
    if outgoing.media_path:
        return _media(outgoing)
    if outgoing.options and fits(outgoing):
        return [outgoing]
    pieces = [replace(outgoing, text=text, options=(), list_label="", reply_to="") for text in _pieces(outgoing.text)]
    if outgoing.options:
        pieces = _with_options(pieces, outgoing)
    if pieces:
        pieces[0] = replace(pieces[0], reply_to=outgoing.reply_to)
    return pieces


def fits(outgoing: Outgoing) -> bool:
    """Whether it is one message of the provider: text, question with options, or caption."""
    shown = to_whatsapp(outgoing.text)
    if outgoing.options:
        asked = as_choice(shown, outgoing)
        return isinstance(asked, limits.Interactive) or len(asked.text) <= limits.TEXT
    return len(shown) <= (limits.CAPTION if outgoing.media_path else limits.TEXT)


def as_choice(shown: str, outgoing: Outgoing) -> limits.Interactive | limits.Numbered:
    """Buttons, a list, or numbered text."""
    options = [limits.Option(option.id, option.title, option.description) for option in outgoing.options]
    return limits.fit(shown, options, label=outgoing.list_label)


def _media(outgoing: Outgoing) -> list[Outgoing]:
    has_caption = sent_as(outgoing.media_mime) in CAPTIONED
    if not outgoing.text or (has_caption and fits(outgoing)):
        return [outgoing]
    file = replace(outgoing, text="")
    return [file, *(Outgoing(text=text) for text in _pieces(outgoing.text))]


def _with_options(pieces: list[Outgoing], outgoing: Outgoing) -> list[Outgoing]:
    last = replace(pieces[-1], options=outgoing.options, list_label=outgoing.list_label)
    if fits(last):
        return [*pieces[:-1], last]
    alone = as_choice("", outgoing)  # even the options alone are long: plain lines, cut like any text
    text = alone.text if isinstance(alone, limits.Numbered) else alone.body
    lines = [Outgoing(text=piece) for piece in _pieces(text)]
    lines[-1] = replace(lines[-1], options=())
    return [*pieces, *lines]


def _pieces(text: str) -> list[str]:
    """Markdown in pieces whose WhatsApp form fits; where the conversion makes one longer, it is cut again."""
    found: list[str] = []
    for piece in split_text(text, limits.TEXT - _SPARE):
        shown = to_whatsapp(piece)
        found += [piece] if len(shown) <= limits.TEXT else split_text(shown, limits.TEXT - _SPARE)
    return found

"""The part of the day that its picture shows: Marta's wish from the first word to the close, and Sofia's hand in it."""

from __future__ import annotations

from sandbox.transcript_lines import Line

_CHATS = ("WhatsApp Marta", "WhatsApp Lucas")
_THREADS = ("#C-1 ", "#C-4 ")
_CALLS = ("🙋", "🧾")


def is_highlight(line: Line) -> bool:
    """Whether a line of the transcript belongs into the picture of the day."""
    is_message = line.message_id is not None
    if ", only " in line.place:
        return False
    if line.channel in _CHATS or line.channel == "#cierre":
        return is_message and "/configurar" not in line.text
    if line.channel == "#pedidos":
        return "#1 ·" in line.text.partition("\n")[0]
    if line.channel.startswith(_THREADS):
        is_card = line.channel.startswith("#C-1") and line.text.startswith("### C-1") and not line.edit_count
        return is_card or line.who == "sofia" or (is_message and line.text.startswith(_CALLS))
    return False

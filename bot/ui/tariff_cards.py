"""Cards about tariffs."""

from collections.abc import Sequence

from bot.ui.cards import Card, Tone, card
from bot.ui.text import plain
from domain.i18n.reader import Reader
from domain.orders.dto import Tariff, TariffLine


def tariff_card(read: Reader, tariff: Tariff, games: Sequence[str]) -> Card:
    """A game's table, its version, and what the version applies to."""
    rows = [
        [line.division, read.format(line.price), read.format(line.margin), str(line.points)] for line in tariff.lines
    ]
    heads = [read(f"tariff.column.{name}") for name in ("division", "price", "margin", "points")]
    lines = [read("tariff.version", version=tariff.version), _table([heads, *rows])]
    others = [plain(game) for game in games if game != tariff.game]
    if others:
        lines.append(read("tariff.other_games", games=others))
    return card(read("tariff.title", game=plain(tariff.game)), lines, foot=read("tariff.applies"))


def set_card(read: Reader, tariff: Tariff, old: TariffLine | None, new: TariffLine | None) -> Card:
    """What a line was and is."""
    lines = []
    if old is not None:
        lines.append(read("tariff.set.before", line=_sentence(read, old)))
    if new is not None:
        lines.append(read("tariff.set.after", line=_sentence(read, new)))
    division = plain(new.division if new else "")
    title = read("tariff.set.title", division=division, game=plain(tariff.game), version=tariff.version)
    return card(title, lines, tone=Tone.GOOD, foot=read("tariff.applies"))


def _sentence(read: Reader, line: TariffLine) -> str:
    return read("tariff.line", price=line.price, margin=line.margin, points=line.points)


def _table(rows: Sequence[Sequence[str]]) -> str:
    """Columns aligned in a code block; a backtick in a name would end it."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    return "```\n" + "\n".join(lines)[:3500].replace("`", "'") + "\n```"

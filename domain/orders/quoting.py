"""What a climb costs: the sum of the divisions climbed through."""

from dataclasses import dataclass

from domain.kernel.errors import InvalidInput
from domain.kernel.money import Money
from domain.orders.dto import Tariff, TariffLine
from domain.orders.policy import plain_division


@dataclass(frozen=True, slots=True)
class Quote:
    """A climb with its price.

    Attributes:
        lines: The divisions climbed through, in the order of the climb; the last one is the target.
        total: The sum of their prices.
    """

    game: str
    start: str
    target: str
    lines: tuple[TariffLine, ...]
    total: Money


def quote(tariff: Tariff, start: str, target: str) -> Quote:
    """Sum the prices of the divisions above `start` up to and with `target`.

    A tariff lists divisions from the highest down. A start below its lowest division costs the whole way; it has
    to be a division we know, because a typo must not become a price.

    Raises:
        InvalidInput: `tariff.unknown_division`, or `tariff.no_climb` when the target is not above the start.
    """
    names = [line.division for line in tariff.lines]
    first = line_of(tariff, start, field="start")
    last = line_of(tariff, target, field="target")
    top, bottom = names.index(last.division), names.index(first.division)
    if top >= bottom:
        raise InvalidInput(
            "tariff.no_climb", field="target", start=plain_division(start), target=plain_division(target)
        )
    climbed = tuple(reversed(tariff.lines[top:bottom]))
    total = sum((line.price for line in climbed[1:]), climbed[0].price)
    return Quote(tariff.game, first.division, last.division, climbed, total)


def line_of(tariff: Tariff, division: str, *, field: str) -> TariffLine:
    """A division's line, matched trimmed and case-insensitively.

    Raises:
        InvalidInput: `tariff.unknown_division`, with the divisions there are; never an amount of 0.
    """
    wanted = plain_division(division)
    for line in tariff.lines:
        if line.division == wanted:
            return line
    known = [line.division for line in tariff.lines]
    raise InvalidInput("tariff.unknown_division", field=field, division=division.strip()[:40], divisions=known)

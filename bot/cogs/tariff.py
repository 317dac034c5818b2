"""/tariff: what a division costs, what the shop keeps, and what it counts in the ranking."""

from discord import app_commands

from bot.answers import Press
from bot.router import DoorCog
from bot.suggest import suggest
from bot.ui.tariff_cards import set_card, tariff_card
from bot.visit import Visit, enter
from bot.words import words
from domain.kernel.errors import InvalidInput, NotFound
from domain.kernel.money import parse_money
from domain.orders.dto import Tariff, TariffLine
from domain.orders.policy import plain_division
from domain.tenancy.policy import Permission, require

DEFAULT_POINTS = 2
_NOTHING = "-"
"""The value of a suggestion that only explains: it must not become a division or a game."""


class TariffCog(DoorCog):
    """Showing and changing tariffs."""

    tariff = app_commands.Group(
        name=words("command.tariff.name"), description=words("command.tariff.description"), guild_only=True
    )

    @tariff.command(name=words("command.tariff.list.name"), description=words("command.tariff.list.description"))
    @app_commands.rename(game=words("option.game.name"))
    @app_commands.describe(game=words("option.game.description"))
    async def list_lines(self, interaction: Press, game: str | None = None) -> None:
        """Show a game's tariff; without a name the shop's first game."""
        visit = await enter(interaction)
        tariff = await self.services.tariffs.current(visit.actor, game)
        games = await self.services.tariffs.games(visit.actor)
        await visit.show(tariff_card(visit.reader, tariff, games))

    @tariff.command(name=words("command.tariff.set.name"), description=words("command.tariff.set.description"))
    @app_commands.rename(
        division=words("option.division.name"), price=words("option.price.name"), margin=words("option.margin.name"),
        points=words("option.points.name"), game=words("option.game.name"),
    )  # fmt: skip
    @app_commands.describe(
        division=words("option.division.description"), price=words("option.price.description"),
        margin=words("option.margin.description"), points=words("option.points.description"),
        game=words("option.game.description"),
    )  # fmt: skip
    async def set_line(
        self, interaction: Press, division: str, price: str, margin: str,
        points: app_commands.Range[int, 0, 100_000] | None = None, game: str | None = None,
    ) -> None:  # fmt: skip
        """Set a division's line in a new version; points stay as they are when not given."""
        visit = await enter(interaction)
        require(visit.actor, Permission.TARIFF_CHANGE)
        if _NOTHING in (division.strip(), game):
            raise InvalidInput("text.required", field="division")
        tenant, before = await visit.tenant(), await self._before(visit, game)
        old = _line(before, division) if before else None
        if points is None:
            points = old.points if old else DEFAULT_POINTS
        named = game or (before.game if before else (await self.services.tariffs.games(visit.actor))[0])
        after = await self.services.tariffs.set_line(
            visit.actor, named, division,
            parse_money(price, tenant.currency, field="price"), parse_money(margin, tenant.currency, field="margin"),
            points,
        )  # fmt: skip
        await visit.show(set_card(visit.reader, after, old, _line(after, division)))

    @list_lines.autocomplete("game")
    @set_line.autocomplete("game")
    async def suggest_game(self, interaction: Press, typed: str) -> list[app_commands.Choice[str]]:
        """Games there are tariffs for."""

        async def search(visit: Visit) -> list[str]:
            games = await self.services.tariffs.games(visit.actor)
            return [game for game in games if typed.casefold() in game.casefold()]

        return await suggest(interaction, search, lambda _, game: (game, game), _NOTHING)

    @set_line.autocomplete("division")
    async def suggest_division(self, interaction: Press, typed: str) -> list[app_commands.Choice[str]]:
        """Divisions of the game that was chosen."""
        game = getattr(interaction.namespace, "game", None)

        async def search(visit: Visit) -> list[TariffLine]:
            tariff = await self._before(visit, game)
            lines = tariff.lines if tariff else ()
            return [line for line in lines if typed.strip().upper() in line.division]

        return await suggest(interaction, search, _division_label, _NOTHING)

    async def _before(self, visit: Visit, game: str | None) -> Tariff | None:
        try:
            return await self.services.tariffs.current(visit.actor, game)
        except NotFound:
            return None  # a game's first line makes its table


def _division_label(visit: Visit, line: TariffLine) -> tuple[str, str]:
    return f"{line.division} · {visit.reader.format(line.price)}", line.division


def _line(tariff: Tariff, division: str) -> TariffLine | None:
    wanted = plain_division(division)
    return next((line for line in tariff.lines if line.division == wanted), None)

"""Tariffs per game and division. A version never changes; a change makes the next one."""

from collections.abc import Sequence
from uuid import UUID

from domain.audit.service import record
from domain.kernel.actor import Actor
from domain.kernel.clock import Clock
from domain.kernel.db import Database, Row, Tx
from domain.kernel.errors import InvalidInput, NotFound
from domain.kernel.ids import uuid7
from domain.kernel.money import MAX_MINOR, Money
from domain.kernel.text import clean_name, clean_text
from domain.orders.dto import Tariff, TariffLine
from domain.orders.policy import plain_division
from domain.orders.quoting import Quote, quote
from domain.tenancy.dto import Tenant
from domain.tenancy.policy import Permission, require
from domain.tenancy.queries import tenant as read_tenant

DEFAULT_GAME = "League of Legends"
GAME_LIMIT = 60
DIVISION_LIMIT = 12
POINTS_LIMIT = 100_000
# Division, price and margin in major units, ranking points (docs: the default table).
DEFAULT_LINES = (
    ("D1", 45, 10, 45), ("D2", 35, 10, 40), ("D3", 30, 10, 35), ("D4", 30, 10, 30),
    ("E1", 18, 5, 21), ("E2", 15, 5, 18), ("E3", 12, 5, 15), ("E4", 12, 5, 12),
    ("P1", 10, 5, 8), ("P2", 10, 5, 6), ("P3", 8, 5, 4), ("P4", 8, 5, 2),
)  # fmt: skip
_CURRENT = """
SELECT id, game, version FROM tariff_versions
WHERE tenant_id = $1 AND lower(game) = lower($2) AND currency = $3 ORDER BY version DESC LIMIT 1
"""
_LINES = """
SELECT division, price_minor, margin_minor, points FROM tariff_lines
WHERE tenant_id = $1 AND version_id = $2 ORDER BY position
"""
_GAMES = """
SELECT game FROM tariff_versions WHERE tenant_id = $1 AND currency = $2
GROUP BY game ORDER BY min(created_at), game
"""
_ADD_VERSION = """
INSERT INTO tariff_versions (id, tenant_id, game, version, currency, created_by, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
_ADD_LINE = """
INSERT INTO tariff_lines (tenant_id, version_id, division, position, price_minor, margin_minor, points)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""


class TariffService:
    """Read and change tariffs."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def games(self, actor: Actor) -> tuple[str, ...]:
        """The games there are tariffs for, the first one first; a new shop gets the default table."""
        require(actor, Permission.TARIFF_LIST)
        async with self._db.tx(actor) as tx:
            return await ensure(tx, self._clock, await read_tenant(tx))

    async def current(self, actor: Actor, game: str | None = None) -> Tariff:
        """The newest tariff of a game; None: the tenant's first game.

        Raises:
            NotFound: `tariff.unknown_game`.
        """
        require(actor, Permission.TARIFF_LIST)
        async with self._db.tx(actor) as tx:
            tenant = await read_tenant(tx)
            games = await ensure(tx, self._clock, tenant)
            return await current_tariff(tx, tenant, game or games[0])

    async def quote(self, actor: Actor, start: str, target: str, game: str | None = None) -> Quote:
        """What the climb from one division to another costs, by the newest tariff.

        Raises:
            NotFound: `tariff.unknown_game`.
            InvalidInput: `tariff.unknown_division`, `tariff.no_climb`.
        """
        return quote(await self.current(actor, game), start, target)

    async def set_line(
        self, actor: Actor, game: str, division: str, price: Money, margin: Money, points: int
    ) -> Tariff:
        """Set a division's line in a new version; a new division goes last, a new game starts its own table.

        A line that is as asked already stays in its version, so the same command twice is one version. Orders
        completed before keep the version they were completed under.

        Raises:
            InvalidInput: A name is too long, or price, margin or points are out of range.
        """
        require(actor, Permission.TARIFF_CHANGE)
        game = clean_name(game, field="game", limit=GAME_LIMIT)
        division = clean_name(plain_division(division), field="division", limit=DIVISION_LIMIT)
        line = TariffLine(division, price, margin, points)
        async with self._db.tx(actor) as tx:
            tenant = await read_tenant(tx)
            _check_line(line, tenant)
            await ensure(tx, self._clock, tenant)
            await _hold(tx)
            before = await _find(tx, tenant, game)
            lines = _with_line(before.lines if before else (), line)
            if before is not None and lines == before.lines:
                return before
            tariff = await _add_version(tx, self._clock, tenant, before.game if before else game, lines)
            details: dict[str, object] = {"price_minor": price.minor, "margin_minor": margin.minor, "points": points}
            await record(tx, self._clock, "tariff.set_line", f"tariff {tariff.game} {division}", details)
            return tariff

    async def seed_default(self, actor: Actor, game: str = DEFAULT_GAME) -> Tariff:
        """Give the shop the default table for a game that has none; otherwise the one there is."""
        require(actor, Permission.TARIFF_CHANGE)
        async with self._db.tx(actor) as tx:
            return await seed_default(tx, self._clock, clean_name(game, field="game", limit=GAME_LIMIT))


async def seed_default(tx: Tx, clock: Clock, game: str = DEFAULT_GAME) -> Tariff:
    """The default table in the tenant's currency, if the game has no tariff; two at once make one."""
    tenant = await read_tenant(tx)
    await _hold(tx)
    known = await _find(tx, tenant, game)
    if known is not None:
        return known
    lines = tuple(
        TariffLine(division, Money.of(price, tenant.currency), Money.of(margin, tenant.currency), points)
        for division, price, margin, points in DEFAULT_LINES
    )
    return await _add_version(tx, clock, tenant, game, lines)


async def ensure(tx: Tx, clock: Clock, tenant: Tenant) -> tuple[str, ...]:
    """The tenant's games, after seeding the default when there is none."""
    games = await _games(tx, tenant)
    if not games:
        await seed_default(tx, clock)
        games = await _games(tx, tenant)
    return games


async def current_tariff(tx: Tx, tenant: Tenant, game: str) -> Tariff:
    """The newest tariff of a game, in the tenant's currency.

    Raises:
        NotFound: `tariff.unknown_game`.
    """
    name = clean_text(game, field="game", limit=len(game))
    tariff = await _find(tx, tenant, name)
    if tariff is None:
        raise NotFound("tariff.unknown_game", game=name[:GAME_LIMIT])
    return tariff


def _with_line(lines: Sequence[TariffLine], line: TariffLine) -> tuple[TariffLine, ...]:
    if any(known.division == line.division for known in lines):
        return tuple(line if known.division == line.division else known for known in lines)
    return (*lines, line)


def _check_line(line: TariffLine, tenant: Tenant) -> None:
    for field, amount in (("price", line.price), ("margin", line.margin)):
        if amount.currency != tenant.currency:
            raise InvalidInput("money.currency", field=field, currency=tenant.currency)
    if not 0 < line.price.minor <= MAX_MINOR:
        raise InvalidInput("tariff.price", field="price")
    if not 0 <= line.margin.minor <= line.price.minor:
        raise InvalidInput("tariff.margin", field="margin", price=line.price)
    if not 0 <= line.points <= POINTS_LIMIT:
        raise InvalidInput("tariff.points", field="points", limit=POINTS_LIMIT)


async def _hold(tx: Tx) -> None:
    await tx.value("SELECT hold_number('tariff')")


async def _games(tx: Tx, tenant: Tenant) -> tuple[str, ...]:
    return tuple(row["game"] for row in await tx.rows(_GAMES, tx.tenant_id, tenant.currency))


async def _find(tx: Tx, tenant: Tenant, game: str) -> Tariff | None:
    row = await tx.row(_CURRENT, tx.tenant_id, game.strip(), tenant.currency)
    if row is None:
        return None
    lines = await tx.rows(_LINES, tx.tenant_id, row["id"])
    return Tariff(row["id"], row["game"], row["version"], tuple(_line(line, tenant) for line in lines))


def _line(row: Row, tenant: Tenant) -> TariffLine:
    price, margin = tenant.money(row["price_minor"]), tenant.money(row["margin_minor"])
    return TariffLine(row["division"], price, margin, row["points"])


async def _add_version(tx: Tx, clock: Clock, tenant: Tenant, game: str, lines: tuple[TariffLine, ...]) -> Tariff:
    newest = "SELECT coalesce(max(version), 0) FROM tariff_versions WHERE tenant_id = $1 AND game = $2"
    version_id: UUID = uuid7()
    version = await tx.value(newest, tx.tenant_id, game) + 1
    await tx.run(_ADD_VERSION, version_id, tx.tenant_id, game, version, tenant.currency, tx.actor.member_id,
                 clock.now())  # fmt: skip
    await tx.run_many(_ADD_LINE, [
        (tx.tenant_id, version_id, line.division, place, line.price.minor, line.margin.minor, line.points)
        for place, line in enumerate(lines)
    ])  # fmt: skip
    return Tariff(version_id, game, version, lines)

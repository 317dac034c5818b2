"""Tariffs: the default table, versions, and what is refused."""

import asyncio
from typing import Any

import pytest

from domain.kernel.db import Database
from domain.kernel.errors import InvalidInput, NotFound
from domain.kernel.money import Money
from domain.orders.tariffs import DEFAULT_GAME, DEFAULT_LINES, TariffService
from domain.tenancy.dto import SettingsChange
from domain.tenancy.service import TenancyService
from sandbox.clock import ManualClock
from tests.fixtures.shop import Shop
from tests.integration.orders.desk import Desk, usd


@pytest.fixture
def tariffs(db: Database, clock: ManualClock) -> TariffService:
    return TariffService(db, clock)


async def test_a_new_shop_has_the_default_table(tariffs: TariffService, shop: Shop) -> None:
    tariff = await tariffs.current(shop.act("ana"))
    lines = [(line.division, line.price.minor, line.margin.minor, line.points) for line in tariff.lines]
    assert (tariff.game, tariff.version) == (DEFAULT_GAME, 1)
    assert lines == [(division, price * 100, margin * 100, points) for division, price, margin, points in DEFAULT_LINES]
    assert await tariffs.games(shop.act("ana")) == (DEFAULT_GAME,)


async def test_the_default_table_is_seeded_once_even_at_once(tariffs: TariffService, shop: Shop) -> None:
    seeded = await asyncio.gather(*(tariffs.current(shop.owner) for _ in range(8)))
    assert len({tariff.id for tariff in seeded}) == 1
    assert await tariffs.seed_default(shop.act("owner")) == seeded[0]


async def test_amounts_follow_the_currencys_smallest_unit(
    tariffs: TariffService, shop: Shop, db: Database, clock: ManualClock
) -> None:
    await tariffs.current(shop.owner)
    await TenancyService(db, clock).change_settings(shop.act("owner"), SettingsChange(currency="JPY"))
    tariff = await tariffs.current(shop.owner)
    assert (tariff.lines[0].price, tariff.version) == (Money(45, "JPY"), 2)


async def test_a_change_is_a_new_version_and_the_same_again_is_none(tariffs: TariffService, shop: Shop) -> None:
    for _ in range(2):
        tariff = await tariffs.set_line(shop.act("admin"), DEFAULT_GAME, " d1 ", usd("50"), usd("12.50"), 45)
    assert (tariff.version, tariff.lines[0].price, len(tariff.lines)) == (2, usd("50"), 12)
    grown = await tariffs.set_line(shop.act("admin"), DEFAULT_GAME, "M", usd("90"), usd("20"), 60)
    assert (grown.version, grown.lines[-1].division, len(grown.lines)) == (3, "M", 13)


async def test_changes_at_once_are_versions_of_their_own(tariffs: TariffService, shop: Shop) -> None:
    await tariffs.current(shop.owner)
    changes = (tariffs.set_line(shop.act("admin"), DEFAULT_GAME, f"X{n}", usd("9"), usd("1"), 2) for n in range(6))
    assert sorted(tariff.version for tariff in await asyncio.gather(*changes)) == [2, 3, 4, 5, 6, 7]
    assert len((await tariffs.current(shop.owner)).lines) == 18


async def test_a_second_game_has_its_own_table(tariffs: TariffService, shop: Shop, desk: Desk) -> None:
    await tariffs.set_line(shop.act("admin"), "Valorant", "Ascendant 1", usd("30"), usd("8"), 25)
    assert await tariffs.games(shop.owner) == (DEFAULT_GAME, "Valorant")
    order = await desk.draft(game="valorant", target_division="ascendant  1")
    assert (order.game, order.target_division, order.price) == ("Valorant", "ASCENDANT 1", usd("30"))
    with pytest.raises(NotFound, match=r"tariff\.unknown_game"):
        await tariffs.current(shop.owner, "Chess")


@pytest.mark.parametrize(
    "change",
    [
        {"price": usd("0")}, {"price": usd("-1")}, {"margin": usd("-1")}, {"margin": usd("45.01")}, {"points": -1},
        {"points": 10**6}, {"division": ""}, {"division": "x" * 13}, {"game": ""}, {"game": "x" * 61},
        {"price": Money(4500, "EUR")}, {"margin": Money(100, "EUR")}, {"price": Money(10**18, "USD")},
    ],
)  # fmt: skip
async def test_a_line_that_cannot_be_is_refused(tariffs: TariffService, shop: Shop, change: dict[str, Any]) -> None:
    line = {"game": DEFAULT_GAME, "division": "D1", "price": usd("45"), "margin": usd("10"), "points": 45, **change}
    before = await tariffs.current(shop.owner)
    with pytest.raises(InvalidInput):
        await tariffs.set_line(shop.act("admin"), **line)
    assert await tariffs.current(shop.owner) == before


async def test_an_orders_target_is_in_the_tariff_and_gives_its_price(desk: Desk) -> None:
    with pytest.raises(InvalidInput, match=r"tariff\.unknown_division"):
        await desk.draft(target_division="Iron")
    assert (await desk.draft(target_division="p4")).price == usd("8")
